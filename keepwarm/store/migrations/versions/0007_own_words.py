"""Own question lists and questions for one talk; what a later card says, who was laid to rest, what a talk showed.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "own_list",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("worded", sa.JSON(), nullable=False),
        sa.Column("added", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="own_list_pkey"),
        sa.UniqueConstraint("owner_id", "type", "lang", name="own_list_owner_id_type_lang_key"),
    )
    op.create_index("ix_own_list_owner_id", "own_list", ["owner_id"])
    op.add_column("talk", sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("card", sa.Column("was", sa.JSON(), nullable=True))
    op.add_column("card", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("died", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("plan_entry", sa.Column("finding", sa.String(length=16), nullable=False, server_default=""))
