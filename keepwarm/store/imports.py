"""Imports: batches of files and their counts; `items` counts, `removal` undoes. Called through `accounts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.errors import NotFound
from keepwarm.store.changelog import recording
from keepwarm.store.connections import ensure_account
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, first, mine, value
from keepwarm.store.streams import create_stream
from keepwarm.store.tables import batch as table
from keepwarm.store.tables import source
from keepwarm.types import StreamKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """One file of an import. ``read`` is always the sum of the four others; ``reasons`` says why items were skipped."""

    path: str
    kind: str
    read: int
    stored: int
    known: int
    skipped: int
    quarantined: int
    reasons: dict[str, int]
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One import. ``sources`` in the order read; ``seconds`` from its creation to its end."""

    id: str
    stream_id: str
    label: str
    paths: list[str]
    uploaded: bool
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    read_bytes: int
    total_bytes: int
    seconds: int
    sources: list[SourceCount]

    @property
    def barren(self) -> bool:
        """Whether it was read to its end and nothing in it could be used, nor was known already."""
        return self.finished_at is not None and not any(each.stored or each.known for each in self.sources)


def create_batch(tx: Tx, *, label: str, paths: Sequence[str], uploaded: bool, now: datetime) -> Batch:
    """Note an import to do: a batch with a stream of its own, stale at once. It is a change that `undo` takes back."""
    account = ensure_account(tx, provider="files", now=now)
    batch_id = tx.new_id()
    stream = create_stream(tx, account_id=account.id, kind=StreamKind.FILES, place_ref=batch_id, now=now)
    row = {"id": batch_id, "owner_id": tx.owner_id, "stream_id": stream.id, "label": label, "paths": list(paths)}
    with recording(tx, "import", label, now) as record:
        record.added(table, [batch_id])
        tx.connection.execute(insert(table).values(**row, uploaded=uploaded, created_at=now))
    return batch(tx, batch_id)


def batch(tx: Tx, batch_id: str) -> Batch:
    """One import. Raises NotFound."""
    row = first(tx, select(table).where(mine(tx, table), table.c.id == batch_id))
    if row is None:
        raise NotFound("There is no such import.")
    return value(Batch, row, sources=_sources(tx, [batch_id]).get(batch_id, []))


def batches(tx: Tx) -> list[Batch]:
    """All imports, newest first, also those undone."""
    query = select(table).where(mine(tx, table)).order_by(table.c.created_at.desc(), table.c.id)
    rows = all_rows(tx, query)
    sources = _sources(tx, [row["id"] for row in rows])
    return [value(Batch, row, sources=sources.get(row["id"], [])) for row in rows]


def finish_batch(tx: Tx, batch_id: str, now: datetime) -> None:
    """Note that everything was read; the first time counts."""
    seconds = round((now - batch(tx, batch_id).created_at).total_seconds())
    still = update(table).where(mine(tx, table), table.c.id == batch_id, table.c.finished_at.is_(None))
    tx.connection.execute(still.values(finished_at=now, seconds=seconds, read_bytes=table.c.total_bytes))


def seen_sources(tx: Tx) -> list[dict[str, Any]]:
    """What was read to its end and not undone: path, kind, fingerprint, size and how many items; oldest first."""
    query = (
        select(source)
        .join(table, table.c.id == source.c.batch_id)
        .where(mine(tx, source), source.c.done, table.c.undone_at.is_(None))
        .order_by(table.c.created_at, source.c.position)
    )
    names = ("path", "kind", "fingerprint", "size")
    return [{name: row[name] for name in names} | {"read": _read(row)} for row in all_rows(tx, query)]


def _sources(tx: Tx, batch_ids: Sequence[str]) -> dict[str, list[SourceCount]]:
    found: dict[str, list[SourceCount]] = {}
    for part in chunks(batch_ids):
        query = select(source).where(mine(tx, source), source.c.batch_id.in_(part)).order_by(source.c.position)
        for row in all_rows(tx, query):
            found.setdefault(row["batch_id"], []).append(value(SourceCount, row, read=_read(row)))
    return found


def _read(row: Row) -> int:
    return int(row["stored"] + row["known"] + row["skipped"] + row["quarantined"])
