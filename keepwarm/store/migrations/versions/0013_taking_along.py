"""Addresses and domains that are never contacted; what an import of our own export brought.

Revision ID: 0013
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "never_entry",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner_id", sa.String(32), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.String(320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("owner_id", "value"),
    )
    op.create_table(
        "brought",
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("owner_id", sa.String(32), nullable=False, index=True),
        sa.Column("batch_id", sa.String(32), nullable=False, index=True),
        sa.Column("section", sa.String(24), nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("key", sa.String(320), nullable=False),
        sa.Column("table_name", sa.String(32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
    )
