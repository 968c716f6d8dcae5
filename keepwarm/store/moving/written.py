"""What an import of records put in, written down row by row: who stands here for whom, and what undoing takes away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, select

from keepwarm.store.arrivals import Arrival
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, many, mine
from keepwarm.store.tables import brought as table

Note = tuple[str, str, str, Table | None, Mapping[str, Any] | None]


def note(
    to: Arrival, section: str, ref: str, key: str, made: Table | None, before: Mapping[str, Any] | None = None
) -> None:
    """The record ``ref`` stands in the row ``key``: made, or changed from ``before``; ``made`` None: it was there."""
    note_all(to, [(section, ref, key, made, before)])


def note_all(to: Arrival, notes: Sequence[Note]) -> None:
    rows = [
        {
            "owner_id": to.owner_id, "batch_id": to.batch_id, "section": section, "ref": ref, "key": key,
            "table_name": made.name if made is not None else "", "before": dict(before) if before else None,
        }
        for section, ref, key, made, before in notes
    ]  # fmt: skip
    many(to.tx, insert(table), rows)
    to.images += [[made.name, key, None] for _, _, key, made, _ in notes if made is not None]


def keys_of(to: Arrival, section: str, refs: Collection[str]) -> dict[str, str]:
    """Where these records of this import stand, by their id in the document."""
    here = (mine(to.tx, table), table.c.batch_id == to.batch_id, table.c.section == section)
    query = select(table.c.ref, table.c.key).where(*here)
    return {
        row["ref"]: row["key"]
        for part in chunks(sorted(refs))
        for row in all_rows(to.tx, query.where(table.c.ref.in_(part)))
    }


def written(tx: Tx, batch_id: str) -> Sequence[Row]:
    """All of an import, in the order in which it was put in."""
    return all_rows(tx, select(table).where(mine(tx, table), table.c.batch_id == batch_id).order_by(table.c.position))
