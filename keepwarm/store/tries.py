"""Tries that may be guesses, by key: in rows, so that every web process counts alike and a restart forgets none.

Called by `service.throttle` in a system transaction. A key is a hash; nobody's address stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows
from keepwarm.store.tables import failed_try as table


def nth_latest(tx: Tx, key: str, number: int, since: datetime) -> datetime | None:
    """When the ``number``-th latest try under this key was; None if there were fewer since then."""
    query = select(table.c.at).where(table.c.key == key, table.c.at > since).order_by(table.c.at.desc())
    rows = all_rows(tx, query.limit(number))
    return rows[-1]["at"] if len(rows) == number else None


def note(tx: Tx, keys: Sequence[str], now: datetime) -> str:
    """One try, under all these keys; its id."""
    try_id = tx.new_id()
    tx.connection.execute(insert(table), [{"id": try_id, "key": key, "at": now} for key in keys])
    return try_id


def forget(tx: Tx, try_id: str, keys: Sequence[str]) -> None:
    """This try was none, and nothing of before counts under these keys any more."""
    tx.connection.execute(delete(table).where((table.c.id == try_id) | table.c.key.in_(list(keys))))
