"""The rows as they were: how a change of the owner's is written down so that it can be taken back in full.

Called by the functions of `contacts` and `plans` that change something at the owner's word; `changes` takes them back.
A change holds before-images in the order things changed: [table, key, row], the row null where there was none yet, and
holding only some columns where only those change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Table, delete, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.listing import concerned, refresh
from keepwarm.store.owners import note_news
from keepwarm.store.rows import Row, all_rows, changed, chunks, mine
from keepwarm.store.tables import EPOCH, Moment, change, metadata

Image = list[Any]  # [table name, key as a list, {column: value} or None], fit for JSON


@dataclass(slots=True, kw_only=True)
class Recording:
    """A change under way. Not frozen: it collects."""

    tx: Tx
    images: list[Image] = field(default_factory=list)

    def before(self, table: Table, keys: Sequence[Any], *, columns: Sequence[str] | None = None) -> None:
        """Remember these rows (by primary key beyond the owner) before they change; ``columns``: only these do."""
        key = own_key(table)
        found: dict[Any, Row] = {}
        for part in chunks(keys):
            rows = all_rows(self.tx, select(table).where(mine(self.tx, table), key.in_(part)))
            found |= {row[key.name]: row for row in rows}
        self.images += [[table.name, each, encoded(table, found.get(each), columns)] for each in keys]

    def added(self, table: Table, keys: Sequence[Any]) -> None:
        """Remember that these rows are about to be made."""
        self.images += [[table.name, each, None] for each in keys]


@contextmanager
def recording(tx: Tx, what: str, label: str, now: datetime) -> Iterator[Recording]:
    """Collect what changes within; written down at the end if anything did."""
    record = Recording(tx=tx)
    yield record
    if record.images:
        row = {"owner_id": tx.owner_id, "at": now, "what": what, "label": label, "before": record.images}
        tx.connection.execute(insert(change).values(**row))
        refresh(tx, concerned(tx, record.images), now)
        if what != "import":  # its pages tell whether they brought anything
            note_news(tx)


def own_key(table: Table) -> Column[Any]:
    """The one column that tells a row from the others of its owner."""
    keys = [column for column in table.primary_key if column.name != "owner_id"]
    if len(keys) != 1:
        raise ValueError(f"{table.name} has no single key")
    return keys[0]


def encoded(table: Table, row: Mapping[str, Any] | None, columns: Sequence[str] | None = None) -> dict[str, Any] | None:
    """The row as JSON can hold it: moments as microseconds, days as text."""
    if row is None:
        return None
    wanted = [table.c[name] for name in columns] if columns else list(table.columns)
    return {column.name: _to_json(row[column.name]) for column in wanted}


def decoded(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as the store writes it."""
    return {name: _from_json(table.c[name], each) for name, each in row.items()}


def table_named(name: str) -> Table:
    return metadata.tables[name]


def restore(tx: Tx, images: list[Image], now: datetime) -> None:
    """Put rows back, the last changed first."""
    whom = concerned(tx, images)
    for name, run in groupby(reversed(images), key=lambda image: image[0]):
        parts = list(run)
        for absent, same in groupby(parts, key=lambda image: image[2] is None):
            if absent:
                _remove(tx, table_named(name), [key for _, key, _ in same])
            else:
                for _, key, row in same:
                    _put_back(tx, table_named(name), key, row)
    refresh(tx, whom | concerned(tx, images), now)


def _remove(tx: Tx, of: Table, keys: list[Any]) -> None:
    for part in chunks(keys):
        tx.connection.execute(delete(of).where(mine(tx, of), own_key(of).in_(part)))


def _put_back(tx: Tx, of: Table, key: Any, row: dict[str, Any]) -> None:
    values = decoded(of, row)
    here: tuple[ColumnElement[bool], ...] = (mine(tx, of), own_key(of) == key)
    if changed(tx, update(of).where(*here).values(**values)) == 0 and len(values) == len(of.columns):
        tx.connection.execute(insert(of).values(**values))


def _to_json(each: Any) -> Any:
    if isinstance(each, datetime):
        return (each - EPOCH) // timedelta(microseconds=1)
    return each.isoformat() if isinstance(each, date) else each


def _from_json(column: Column[Any], each: Any) -> Any:
    if each is None:
        return None
    if isinstance(column.type, Moment):
        return EPOCH + timedelta(microseconds=each)
    return date.fromisoformat(each) if isinstance(column.type, Date) else each
