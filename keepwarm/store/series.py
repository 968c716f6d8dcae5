"""Occurrences that a newer import of their series no longer has: removed there, or moved with the whole series.

Called by `agenda`. Computed from which import held what, never stored: undoing the newer import brings them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, union_all

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, mine
from keepwarm.store.tables import batch, event, sighting

NEARBY = timedelta(days=60)  # ours: how far around an occurrence its series is looked at
WHOLE = 2  # occurrences; an import with a single one may hold nothing but an answer to that one


def dropped(tx: Tx, rows: Sequence[Row]) -> set[int]:
    """Which of these events are left out by the newest import that holds their series."""
    repeated = [row for row in rows if row["recurring"]]
    if not repeated:
        return set()
    found: dict[str, dict[datetime, set[int]]] = {}
    for each in _held(tx, [row["start_at"] for row in repeated]):
        found.setdefault(each["uid"], {}).setdefault(each["created_at"], set()).add(each["id"])
    return {row["id"] for row in repeated if _is_dropped(row["id"], found.get(row["uid"], {}))}


def _is_dropped(event_id: int, held: dict[datetime, set[int]]) -> bool:
    own = [at for at, ids in held.items() if event_id in ids]
    return bool(own) and any(at > max(own) and len(ids) >= WHOLE for at, ids in held.items())


def _held(tx: Tx, starts: Sequence[datetime]) -> Sequence[Row]:
    """(uid, event id, when it was imported) of repeated events around these moments, per import that holds them."""
    near = (event.c.start_at >= min(starts) - NEARBY, event.c.start_at <= max(starts) + NEARBY)
    here = (mine(tx, event), event.c.recurring.is_(True), *near)
    stored = select(event.c.id, event.c.uid, event.c.batch_id).where(*here)
    seen = select(event.c.id, event.c.uid, sighting.c.batch_id)
    seen = seen.join(sighting, sighting.c.item_id == event.c.id).where(*here, mine(tx, sighting))
    holders = union_all(stored, seen).subquery()
    joined = holders.join(batch, batch.c.id == holders.c.batch_id)
    return all_rows(tx, select(holders.c.uid, holders.c.id, batch.c.created_at).select_from(joined))
