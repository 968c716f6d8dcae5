"""Who is in it: addresses, contacts and what the owner changed about them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from keepwarm.store.tables.base import Moment, metadata, own_id, owner_column

ERASED = "erased"  # in place of the address and match form of somebody erased

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

tally = Table(  # what is counted of a contact's touches, derived; a row that is there is true (docs/decisions/0018)
    "tally",
    metadata,
    Column("contact_id", String(32), primary_key=True),
    owner_column(),
    Column("sent", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("meetings", Integer, nullable=False),
    Column("small_meetings", Integer, nullable=False),
    Column("first_at", Moment),
    Column("last_at", Moment),
    Column("until", Moment),  # when the next touch is counted: a meeting ahead; None: there is none
)

contact = Table(
    "contact",
    metadata,
    own_id(),
    owner_column(),
    Column("name", Text, nullable=False),
    Column("state", String(12), nullable=False),  # proposed, active, ignored, never, erased
    Column("private", Boolean, nullable=False, default=False),  # family, a doctor: no networking talk
    Column("circle", String(12)),  # the owner's word; None: proposed from evidence when shown
    Column("close", Boolean, nullable=False, default=False),  # of the closest fifteen, the owner's word
    Column("organisation", Text, nullable=False, default=""),
    Column("role", Text, nullable=False, default=""),
    Column("organisation_kind", Text, nullable=False, default=""),
    Column("interesting", Boolean, nullable=False, default=False),  # an interesting role or organisation
    Column("can_help", JSON, nullable=False, default=list),  # keys of keepwarm.plan.HELP
    Column("register", String(12)),  # je, u / informal, formal; None: proposed
    Column("lang", String(8)),  # None: the owner's
    Column("origins", JSON, nullable=False, default=list),
    Column("rhythm_days", Integer),
    Column("paused_until", Date),
    Column("died", Boolean, nullable=False, default=False),  # laid to rest: the state is never, and nothing is said
    Column("introducer_address_id", BigInteger),  # who brought them in: author of the first mail they appear in
    Column("edited", JSON, nullable=False, default=list),  # fields the owner set: detection leaves them alone
    Column("proposed_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Index("contact_state", "owner_id", "state"),
    Index("contact_introducer", "owner_id", "introducer_address_id"),
)

suggestion = Table(  # two contacts that are likely one person, with the reason; never joined by itself
    "suggestion",
    metadata,
    own_id(),
    owner_column(),
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
    owner_column(),
    Column("at", Moment, nullable=False),
    Column("what", String(24), nullable=False),  # accept, ignore, never, join, edit, import ...
    Column("label", Text, nullable=False, default=""),
    Column("before", JSON, nullable=False),  # [[table, key, row or null], ...] in the order they changed
    Column("undone_at", Moment),
)
