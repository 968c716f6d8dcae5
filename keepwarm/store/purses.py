"""Purses: what was spent of a provider's budget within the last minute, by all processes. Called by `workers.budgets`.

A purse gives so many units in *any* minute, so what was spent is kept by the second and counted until it is over a
minute old; a provider that counts by the clock's minutes allows more, never less.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, first, insert_new
from keepwarm.store.tables import microseconds
from keepwarm.store.tables import purse as table

MINUTE = 60
LONGEST = 3600  # seconds that a rest may take; with doubling from a minute six requests in an hour (RELIABILITY.md C14)
SECOND = 1_000_000  # microseconds

Spent = list[list[int]]  # [second since 1970, units], oldest first


def take(tx: Tx, purses: Mapping[str, int], units: int, least: int, now: datetime) -> tuple[int, timedelta]:
    """Units out of every purse (name → a minute): up to ``units``, at least ``least`` (0: all); or 0 and how long.

    For a system transaction.
    """
    if not purses:
        return units, timedelta(0)
    second, wanted = microseconds(now) // SECOND, least or units
    held = _held(tx, purses, second)
    left = min(purses[name] - sum(spent for _, spent in held[name]) for name in purses)
    if left < wanted:
        waits = max(_until(held[name], purses[name] - wanted, second) for name in purses)
        return 0, timedelta(seconds=waits)
    given = min(units, left)
    for name, spent in held.items():
        tx.connection.execute(update(table).where(table.c.name == name).values(spent=_with(spent, second, given)))
    return given, timedelta(0)


def rest(tx: Tx, name: str, least: timedelta, now: datetime) -> None:
    """Nothing is asked in this name for ``least``, or twice as long as the last time. For a system transaction."""
    second = microseconds(now) // SECOND
    ((_, waited),) = _resting(tx, name) or [[0, 0]]
    wait = min(LONGEST, max(int(least.total_seconds()), 2 * waited))
    insert_new(tx, table, [{"name": name, "spent": []}])
    tx.connection.execute(update(table).where(table.c.name == name).values(spent=[[second + wait, wait]]))


def rests(tx: Tx, name: str, now: datetime) -> timedelta | None:
    """How long it still rests; zero once that is over; None where it does not."""
    held = _resting(tx, name)
    return timedelta(seconds=max(0, held[0][0] - microseconds(now) // SECOND)) if held else None


def end_rest(tx: Tx, name: str) -> None:
    """Absent is success."""
    tx.connection.execute(delete(table).where(table.c.name == name))


def _resting(tx: Tx, name: str) -> Spent:
    """[[second until which it rests, how long that was]], or nothing."""
    row = first(tx, select(table.c.spent).where(table.c.name == name))
    return list(row["spent"]) if row is not None else []


def forget_purses(tx: Tx, now: datetime) -> None:
    """Remove those of which nothing was taken for long: of accounts let go."""
    for row in all_rows(tx, select(table)):
        if all(at < microseconds(now) // SECOND - MINUTE for at, _ in row["spent"]):
            tx.connection.execute(delete(table).where(table.c.name == row["name"]))


def _held(tx: Tx, purses: Mapping[str, int], second: int) -> dict[str, Spent]:
    """What counts now of each purse; the rows are locked, always in the same order."""
    insert_new(tx, table, [{"name": name, "spent": []} for name in sorted(purses)])
    query = select(table).where(table.c.name.in_(purses)).order_by(table.c.name).with_for_update()
    rows: list[Any] = list(all_rows(tx, query))
    return {row["name"]: [each for each in row["spent"] if second - MINUTE <= each[0] <= second] for row in rows}


def _with(spent: Spent, second: int, units: int) -> Spent:
    if spent and spent[-1][0] == second:
        return [*spent[:-1], [second, spent[-1][1] + units]]
    return [*spent, [second, units]]


def _until(spent: Spent, room: int, second: int) -> int:
    """Seconds until no more than ``room`` counts; a minute where that never comes."""
    over, waits = sum(units for _, units in spent) - room, 0
    for at, units in spent:
        if over <= 0:
            break
        over, waits = over - units, at + MINUTE + 1 - second
    return waits if over <= 0 else MINUTE
