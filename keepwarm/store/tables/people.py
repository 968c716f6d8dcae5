"""Who is in it: addresses, contacts and what the owner changed about them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects import postgresql

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

tag = Table(  # a free word of the owner's on somebody
    "tag",
    metadata,
    own_id(),
    owner_column(),
    Column("contact_id", String(32), nullable=False, index=True),
    Column("word", Text, nullable=False),
    Column("key", String(120), nullable=False),  # the word as it is compared: keepwarm.contacts.folded
    UniqueConstraint("owner_id", "contact_id", "key"),
    Index("tag_key", "owner_id", "key"),
)

listing = (
    Table(  # derived, one row a contact: what is counted of people, and by what a list of them is searched and sorted
        "listing",
        metadata,
        Column("contact_id", String(32), primary_key=True),
        owner_column(),
        Column("words", Text, nullable=False),  # keepwarm.contacts.search_text
        Column("sorting", Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), nullable=False),
        Column("organisation", Text, nullable=False),  # keepwarm.contacts.organisation_key
        Column("circle", String(12), nullable=False),  # the owner's word, else from evidence
        Column("strength", Integer, nullable=False),  # how two-way it is: keepwarm.store.people.Counts
        Column("last_at", Moment),  # the last touch or note
        Column("met", Boolean, nullable=False),  # whether there was a meeting or a talk noted
        Column("sent", Integer, nullable=False),
        Column("received", Integer, nullable=False),
        Column("meetings", Integer, nullable=False),
        Column("small_meetings", Integer, nullable=False),
        Column("first_at", Moment),  # the first touch
        Column("touched_at", Moment),  # the last one
        Column("until", Moment),  # when the next touch is counted: a meeting ahead; None: there is none
        Column("counted", Boolean, nullable=False),  # false since a touch came or went: triggers see to that (0014)
        Index("listing_sorting", "owner_id", "sorting"),
    )
)

likeness = Table(  # derived: what the names and addresses of people look like, to find who looks like somebody else
    "likeness",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("bones", BigInteger, primary_key=True, autoincrement=False),  # of keepwarm.contacts.skeleton
    Column("contact_id", String(32), primary_key=True),
    Index("likeness_contact", "contact_id"),
    sqlite_with_rowid=False,
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

never_entry = Table(  # an address or a domain that the owner wants nothing to do with; its mark is a tombstone too
    "never_entry",
    metadata,
    own_id(),
    owner_column(),
    Column("kind", String(8), nullable=False),  # address, domain
    Column("value", String(320), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("owner_id", "value"),
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
