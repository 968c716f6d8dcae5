"""Which calendars hold an event, when an account is looked at again, and that its access was withdrawn.

An event that stood in two calendars was gone once either of them lost it. Who else holds the events that are there now
is learned as they are told of again.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keepwarm.store.tables import Moment

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "holding",
        sa.Column("item_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("stream_id", sa.String(32), primary_key=True),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("resource_ref", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("holding_stream", "holding", ["stream_id", "resource_ref"])
    op.add_column("account", sa.Column("read_back_at", Moment()))
    op.add_column("account", sa.Column("revoked_at", Moment()))


def downgrade() -> None:
    op.drop_column("account", "revoked_at")
    op.drop_column("account", "read_back_at")
    op.drop_table("holding")
