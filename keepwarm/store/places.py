"""Places at a provider that takes only so many requests at once, for all processes. Called by `workers.budgets`.

A place is a time until which it is held: whoever dies with one gives it back by that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import changed, first, insert_new
from keepwarm.store.tables import place as table


def take_place(tx: Tx, name: str, at_most: int, now: datetime, until: datetime) -> int | None:
    """The number of a free place (0 …), held until then; None where all are taken. For a system transaction."""
    insert_new(tx, table, [{"name": name, "number": number, "until": None} for number in range(at_most)])
    free = (table.c.name == name, table.c.number < at_most, (table.c.until.is_(None)) | (table.c.until <= now))
    query = select(table.c.number).where(*free).order_by(table.c.number).limit(1)
    row = first(tx, query.with_for_update(skip_locked=True))
    if row is None:
        return None
    here = (table.c.name == name, table.c.number == row["number"])
    taken = changed(tx, update(table).where(*here).values(until=until)) == 1
    return int(row["number"]) if taken else None


def leave_place(tx: Tx, name: str, number: int, until: datetime) -> None:
    """Give it back, unless it ran out and somebody else has it."""
    here = (table.c.name == name, table.c.number == number, table.c.until == until)
    tx.connection.execute(update(table).where(*here).values(until=None))
