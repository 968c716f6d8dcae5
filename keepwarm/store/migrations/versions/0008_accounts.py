"""Accounts that stay connected: what holds an item there, what waits for a second look, where a follow-up stands.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("event", sa.Column("resource_ref", sa.Text(), nullable=False, server_default=""))
    op.create_index("event_resource", "event", ["stream_id", "resource_ref"])
    op.add_column("card", sa.Column("resource_ref", sa.Text(), nullable=False, server_default=""))
    op.create_index("card_resource", "card", ["stream_id", "resource_ref"])
    op.add_column("stream", sa.Column("held_since", sa.BigInteger(), nullable=True))
    op.add_column("stream", sa.Column("revoked_at", sa.BigInteger(), nullable=True))
    op.add_column("follow_up", sa.Column("account_id", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("follow_up", sa.Column("missing_at", sa.BigInteger(), nullable=True))
