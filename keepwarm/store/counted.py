"""What was counted of each contact, where that still holds. Called by `people`, `lateness` and `adding`.

`listing` writes it; triggers mark a row with the first touch or address that changes (migration 0014,
docs/decisions/0020), so what is marked as counted is true from its last touch on until the next one to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, mine
from keepwarm.store.tables import contact, listing

MANY = 2_000  # ids from which reading the counts of all is quicker; measured
COUNTS = (
    listing.c.contact_id, listing.c.sent, listing.c.received, listing.c.meetings, listing.c.small_meetings,
    listing.c.first_at, listing.c.touched_at,
)  # fmt: skip


def holds(now: datetime) -> ColumnElement[bool]:
    """Whether a row says what counting at ``now`` would say."""
    begun = or_(listing.c.touched_at.is_(None), listing.c.touched_at <= now)
    return and_(listing.c.counted, begun, or_(listing.c.until.is_(None), listing.c.until > now))


def kept(tx: Tx, now: datetime, ids: Sequence[str] | None) -> list[Row]:
    """The counts that hold at ``now``: of these contacts, None: of all."""
    query = select(*COUNTS).where(mine(tx, listing), holds(now))
    if ids is None or len(ids) > MANY:
        rows = all_rows(tx, query)
        wanted = None if ids is None else set(ids)
        return [row for row in rows if wanted is None or row["contact_id"] in wanted]
    return [row for part in chunks(ids) for row in all_rows(tx, query.where(listing.c.contact_id.in_(part)))]


def uncounted(tx: Tx, now: datetime) -> list[str]:
    """Contacts whose counts do not hold at ``now``."""
    there = and_(listing.c.contact_id == contact.c.id, holds(now))
    query = select(contact.c.id).select_from(contact.outerjoin(listing, there))
    return [row["id"] for row in all_rows(tx, query.where(mine(tx, contact), listing.c.contact_id.is_(None)))]
