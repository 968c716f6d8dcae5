"""A note tells whether it is about a talk, or only that the two were in touch; lists of people are filled anew.

Until now "I got in touch" left a note without a word, which counted as a talk. What was read of people before (0010)
is written here, because it is made of the columns that are there now.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keepwarm.store.database import Tx
from keepwarm.store.listing import refresh
from keepwarm.store.tables import EPOCH, Moment

revision = "0015"
down_revision = "0014"

# Without a meeting, words, or a promise made in the same moment: a button was pressed, and nothing told of a talk.
WORDLESS = """UPDATE note SET no_talk = true WHERE event_id IS NULL AND said = '' AND tips = '' AND NOT EXISTS (
    SELECT 1 FROM promise WHERE promise.contact_id = note.contact_id AND promise.made_at = note.at)"""


def upgrade() -> None:
    op.add_column("note", sa.Column("no_talk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(WORDLESS)
    _fill()


def downgrade() -> None:
    op.drop_column("note", "no_talk")


def _fill() -> None:
    """For each owner, as of when all evidence was last looked at (else when they came): a migration knows no now."""
    bind = op.get_bind()
    known = sa.table(
        "owner", sa.column("id", sa.String), sa.column("detected_at", Moment), sa.column("created_at", Moment)
    )
    for row in bind.execute(sa.select(known)).all():
        tx = Tx(connection=bind, owner_id=row.id, new_id=lambda: "")
        refresh(tx, None, row.detected_at or row.created_at or EPOCH)
