"""What owners say of themselves: a profile each, and the organisations where they would like to be.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXTS = ("role", "wishes", "education", "experience")
LISTS = ("sectors", "regions", "spoken", "written", "checked")


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in LISTS),
        sa.Column("card_away", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="profile_pkey"),
    )
    op.create_index("ix_profile_owner_id", "profile", ["owner_id"])
    op.create_table(
        "target",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "why", "link")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="target_pkey"),
    )
    op.create_index("ix_target_owner_id", "target", ["owner_id"])
