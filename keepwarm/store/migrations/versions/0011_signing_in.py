"""Who is there: who runs this, devices, links to a new password, identities elsewhere, invitations, failed tries.

Revision ID: 0011
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("owner", sa.Column("operator", sa.Boolean(), nullable=False, server_default=sa.false()))
    oldest = "SELECT id FROM owner ORDER BY created_at, id LIMIT 1"
    op.execute(f"UPDATE owner SET operator = true WHERE id = ({oldest})")  # noqa: S608 - our own words
    op.add_column("session", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("device", sa.String(64), nullable=False, server_default=""))
    op.execute("UPDATE session SET seen_at = expires_at")  # nobody is signed out: it counts from their next visit
    op.create_table(
        "password_link",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner_id", sa.String(32), nullable=False, index=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "bound_identity",
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("sub", sa.String(255), primary_key=True),
        sa.Column("owner_id", sa.String(32), nullable=False, index=True),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "failed_try",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("failed_try_key", "failed_try", ["key", "at"])
    op.create_index("failed_try_at", "failed_try", ["at"])
