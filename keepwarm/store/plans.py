"""The plan: whom to talk to, and what about. Called by the command, the pages and `outlook`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.people import must_exist
from keepwarm.store.rows import all_rows, changed, mine, value
from keepwarm.store.tables import plan_entry as entry_table

CLOSED = frozenset({"not_now", "declined"})  # states of a plan entry that ask for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """Why this contact is in the plan. ``state``: METHOD.md section 4, in words with underscores."""

    id: str
    contact_id: str | None
    goal: str | None
    find_out: str
    role: str
    organisation: str
    sector: str
    named_person: str
    channel: str
    introducer_id: str | None
    state: str
    position: int
    created_at: datetime


def set_goal(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_id: str, now: datetime, *, goal: str | None, find_out: str = "", sector: str = "", role: str = "",
    named_person: str = "",
) -> None:  # fmt: skip
    """What the owner wants of this contact; one plan entry each, made at the first time. Raises NotFound."""
    must_exist(tx, contact_id)
    values = {"goal": goal, "find_out": find_out, "sector": sector, "role": role, "named_person": named_person}
    here = (mine(tx, entry_table), entry_table.c.contact_id == contact_id)
    if changed(tx, update(entry_table).where(*here).values(**values)) == 0:
        row = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "created_at": now}
        tx.connection.execute(insert(entry_table).values(**row, **values))


def plan_entry(tx: Tx, contact_id: str) -> PlanEntry | None:
    return plan_entries(tx).get(contact_id)


def plan_entries(tx: Tx) -> dict[str, PlanEntry]:
    """The plan by contact id."""
    here = (mine(tx, entry_table), entry_table.c.contact_id.is_not(None))
    rows = all_rows(tx, select(entry_table).where(*here).order_by(entry_table.c.created_at, entry_table.c.id))
    return {row["contact_id"]: value(PlanEntry, row) for row in rows}
