"""Where a record of an export stands here, and a whole row made of what it tells. Called by `into` and `persons`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Table, select

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, chunks, mine


def derived(owner_id: str, ref: str) -> str:
    """The id of a row whose own is somebody else's: always the same."""
    return blake2b(f"{owner_id}\x1f{ref}".encode(), digest_size=16).hexdigest()


def places(tx: Tx, table: Table, refs: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Under which id each of these stands or would stand here, and whether it does."""
    second = {ref: derived(tx.owner_id, ref) for ref in refs}
    here = present(tx, table, [*refs, *second.values()])
    taken = {row["id"] for part in chunks(refs) for row in all_rows(tx, select(table.c.id).where(table.c.id.in_(part)))}
    found: dict[str, tuple[str, bool]] = {}
    for ref, other in second.items():
        key = ref if ref in here or (ref not in taken and other not in here) else other
        found[ref] = (key, key in here)
    return found


def present(tx: Tx, table: Table, ids: Sequence[str]) -> set[str]:
    query = select(table.c.id).where(mine(tx, table))
    return {row["id"] for part in chunks(ids) for row in all_rows(tx, query.where(table.c.id.in_(part)))}


def whole(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row with every column: what is not told begins as it always does."""
    row = {}
    for column in table.columns:
        told = values.get(column.name)
        row[column.name] = _begins(column) if told is None and not column.nullable else told
    return row


def _begins(column: Any) -> Any:
    if column.default is None:
        return 0 if column.type.python_type is int else ""
    return column.default.arg(None) if column.default.is_callable else column.default.arg
