"""Several plans side by side, each with its goal; entries say how they stand; what contacts can help with.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _plans()
    _entries()
    op.add_column("contact", sa.Column("organisation_kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("interesting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contact", sa.Column("can_help", sa.JSON(), nullable=False, server_default="[]"))


def _plans() -> None:
    """A goal of the owner's becomes their first plan."""
    op.create_table(
        "plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("goal", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("resting", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="plan_pkey"),
    )
    op.create_index("ix_plan_owner_id", "plan", ["owner_id"])
    op.execute(
        "INSERT INTO plan (id, owner_id, goal, words, resting, position, created_at) "
        "SELECT id, id, goal, '', (1 = 0), 1, created_at FROM owner WHERE goal IS NOT NULL"
    )
    op.drop_column("owner", "goal")


def _entries() -> None:
    """What was planned so far belongs to the first plan."""
    op.add_column("plan_entry", sa.Column("plan_id", sa.String(length=32), nullable=True))
    op.add_column("plan_entry", sa.Column("reading", sa.Text(), nullable=False, server_default=""))
    op.add_column("plan_entry", sa.Column("said", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("plan_entry", sa.Column("said_at", sa.BigInteger(), nullable=True))
    op.add_column("plan_entry", sa.Column("rest_until", sa.Date(), nullable=True))
    op.add_column("plan_entry", sa.Column("passed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE plan_entry SET plan_id = (SELECT plan.id FROM plan WHERE plan.owner_id = plan_entry.owner_id)")
    op.drop_column("plan_entry", "state")
