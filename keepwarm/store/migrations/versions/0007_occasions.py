"""What a later card says about somebody's work, somebody laid to rest, and what a talk showed.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("card", sa.Column("was", sa.JSON(), nullable=True))
    op.add_column("card", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("died", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("plan_entry", sa.Column("finding", sa.String(length=16), nullable=False, server_default=""))
