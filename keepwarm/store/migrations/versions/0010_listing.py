"""Tags on people, and by what a list of them is searched, filtered and sorted; 0015 fills it.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="tag_pkey"),
        sa.UniqueConstraint("owner_id", "contact_id", "key"),
    )
    op.create_index("ix_tag_owner_id", "tag", ["owner_id"])
    op.create_index("ix_tag_contact_id", "tag", ["contact_id"])
    op.create_index("tag_key", "tag", ["owner_id", "key"])
    plainly_sorted = sa.Text().with_variant(sa.dialects.postgresql.TEXT(collation="C"), "postgresql")
    op.create_table(
        "listing",
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sorting", plainly_sorted, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("circle", sa.String(length=12), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.Column("small_meetings", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=True),
        sa.Column("touched_at", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="listing_pkey"),
    )
    op.create_index("ix_listing_owner_id", "listing", ["owner_id"])
    op.create_index("listing_sorting", "listing", ["owner_id", "sorting"])
    op.create_table(
        "likeness",
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("bones", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "bones", "contact_id", name="likeness_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("likeness_contact", "likeness", ["contact_id"])
