"""Counting what has no tally that holds. Called by `detecting` after every sync, when all evidence is looked at anyway.

Nothing else may write tallies: what is written here was counted a moment ago in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from keepwarm.store.database import Tx
from keepwarm.store.people import NOTHING, plain_counts
from keepwarm.store.rows import all_rows, mine, upsert
from keepwarm.store.tables import address, tally, touch
from keepwarm.store.tallies import untallied

COLUMNS = ("sent", "received", "meetings", "small_meetings", "first_at", "last_at")


def tally_anew(tx: Tx, now: datetime) -> int:
    """Count at ``now`` whoever has no tally that holds; how many."""
    missing = untallied(tx, now)
    if not missing:
        return 0
    counted, ahead = plain_counts(tx, now, missing), _ahead(tx, now)
    rows: list[dict[str, Any]] = []
    for each in missing:
        numbers = counted.get(each, NOTHING)
        row = {"contact_id": each, "owner_id": tx.owner_id, "until": ahead.get(each)}
        rows.append(row | {name: getattr(numbers, name) for name in COLUMNS})
    upsert(tx, tally, rows, ["owner_id", "until", *COLUMNS])
    return len(rows)


def _ahead(tx: Tx, now: datetime) -> dict[str, datetime]:
    """By contact: when the next of the touches to come is, mostly none."""
    query = (
        select(address.c.contact_id, func.min(touch.c.at).label("at"))
        .select_from(touch.join(address, address.c.id == touch.c.address_id))
        .where(mine(tx, touch), touch.c.at > now, address.c.contact_id.is_not(None))
        .group_by(address.c.contact_id)
    )
    return {row["contact_id"]: row["at"] for row in all_rows(tx, query)}
