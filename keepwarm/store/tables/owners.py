"""Whose it is: owners, what they say of themselves, their sessions and their own addresses."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from keepwarm.store.tables.base import Moment, metadata, own_id, owner_column

owner = Table(
    "owner",
    metadata,
    own_id(),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("password_hash", Text),
    Column("lang", String(8), nullable=False, default="en"),
    Column("zone", String(64), nullable=False, default="UTC"),
    Column("country", String(2), nullable=False, default="NL"),
    Column("region", String(8), nullable=False, default=""),
    Column("settings", JSON, nullable=False, default=dict),  # pace overrides by field name of keepwarm.pace.Pace
    Column("salt", String(32), nullable=False),  # for tombstones
    Column("held", Boolean, nullable=False, default=False),  # the global stop switch: nothing goes out
    Column("detected_at", Moment),  # when all evidence was last looked at; None: there is news since
    Column("created_at", Moment, nullable=False),
    Column("operator", Boolean, nullable=False, default=False),  # runs this installation: the first who was made
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    owner_column(),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),  # the beginning of the day (UTC) on which it was last used
    Column("device", String(64), nullable=False, default=""),  # browser and system in words, never what was sent
)

one_time_token = Table(  # the printed address: used once
    "one_time_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

password_link = Table(  # a way to a new password; its address follows from the id (`workers.letting_in`)
    "password_link",
    metadata,
    own_id(),
    owner_column(),  # empty until a worker looked whose it is
    Column("email", String(320), nullable=False, default=""),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("used_at", Moment),
)

bound_identity = Table(  # who somebody is elsewhere, and may sign in as: by issuer and subject, never by an address
    "bound_identity",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("sub", String(255), primary_key=True),  # the subject, as OpenID Connect spells it
    owner_column(),
    Column("provider", String(16), nullable=False),
    Column("label", Text, nullable=False, default=""),  # the address it had when it was bound, for its owner to see
    Column("created_at", Moment, nullable=False),
)

invitation = Table(  # to make an account of one's own here; its address follows from the id
    "invitation",
    metadata,
    own_id(),
    Column("email", String(320), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

failed_try = Table(  # what slows guessing down, in all web processes together; the key is a hash of whom it counts for
    "failed_try",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Index("failed_try_key", "key", "at"),
    Index("failed_try_at", "at"),
)

own_address = Table(  # the owner's own addresses; `own` false is the owner's word that it is not theirs
    "own_address",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("origin", String(16), nullable=False),  # given, inferred, provider
    Column("own", Boolean, nullable=False, default=True),
)

profile = Table(  # who the owner is and what they want; one row each, its id that of the owner
    "profile",
    metadata,
    own_id(),
    owner_column(),
    Column("role", Text, nullable=False, default=""),
    Column("wishes", Text, nullable=False, default=""),
    Column("education", Text, nullable=False, default=""),
    Column("experience", Text, nullable=False, default=""),
    Column("sectors", JSON, nullable=False, default=list),
    Column("regions", JSON, nullable=False, default=list),
    Column("spoken", JSON, nullable=False, default=dict),  # the introduction by language
    Column("written", JSON, nullable=False, default=dict),
    Column("checked", JSON, nullable=False, default=list),  # keys of keepwarm.profile.CHECKS
    Column("card_away", Boolean, nullable=False, default=False),  # the card for a first talk was put away
)

target = Table(  # an organisation where the owner would like to be
    "target",
    metadata,
    own_id(),
    owner_column(),
    Column("name", Text, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("link", Text, nullable=False, default=""),
    Column("position", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
)
