"""Whose it is: owners, what they say of themselves, their sessions and their own addresses."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text

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
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    owner_column(),
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
