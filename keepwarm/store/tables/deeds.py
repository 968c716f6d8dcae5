"""What we do about it: plans, talks, follow-ups, the outbox, and what keeps the house in order."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from keepwarm.store.tables.base import Moment, metadata, own_id, owner_column

plan = Table(  # what the owner works toward; several side by side, any of them may rest
    "plan",
    metadata,
    own_id(),
    owner_column(),
    Column("goal", String(32), nullable=False),  # METHOD.md section 1
    Column("words", Text, nullable=False, default=""),  # the same in the owner's own
    Column("resting", Boolean, nullable=False, default=False),
    Column("position", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
)

plan_entry = Table(  # somebody to talk to, or a role at an organisation that has no name yet
    "plan_entry",
    metadata,
    own_id(),
    owner_column(),
    Column("plan_id", String(32)),  # None: of no plan, made before there was one
    Column("contact_id", String(32), index=True),
    Column("goal", String(32)),  # None: that of the plan
    Column("find_out", Text, nullable=False, default=""),
    Column("role", Text, nullable=False, default=""),
    Column("organisation", Text, nullable=False, default=""),
    Column("sector", Text, nullable=False, default=""),
    Column("named_person", Text, nullable=False, default=""),
    Column("channel", String(16), nullable=False, default=""),
    Column("introducer_id", String(32)),
    Column("reading", Text, nullable=False, default=""),
    Column("said", String(16), nullable=False, default=""),  # the owner's word on how it stands; empty: what happened
    Column("said_at", Moment),
    Column("rest_until", Date),
    Column("passed", Boolean, nullable=False, default=False),  # proposed once, and not wanted
    Column("finding", String(16), nullable=False, default=""),  # what a talk about it showed: keepwarm.plan.FINDINGS
    Column("position", Integer, nullable=False, default=0),  # the owner's own order, from 1; 0: as proposed
    Column("created_at", Moment, nullable=False),
)

introduction = Table(  # the owner asked somebody (via) to be introduced to somebody else
    "introduction",
    metadata,
    own_id(),
    owner_column(),
    Column("via_id", String(32), nullable=False),
    Column("contact_id", String(32), nullable=False),
    Column("said", String(12), nullable=False),  # keepwarm.introductions.SAID
    Column("said_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
)

news_round = Table(  # those who helped are told how it goes
    "news_round",
    metadata,
    own_id(),
    owner_column(),
    Column("kind", String(12), nullable=False),  # progress, closing
    Column("news", JSON, nullable=False),  # what the owner said, by language
    Column("begun_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("left_out", JSON, nullable=False, default=list),  # ids of contacts
)

note = Table(
    "note",
    metadata,
    own_id(),
    owner_column(),
    Column("contact_id", String(32), nullable=False, index=True),
    Column("event_id", BigInteger),
    Column("at", Moment, nullable=False),
    Column("said", Text, nullable=False, default=""),
    Column("tips", Text, nullable=False, default=""),
    Column("no_talk", Boolean, nullable=False, default=False),  # they were in touch, by mail or telephone: no more
)

promise = Table(
    "promise",
    metadata,
    own_id(),
    owner_column(),
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
    owner_column(),
    Column("type", String(24)),
    Column("goal", String(32)),
    Column("reading", Text, nullable=False, default=""),
    Column("no_brief", Boolean, nullable=False, default=False),
    Column("questions", JSON, nullable=False, default=list),  # for this talk alone
)

own_list = Table(  # what the owner changed about a prepared list: differences, never a copy
    "own_list",
    metadata,
    own_id(),
    owner_column(),
    Column("type", String(24), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("hidden", JSON, nullable=False, default=list),  # ids of prepared questions
    Column("worded", JSON, nullable=False, default=dict),  # own words by id
    Column("added", JSON, nullable=False, default=list),
    UniqueConstraint("owner_id", "type", "lang"),
)

follow_up = Table(
    "follow_up",
    metadata,
    own_id(),
    owner_column(),
    Column("contact_id", String(32), nullable=False),
    Column("cycle", String(64), nullable=False),  # the period since the last real contact: one follow-up in each
    Column("at", Moment, nullable=False),
    Column("wall", String(32), nullable=False),  # local wall time as ISO text, beside the zone (RELIABILITY.md D2)
    Column("zone", String(64), nullable=False),
    Column("state", String(12), nullable=False),  # planned, placed, moved, deleted, done, removed
    Column("reason", JSON, nullable=False, default=dict),
    Column("account_id", String(32), nullable=False, default=""),  # whose calendar its event stands in; "": ours
    Column("missing_at", Moment),  # its event was not there at this look: believed at a second one
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
    own_id(),
    owner_column(),
    Column("key", String(160), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),  # of keepwarm.mails, draft, follow_up_put, follow_up_remove
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
    own_id(),
    owner_column(),
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
