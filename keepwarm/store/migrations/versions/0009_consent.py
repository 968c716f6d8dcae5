"""Accounts connected by consent: when to ask for notices again and why there are none, purses and places of calls.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("stream", sa.Column("notices", sa.Text(), nullable=False, server_default=""))
    op.add_column("stream", sa.Column("polled_why", sa.Text(), nullable=False, server_default=""))
    op.add_column("stream", sa.Column("progress_at", sa.BigInteger(), nullable=True))
    op.add_column("stream", sa.Column("subscribe_at", sa.BigInteger(), nullable=True))
    op.add_column("subscription", sa.Column("pulled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("subscription_remote", "subscription", ["remote_ref"])
    op.add_column("grant_", sa.Column("renewed_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "place",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "purse",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("spent", sa.JSON(), nullable=False),
    )
