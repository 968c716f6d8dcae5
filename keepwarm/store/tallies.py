"""Tallies as they are read: what was counted of each contact, where that still holds. Called by `people`.

`tallying` writes them; triggers take them away with the first touch or address that changes (migration 0014,
docs/decisions/0018), so a row that is there is true from its last touch on until the next one to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, mine
from keepwarm.store.tables import contact, tally

MANY = 2_000  # ids from which reading all tallies of the owner is quicker; measured


def holds(now: datetime) -> ColumnElement[bool]:
    """Whether a tally says what counting at ``now`` would say."""
    begun = or_(tally.c.last_at.is_(None), tally.c.last_at <= now)
    return begun & or_(tally.c.until.is_(None), tally.c.until > now)


def kept(tx: Tx, now: datetime, ids: Sequence[str] | None) -> list[Row]:
    """The tallies that hold at ``now``: of these contacts, None: of all."""
    query = select(tally).where(mine(tx, tally), holds(now))
    if ids is None or len(ids) > MANY:
        rows = all_rows(tx, query)
        wanted = None if ids is None else set(ids)
        return [row for row in rows if wanted is None or row["contact_id"] in wanted]
    return [row for part in chunks(ids) for row in all_rows(tx, query.where(tally.c.contact_id.in_(part)))]


def untallied(tx: Tx, now: datetime) -> list[str]:
    """Contacts without a tally that holds at ``now``."""
    counted = and_(tally.c.contact_id == contact.c.id, holds(now))
    query = select(contact.c.id).select_from(contact.outerjoin(tally, counted))
    return [row["id"] for row in all_rows(tx, query.where(mine(tx, contact), tally.c.contact_id.is_(None)))]
