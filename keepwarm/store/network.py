"""The people of the owner's network by id, read when they are asked for. Called by `world`.

Most pages and mails speak of a handful of people, and a network may hold twenty thousand: reading all of them took
seconds. Whoever knows whom they will speak of says so once (`need`), and these are read together; whoever goes through
everybody has all of them read. It is a mapping like any other and says the same as one that was read in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow, contact_rows, contacts
from keepwarm.store.rows import mine
from keepwarm.store.tables import contact


class People(Mapping[str, ContactRow]):
    """Active contacts at ``now``, by id; gone through in order of their names.

    Asked for somebody not read yet after its transaction was closed, it reads in one of its own.
    """

    def __init__(self, tx: Tx, now: datetime) -> None:
        self._tx, self._now = tx, now
        self._known: dict[str, ContactRow | None] = {}  # None: asked for, and not in the network
        self._all: dict[str, ContactRow] | None = None

    def need(self, ids: Iterable[str | None]) -> None:
        """Read these together, as far as they are not read yet."""
        if self._all is not None:
            return
        missing = sorted({each for each in ids if each and each not in self._known})
        if missing:
            with self._reading() as tx:
                found = contact_rows(tx, missing, self._now)
            active = {key: row for key, row in found.items() if row.state == "active"}
            self._known |= {each: active.get(each) for each in missing}

    def __getitem__(self, contact_id: str) -> ContactRow:
        if self._all is not None:
            return self._all[contact_id]
        if contact_id not in self._known:
            self.need([contact_id])
        row = self._known.get(contact_id)
        if row is None:
            raise KeyError(contact_id)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._everybody())

    def __len__(self) -> int:
        if self._all is not None:
            return len(self._all)
        with self._reading() as tx:
            query = select(func.count()).select_from(contact).where(mine(tx, contact), contact.c.state == "active")
            return int(tx.connection.execute(query).scalar_one())

    def _everybody(self) -> dict[str, ContactRow]:
        if self._all is None:
            with self._reading() as tx:
                self._all = {row.id: row for row in contacts(tx, states=["active"], now=self._now)}
        return self._all

    @contextmanager
    def _reading(self) -> Iterator[Tx]:
        if not self._tx.connection.closed:
            yield self._tx
            return
        engine = self._tx.connection.engine
        with engine.connect().execution_options(keepwarm_write=False) as connection, connection.begin():
            yield replace(self._tx, connection=connection)
