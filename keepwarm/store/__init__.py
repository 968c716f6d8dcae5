"""The store: the only code that speaks SQL. Rows never leave it; functions return finished values, never generators.

Reading order: `tables`, then `accounts` (owners, accounts, streams, imports), `items` (what was read), `contacts` (who is in it),
`changes` (undo), `plans` (goals, notes, promises, talks, follow-ups), `outbox`, `duties`, `access` (sign-in), `views` (what pages,
commands and mails read).

``with store.transaction(owner_id) as tx`` is the only way in; every function takes ``tx`` first and sees this owner alone.
``store.reading(owner_id)`` is the same for reading only. ``store.system()`` has no owner: for sweeps, duties and sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """One open transaction of one owner. Ids are random text from the runtime."""

    connection: Connection
    owner_id: str
    new_id: Callable[[], str]


class Store:
    """A database. ``url`` as SQLAlchemy takes it; SQLite runs in WAL with BEGIN IMMEDIATE for every write."""

    def __init__(self, url: str, new_id: Callable[[], str]) -> None:
        raise NotImplementedError

    engine: Engine

    def migrate(self) -> None:
        """Bring the schema to the newest version (alembic); refuses an empty database where a marker says there was data."""
        raise NotImplementedError

    @contextmanager
    def transaction(self, owner_id: str) -> Iterator[Tx]:
        raise NotImplementedError
        yield

    @contextmanager
    def reading(self, owner_id: str) -> Iterator[Tx]:
        raise NotImplementedError
        yield

    @contextmanager
    def system(self) -> Iterator[Tx]:
        raise NotImplementedError
        yield

    def in_transaction(self) -> bool:
        """Whether this thread has a write transaction open (tests make every provider call assert it has not)."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
