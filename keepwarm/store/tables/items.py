"""What was read: mails, events and cards, and who took part in them."""

from __future__ import annotations

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
    String,
    Table,
    Text,
)

from keepwarm.store.tables.base import Moment, metadata
from keepwarm.types import Role

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
    Column("resource_ref", Text, nullable=False, default=""),  # what holds it there: a series is one resource
    Index("event_resource", "stream_id", "resource_ref"),
    Index("event_time", "owner_id", "start_at"),
    Index("event_end", "owner_id", "end_at"),
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
    Column("was", JSON(none_as_null=True)),  # organisation and role of the version before, where this one differs
    Column("changed_at", Moment),  # when that was seen
    Column("fingerprint", String(32), nullable=False),
    Column("contact_id", String(32), index=True),
    Column("stream_id", String(32)),
    Column("batch_id", String(32)),
    Column("resource_ref", Text, nullable=False, default=""),
    Index("card_batch", "batch_id"),
    Index("card_resource", "stream_id", "resource_ref"),
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
    Index("participant_address", "owner_id", "address_id", "at"),  # who was seen with somebody: ties, erasing
    sqlite_with_rowid=False,
)

EVENT_ROLES = (Role.ORGANISER, Role.ATTENDEE)  # the others are of mails


def plays(people: FromClause, *roles: Role) -> ColumnElement[bool]:
    """Whether a participant (the table or an alias of it) has one of these roles."""
    return people.c.roles.op("&")(sum(each.bit for each in roles)) != 0


holding = Table(  # a calendar that holds an event beside the one that its row names
    "holding",
    metadata,
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", String(32), primary_key=True),
    Column("owner_id", String(32), nullable=False),
    Column("resource_ref", Text, nullable=False),
    Index("holding_stream", "stream_id", "resource_ref"),
    sqlite_with_rowid=False,
)

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
