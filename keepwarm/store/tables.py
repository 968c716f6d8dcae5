"""Every table, in reading order: whose it is, where it comes from, what was read, who is in it, what we do about it.

Known to `keepwarm.store` alone. Bulk rows (message, event, card, address) have a 63-bit key, a hash of the owner
and of what identifies the thing outside (`identity`), so that writing a thing twice is one row without a look-up.
Times are `Moment`: aware UTC in, aware UTC out, kept as whole microseconds so that both databases order them alike.
No table has a column for a body or for the subject of a mail; `tests/keepwarm/store/test_tables.py` guards that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from keepwarm.types import Role

ERASED = "erased"  # in place of the address and match form of somebody erased
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """The moment as it is stored. Refuses naive values."""
    if at.tzinfo is None:
        raise ValueError("a naive time reached the store")
    return (at - EPOCH) // timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as microseconds since 1970, UTC. Refuses naive values."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002 - SQLAlchemy's form
        if value is None:
            return None
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + timedelta(microseconds=value)


def identity(owner_id: str, *parts: str) -> int:
    """The key of a bulk row: 63 bits, from the owner and what identifies the thing outside."""
    digest = blake2b("\x1f".join((owner_id, *parts)).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> 1


metadata = MetaData()


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _owner() -> Column[str]:
    return Column("owner_id", String(32), nullable=False, index=True)


# --- whose it is ---------------------------------------------------------------------------------------------------

owner = Table(
    "owner",
    metadata,
    _id(),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("password_hash", Text),
    Column("lang", String(8), nullable=False, default="en"),
    Column("zone", String(64), nullable=False, default="UTC"),
    Column("country", String(2), nullable=False, default="NL"),
    Column("region", String(8), nullable=False, default=""),
    Column("goal", String(32)),  # one of METHOD.md section 1; None: just stay in touch
    Column("settings", JSON, nullable=False, default=dict),  # pace overrides by field name of keepwarm.pace.Pace
    Column("salt", String(32), nullable=False),  # for tombstones
    Column("held", Boolean, nullable=False, default=False),  # the global stop switch: nothing goes out
    Column("detected_at", Moment),  # when all evidence was last looked at; None: there is news since
    Column("created_at", Moment, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _owner(),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

one_time_token = Table(  # the printed address, later invitations: used once
    "one_time_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

own_address = Table(  # the owner's own addresses; `own` false is the owner's word that it is not theirs
    "own_address",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("origin", String(16), nullable=False),  # given, inferred, provider
    Column("own", Boolean, nullable=False, default=True),
)

# --- where it comes from -------------------------------------------------------------------------------------------

account = Table(
    "account",
    metadata,
    _id(),
    _owner(),
    Column("provider", String(32), nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("settings", JSON, nullable=False, default=dict),
    Column("connected_at", Moment, nullable=False),
    Column("disconnected_at", Moment),
)

grant = Table(
    "grant_",
    metadata,
    Column("account_id", String(32), primary_key=True),
    _owner(),
    Column("sealed", Text, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("lease_until", Moment),
)

stream = Table(
    "stream",
    metadata,
    _id(),
    _owner(),
    Column("account_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("place_ref", Text, nullable=False, default=""),
    Column("cursor", Text, nullable=False, default=""),
    Column("stale_since", Moment),
    Column("generation", Integer, nullable=False, default=0),  # raised by every mark: news during a sync is seen
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False, default=0),
    Column("compared_at", Moment),
    Column("retry_at", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    UniqueConstraint("owner_id", "account_id", "kind", "place_ref"),
    Index("stream_stale", "stale_since", "retry_at"),
)

subscription = Table(
    "subscription",
    metadata,
    _id(),
    _owner(),
    Column("stream_id", String(32), nullable=False),
    Column("remote_ref", Text, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

batch = Table(  # one import: its stream is of kind "files" with the batch id as place_ref
    "batch",
    metadata,
    _id(),
    _owner(),
    Column("stream_id", String(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("uploaded", Boolean, nullable=False, default=False),  # paths lie in our own upload folder: remove when done
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("undone_at", Moment),
    Column("read_bytes", BigInteger, nullable=False, default=0),
    Column("total_bytes", BigInteger, nullable=False, default=0),
    Column("seconds", Integer, nullable=False, default=0),
)

source = Table(  # one file, Maildir or archive entry of a batch, with its counts: read = the four others
    "source",
    metadata,
    _id(),
    _owner(),
    Column("batch_id", String(32), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("fingerprint", Text, nullable=False, default=""),
    Column("size", BigInteger, nullable=False, default=0),
    Column("stored", Integer, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),
    Column("skipped", Integer, nullable=False, default=0),
    Column("quarantined", Integer, nullable=False, default=0),
    Column("reasons", JSON, nullable=False, default=dict),
    Column("done", Boolean, nullable=False, default=False),
    Column("position", Integer, nullable=False, default=0),  # order within the batch
    UniqueConstraint("batch_id", "path"),
)

# --- what was read -------------------------------------------------------------------------------------------------

message = Table(
    "message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # identity(owner, "message", ref)
    Column("owner_id", String(32), nullable=False),
    Column("ref", String(64), nullable=False),
    Column("at", Moment),
    Column("marks", Integer, nullable=False, default=0),  # keepwarm.types.MailMark
    Column("recipients", Integer, nullable=False, default=0),
    Column("stream_id", String(32)),
    Column("batch_id", String(32)),
    Index("message_batch", "batch_id"),
)

event = Table(
    "event",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # identity(owner, "event", uid, occurrence)
    Column("owner_id", String(32), nullable=False),
    Column("uid", Text, nullable=False),
    Column("occurrence", String(64), nullable=False, default=""),
    Column("title", Text, nullable=False, default=""),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("zone_guessed", Boolean, nullable=False, default=False),
    Column("all_day", Boolean, nullable=False, default=False),
    Column("recurring", Boolean, nullable=False, default=False),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("busy", Boolean, nullable=False, default=True),
    Column("location", Text, nullable=False, default=""),
    Column("fingerprint", String(32), nullable=False),  # of all the above and the participants: unchanged means known
    Column("generation", Integer, nullable=False, default=0),  # raised when start, state or participants change
    Column("first_seen_at", Moment, nullable=False),  # when it was booked, as far as we know
    Column("gone_at", Moment),  # the provider no longer has it
    Column("stream_id", String(32)),
    Column("batch_id", String(32)),
    Index("event_time", "owner_id", "start_at"),
    Index("event_batch", "batch_id"),
)

card = Table(
    "card",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # identity(owner, "card", source, ref)
    Column("owner_id", String(32), nullable=False, index=True),
    Column("source", String(24), nullable=False),
    Column("ref", Text, nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("organisation", Text, nullable=False, default=""),
    Column("role", Text, nullable=False, default=""),
    Column("phone", Text, nullable=False, default=""),
    Column("url", Text, nullable=False, default=""),
    Column("connected_on", Date),
    Column("birthday", String(10), nullable=False, default=""),
    Column("origins", JSON, nullable=False, default=list),
    Column("fingerprint", String(32), nullable=False),
    Column("contact_id", String(32), index=True),
    Column("stream_id", String(32)),
    Column("batch_id", String(32)),
    Index("card_batch", "batch_id"),
)

card_address = Table(
    "card_address",
    metadata,
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("address_id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", String(32), nullable=False),
    Index("card_address_address", "owner_id", "address_id"),
)

participant = Table(  # who took part in which mail or event: counts, ties and introductions all come from here
    "participant",
    metadata,
    Column("owner_id", String(32), primary_key=True),  # first in the key: what is one owner's lies together
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),  # message.id or event.id
    Column("address_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "roles", Integer, nullable=False
    ),  # the bits of keepwarm.types.Role; mails and events have roles of their own
    Column("at", Moment),
    Column("name", Text, nullable=False, default=""),
    Column("reply", String(16), nullable=False, default="none"),
    Column("resource", Boolean, nullable=False, default=False),
    sqlite_with_rowid=False,
)

EVENT_ROLES = (Role.ORGANISER, Role.ATTENDEE)  # the others are of mails


def plays(people: FromClause, *roles: Role) -> ColumnElement[bool]:
    """Whether a participant (the table or an alias of it) has one of these roles."""
    return people.c.roles.op("&")(sum(each.bit for each in roles)) != 0


sighting = Table(  # an item that a further batch held too: undoing the first batch must not lose it
    "sighting",
    metadata,
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    Column("batch_id", String(32), primary_key=True),
    Column("owner_id", String(32), nullable=False),
    Column("kind", String(1), nullable=False),  # m, e or c
    Column("at", Moment, nullable=False),
    Column("image", JSON(none_as_null=True)),  # how that batch held it, where that is not how it is stored now
    Index("sighting_batch", "batch_id"),
    sqlite_with_rowid=False,
)

# --- who is in it --------------------------------------------------------------------------------------------------

address = Table(
    "address",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # identity(owner, "address", address)
    Column("owner_id", String(32), nullable=False),
    Column("address", String(320), nullable=False),  # lower case; an e-mail address or linkedin:slug
    Column("match", String(320), nullable=False),  # canonical for matching only: no plus part, gmail dots removed
    Column("contact_id", String(32), index=True),
    Index("address_match", "owner_id", "match"),
)

touch = Table(  # derived by keepwarm.interactions from participants; rebuilt when the own addresses change
    "touch",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("address_id", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(1), primary_key=True),  # s sent, r received, m meeting
    Column("at", Moment, nullable=False),  # meetings lie in the future too: readers filter by their moment
    sqlite_with_rowid=False,
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _owner(),
    Column("name", Text, nullable=False),
    Column("state", String(12), nullable=False),  # proposed, active, ignored, never, erased
    Column("private", Boolean, nullable=False, default=False),  # family, a doctor: no networking talk
    Column("circle", String(12)),  # the owner's word; None: proposed from evidence when shown
    Column("close", Boolean, nullable=False, default=False),  # of the closest fifteen, the owner's word
    Column("organisation", Text, nullable=False, default=""),
    Column("role", Text, nullable=False, default=""),
    Column("register", String(12)),  # je, u / informal, formal; None: proposed
    Column("lang", String(8)),  # None: the owner's
    Column("origins", JSON, nullable=False, default=list),
    Column("rhythm_days", Integer),
    Column("paused_until", Date),
    Column("introducer_address_id", BigInteger),  # who brought them in: author of the first mail they appear in
    Column("edited", JSON, nullable=False, default=list),  # fields the owner set: detection leaves them alone
    Column("proposed_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Index("contact_state", "owner_id", "state"),
)

suggestion = Table(  # two contacts that are likely one person, with the reason; never joined by itself
    "suggestion",
    metadata,
    _id(),
    _owner(),
    Column("contact_a", String(32), nullable=False),
    Column("contact_b", String(32), nullable=False),
    Column("reason", JSON, nullable=False),  # {"key": …, values}: put into words by keepwarm.contacts
    Column("state", String(12), nullable=False, default="open"),  # open, joined, declined
    UniqueConstraint("owner_id", "contact_a", "contact_b"),
)

tombstone = Table(  # an erased or never person stays away: salted hashes only
    "tombstone",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("hash", String(64), primary_key=True),
)

change = Table(  # what the owner changed, with the rows as they were: the undo log
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _owner(),
    Column("at", Moment, nullable=False),
    Column("what", String(24), nullable=False),  # accept, ignore, never, join, edit, import ...
    Column("label", Text, nullable=False, default=""),
    Column("before", JSON, nullable=False),  # [[table, key, row or null], ...] in the order they changed
    Column("undone_at", Moment),
)

# --- what we do about it -------------------------------------------------------------------------------------------

plan_entry = Table(
    "plan_entry",
    metadata,
    _id(),
    _owner(),
    Column("contact_id", String(32), index=True),
    Column("goal", String(32)),
    Column("find_out", Text, nullable=False, default=""),
    Column("role", Text, nullable=False, default=""),
    Column("organisation", Text, nullable=False, default=""),
    Column("sector", Text, nullable=False, default=""),
    Column("named_person", Text, nullable=False, default=""),
    Column("channel", String(16), nullable=False, default=""),
    Column("introducer_id", String(32)),
    Column("state", String(16), nullable=False, default="to_approach"),
    Column("position", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
)

note = Table(
    "note",
    metadata,
    _id(),
    _owner(),
    Column("contact_id", String(32), nullable=False, index=True),
    Column("event_id", BigInteger),
    Column("at", Moment, nullable=False),
    Column("said", Text, nullable=False, default=""),
    Column("tips", Text, nullable=False, default=""),
)

promise = Table(
    "promise",
    metadata,
    _id(),
    _owner(),
    Column("contact_id", String(32), nullable=False, index=True),
    Column("mine", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_on", Date),
    Column("made_at", Moment, nullable=False),
    Column("done_at", Moment),
)

talk = Table(  # what the owner settled about one coming or past conversation; the event itself is in `event`
    "talk",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    _owner(),
    Column("type", String(24)),
    Column("goal", String(32)),
    Column("reading", Text, nullable=False, default=""),
    Column("no_brief", Boolean, nullable=False, default=False),
)

follow_up = Table(
    "follow_up",
    metadata,
    _id(),
    _owner(),
    Column("contact_id", String(32), nullable=False),
    Column("cycle", String(64), nullable=False),  # the period since the last real contact: one follow-up in each
    Column("at", Moment, nullable=False),
    Column("wall", String(32), nullable=False),  # local wall time as ISO text, beside the zone (RELIABILITY.md D2)
    Column("zone", String(64), nullable=False),
    Column("state", String(12), nullable=False),  # planned, placed, moved, deleted, done, removed
    Column("reason", JSON, nullable=False, default=dict),
    Column("event_fingerprint", Text, nullable=False, default=""),  # of what we last wrote: a difference is the owner's
    Column("sequence", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Index("follow_up_time", "owner_id", "at"),
)

Index(  # one in each period; those we took away ourselves do not stand in the way of a new one
    "follow_up_cycle",
    follow_up.c.owner_id,
    follow_up.c.contact_id,
    follow_up.c.cycle,
    unique=True,
    sqlite_where=follow_up.c.state != "removed",
    postgresql_where=follow_up.c.state != "removed",
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _owner(),
    Column("key", String(160), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),  # brief, note, digest, alarm, follow_up_put, follow_up_remove
    Column("subject_ref", String(64), nullable=False, default=""),  # event id, contact id or follow-up id it is about
    Column("payload", JSON, nullable=False, default=dict),
    Column("account_id", String(32)),  # None: the local mailbox and calendar
    Column("run_at", Moment, nullable=False),
    Column("not_after", Moment),
    Column("state", String(12), nullable=False),  # due, sending, sent, unknown, skipped, failed
    Column("reason", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False, default=0),
    Column("generation", Integer, nullable=False, default=0),
    Column("remote_ref", Text, nullable=False, default=""),
    Column("fingerprint", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("outbox_due", "state", "run_at"),
    Index("outbox_subject", "owner_id", "subject_ref"),
)

duty = Table(
    "duty",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("period", Integer, nullable=False),  # seconds
    Column("grace", Integer, nullable=False),  # seconds
    Column("last_ok_at", Moment),
    Column("last_error", Text, nullable=False, default=""),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    _owner(),
    Column("place", Text, nullable=False),  # file, stream or outbox row
    Column("position", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("batch_id", String(32), nullable=False, default="", index=True),
    Column("stream_id", String(32), nullable=False, default=""),
    UniqueConstraint("owner_id", "batch_id", "place", "position", "digest"),
)

instance = Table(  # facts about this installation: identifier, epoch, zone data version
    "instance",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("value", Text, nullable=False),
)
