"""Duties that must not fall silent, what was set aside, and facts about this installation.

Called by `workers.upkeep`, the health page and the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, first, insert_new, mine, upsert, value
from keepwarm.store.tables import duty, instance
from keepwarm.store.tables import quarantine as quarantine_table

BEGAN = "duties_began"  # the fact about this installation: when its duties were first noted

PREPARED = "prepared:"  # with an owner's id: the fact when it was last prepared for them


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyState:
    """``period`` and ``grace`` in seconds; overdue once it has been silent for longer than both together.

    ``silent_since``: its last success; where there was none, when this installation began to have duties.
    """

    name: str
    period: int
    grace: int
    last_ok_at: datetime | None
    last_error: str
    silent_since: datetime
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    id: str
    place: str
    position: str
    digest: str
    reason: str
    at: datetime


def ensure_duties(tx: Tx, wanted: Mapping[str, tuple[int, int]], now: datetime) -> None:
    """Make the duties what the schedule says: (period, grace) in seconds. Those no longer wanted go."""
    if instance_value(tx, BEGAN) is None:
        set_instance_value(tx, BEGAN, now.isoformat())
    rows = [
        {"name": name, "period": period, "grace": grace, "last_ok_at": None, "last_error": ""}
        for name, (period, grace) in sorted(wanted.items())
    ]
    upsert(tx, duty, rows, ["period", "grace"])
    tx.connection.execute(duty.delete().where(duty.c.name.not_in(list(wanted))))


def ok(tx: Tx, name: str, now: datetime) -> None:
    tx.connection.execute(update(duty).where(duty.c.name == name).values(last_ok_at=now, last_error=""))


def prepared(tx: Tx, owner_id: str, now: datetime) -> None:
    """What is due for this owner was prepared now."""
    set_instance_value(tx, f"{PREPARED}{owner_id}", now.isoformat())


def prepared_at(tx: Tx) -> dict[str, datetime]:
    """Owner id → when it was last prepared for them; who never was is not among them."""
    rows = all_rows(tx, select(instance).where(instance.c.name.startswith(PREPARED)))
    return {row["name"].removeprefix(PREPARED): datetime.fromisoformat(row["value"]) for row in rows}


def failed(tx: Tx, name: str, error: str) -> None:
    tx.connection.execute(update(duty).where(duty.c.name == name).values(last_error=error))


def duties(tx: Tx, now: datetime) -> list[DutyState]:
    """All duties by name. One that never ran is overdue too: a worker that was never started is a silent stop."""
    told = instance_value(tx, BEGAN)
    began = datetime.fromisoformat(told) if told else now
    return [_state(row, row["last_ok_at"] or began, now) for row in all_rows(tx, select(duty).order_by(duty.c.name))]


def _state(row: Row, since: datetime, now: datetime) -> DutyState:
    overdue = now - since > timedelta(seconds=row["period"] + row["grace"])
    return value(DutyState, row, silent_since=since, overdue=overdue)


def quarantine(  # noqa: PLR0913 - a row's columns, each by name
    tx: Tx, *, place: str, position: str, digest: str, reason: str, now: datetime,
    batch_id: str | None = None, stream_id: str | None = None,
) -> None:  # fmt: skip
    """Set one item aside; the same again changes nothing."""
    row: dict[str, Any] = {
        "id": tx.new_id(),
        "owner_id": tx.owner_id,
        "place": place,
        "position": position,
        "digest": digest,
    }
    row |= {"reason": reason, "at": now, "batch_id": batch_id or "", "stream_id": stream_id or ""}
    insert_new(tx, quarantine_table, [row])


def quarantined(tx: Tx) -> list[Quarantined]:
    """What was set aside, newest first; the same thing met again by a later import stands here once."""
    table = quarantine_table
    query = select(table).where(mine(tx, table)).order_by(table.c.at, table.c.place.desc(), table.c.position.desc())
    met = {(row["place"], row["position"], row["digest"]): row for row in all_rows(tx, query)}
    return sorted((value(Quarantined, row) for row in met.values()), key=lambda each: each.at, reverse=True)


def instance_value(tx: Tx, name: str) -> str | None:
    row = first(tx, select(instance.c.value).where(instance.c.name == name))
    return row["value"] if row else None


def set_instance_value(tx: Tx, name: str, text: str) -> None:
    upsert(tx, instance, [{"name": name, "value": text}], ["value"])
