"""Goals and plans: what the owner works toward, whom to talk to about it, in which order.

Called by the command, the pages, `world` and `planning`, which says how each entry stands. Every change can be taken
back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.plan import FINDINGS, STATES
from keepwarm.store.changelog import Recording, recording
from keepwarm.store.database import Tx
from keepwarm.store.people import must_exist
from keepwarm.store.rows import Row, all_rows, first, mine, value
from keepwarm.store.tables import contact
from keepwarm.store.tables import plan as table
from keepwarm.store.tables import plan_entry as entry_table

PLANS = 10  # ours: more goals at a time are none
FIELDS = frozenset(
    {"goal", "find_out", "role", "organisation", "sector", "named_person", "channel", "introducer_id", "reading"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``goal``: a key of METHOD.md section 1; ``words``: the same in the owner's own, may be empty."""

    id: str
    goal: str
    words: str
    resting: bool
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """Somebody to talk to, or a role at an organisation (``contact_id`` None).

    ``goal`` is None where it is the plan's. ``said``: the owner's word on how it stands, empty where they leave it to
    what happened. ``passed``: they were proposed and not wanted.
    """

    id: str
    plan_id: str | None
    contact_id: str | None
    goal: str | None
    find_out: str
    role: str
    organisation: str
    sector: str
    named_person: str
    channel: str
    introducer_id: str | None
    reading: str
    said: str
    said_at: datetime | None
    rest_until: date | None
    passed: bool
    finding: str
    position: int
    created_at: datetime


# --- goals: a plan each -------------------------------------------------------------------------------------------


def plans(tx: Tx) -> list[Plan]:
    """In the owner's order, also those that rest."""
    query = select(table).where(mine(tx, table)).order_by(table.c.position, table.c.id)
    return [value(Plan, row) for row in all_rows(tx, query)]


def plan(tx: Tx, plan_id: str) -> Plan:
    """One plan. Raises NotFound."""
    found = next((each for each in plans(tx) if each.id == plan_id), None)
    if found is None:
        raise NotFound("There is no such goal.")
    return found


def main_goal(tx: Tx) -> str:
    """What the owner works toward first of all; empty where they just stay in touch."""
    return next((each.goal for each in plans(tx) if not each.resting), "")


def add_plan(tx: Tx, now: datetime, *, goal: str, words: str = "") -> str:
    """One more goal, after the others; its id. What was planned before there was any belongs to the first."""
    known = plans(tx)
    if len(known) >= PLANS:
        raise NotPossible("You have ten goals, the most there can be. Nothing was changed.")
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "goal": goal, "words": words, "created_at": now}
    position = max((each.position for each in known), default=0) + 1
    with recording(tx, "goal", words or goal, now) as record:
        record.added(table, [row["id"]])
        tx.connection.execute(insert(table).values(**row, resting=False, position=position))
        homeless = (mine(tx, entry_table), entry_table.c.plan_id.is_(None))
        record.before(entry_table, _ids(tx, *homeless), columns=["plan_id"])
        tx.connection.execute(update(entry_table).where(*homeless).values(plan_id=row["id"]))
    return str(row["id"])


def edit_plan(tx: Tx, plan_id: str, now: datetime, **fields: str | bool) -> None:
    """Change ``goal``, ``words`` or ``resting``. Raises NotFound."""
    if unknown := fields.keys() - {"goal", "words", "resting"}:
        raise ValueError(f"not a field of a plan: {sorted(unknown)}")
    found = plan(tx, plan_id)
    if all(getattr(found, name) == each for name, each in fields.items()):
        return
    with recording(tx, "goal", found.words or found.goal, now) as record:
        record.before(table, [plan_id], columns=list(fields))
        tx.connection.execute(update(table).where(mine(tx, table), table.c.id == plan_id).values(**fields))


def remove_plan(tx: Tx, plan_id: str, now: datetime) -> None:
    """Take a goal away with what was planned for it; the people stay. Raises NotFound."""
    found = plan(tx, plan_id)
    with recording(tx, "goal", found.words or found.goal, now) as record:
        record.before(entry_table, _ids(tx, mine(tx, entry_table), entry_table.c.plan_id == plan_id))
        record.before(table, [plan_id])
        tx.connection.execute(delete(entry_table).where(mine(tx, entry_table), entry_table.c.plan_id == plan_id))
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.id == plan_id))


# --- entries ------------------------------------------------------------------------------------------------------


def entries(tx: Tx, plan_id: str | None) -> list[PlanEntry]:
    """What is in one plan, oldest first, without those passed over; None: what was planned without any goal."""
    here = (mine(tx, entry_table), entry_table.c.plan_id == plan_id, entry_table.c.passed.is_(False))
    query = select(entry_table).where(*here).order_by(entry_table.c.created_at, entry_table.c.id)
    return [value(PlanEntry, row) for row in all_rows(tx, query)]


def entry(tx: Tx, entry_id: str) -> PlanEntry:
    """One entry. Raises NotFound."""
    row = first(tx, select(entry_table).where(mine(tx, entry_table), entry_table.c.id == entry_id))
    if row is None:
        raise NotFound("There is no such entry in your plan.")
    return value(PlanEntry, row)


def plan_entry(tx: Tx, contact_id: str) -> PlanEntry | None:
    return plan_entries(tx).get(contact_id)


def plan_entries(tx: Tx) -> dict[str, PlanEntry]:
    """By contact: their entry in the first plan that does not rest, its goal filled in from the plan."""
    goals = {each.id: each for each in plans(tx)}
    order = {each.id: number for number, each in enumerate(goals.values())}
    here = (mine(tx, entry_table), entry_table.c.contact_id.is_not(None), entry_table.c.passed.is_(False))
    rows = all_rows(tx, select(entry_table).where(*here).order_by(entry_table.c.created_at, entry_table.c.id))
    found: dict[str, PlanEntry] = {}
    for row in sorted(rows, key=lambda row: -order.get(row["plan_id"], -1)):
        whole = goals.get(row["plan_id"])
        if whole is None or not whole.resting:
            found[row["contact_id"]] = value(PlanEntry, row, goal=row["goal"] or (whole.goal if whole else None))
    return found


def known_ids(tx: Tx) -> set[str]:
    """Contacts that are in some plan, or were passed over."""
    query = select(entry_table.c.contact_id).where(mine(tx, entry_table), entry_table.c.contact_id.is_not(None))
    return {row["contact_id"] for row in all_rows(tx, query)}


def add_entry(tx: Tx, plan_id: str | None, now: datetime, *, contact_id: str | None = None, **fields: Any) -> str:
    """Put somebody, or a role at an organisation, into a plan; the id. Raises NotFound, NotPossible."""
    _refuse_unknown(fields)
    if contact_id is not None:
        must_exist(tx, contact_id)
        if passed := _entry_of(tx, plan_id, contact_id):
            return _taken_up(tx, passed, now, fields)
    if fields.get("introducer_id"):
        must_exist(tx, fields["introducer_id"])
    if contact_id is None and not (fields.get("role") or fields.get("organisation")):
        raise NotPossible("An entry needs a person, a role or an organisation. Nothing was changed.")
    if plan_id is not None:
        plan(tx, plan_id)
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "plan_id": plan_id, "contact_id": contact_id, "created_at": now}
    with recording(tx, "plan", _label(tx, contact_id, fields), now) as record:
        record.added(entry_table, [row["id"]])
        tx.connection.execute(insert(entry_table).values(**row, **fields))
    return str(row["id"])


def put_in(tx: Tx, record: Recording, contact_id: str, now: datetime, *, introducer_id: str) -> None:
    """Put somebody who came up in a talk into the first plan, within a change under way; not twice, nor if there is
    no plan."""
    active = next((each.id for each in plans(tx) if not each.resting), None)
    if active is None or contact_id in known_ids(tx):
        return
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "plan_id": active, "contact_id": contact_id, "created_at": now}
    record.added(entry_table, [row["id"]])
    tx.connection.execute(insert(entry_table).values(**row, introducer_id=introducer_id))


def found_out(tx: Tx, record: Recording, contact_id: str, finding: str, now: datetime) -> None:
    """What a talk showed about the entries of this contact, within a change under way.

    Work that does not exist there closes them; the owner who is open to other work says so instead.
    """
    if finding not in FINDINGS:
        raise ValueError(f"not a finding: {finding}")
    here = (mine(tx, entry_table), entry_table.c.contact_id == contact_id, entry_table.c.passed.is_(False))
    record.before(entry_table, _ids(tx, *here), columns=["finding", "said", "said_at", "rest_until", "contact_id"])
    closed = {"said": "declined", "said_at": now, "rest_until": None} if finding == "no_role" else {}
    tx.connection.execute(update(entry_table).where(*here).values(finding=finding, **closed))


def edit_entry(tx: Tx, entry_id: str, now: datetime, **fields: Any) -> None:
    """Change fields of FIELDS. Raises NotFound."""
    _refuse_unknown(fields)
    found = entry(tx, entry_id)
    changed = {name: each for name, each in fields.items() if each != getattr(found, name)}
    if changed.get("introducer_id"):
        must_exist(tx, changed["introducer_id"])
    if changed:
        _change(tx, found, now, **changed)


def say_state(tx: Tx, entry_id: str, now: datetime, state: str, rest_until: date | None = None) -> None:
    """The owner's word on how it stands; what happens from now on moves it on. Raises NotFound."""
    if state not in STATES:
        raise ValueError(f"not a state of an entry: {state}")
    until = rest_until if state == "not_now" else None
    _change(tx, entry(tx, entry_id), now, said=state, said_at=now, rest_until=until)


def pass_over(tx: Tx, plan_id: str | None, contact_id: str, now: datetime) -> None:
    """Somebody who was proposed is not wanted in a plan: not proposed again. Raises NotFound."""
    must_exist(tx, contact_id)
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "plan_id": plan_id, "contact_id": contact_id, "created_at": now}
    with recording(tx, "plan", _label(tx, contact_id, {}), now) as record:
        record.added(entry_table, [row["id"]])
        tx.connection.execute(insert(entry_table).values(**row, passed=True))


def remove_entry(tx: Tx, entry_id: str, now: datetime) -> None:
    """Take it out of the plan. Raises NotFound."""
    found = entry(tx, entry_id)
    with recording(tx, "plan", _label(tx, found.contact_id, {"role": found.role}), now) as record:
        record.before(entry_table, [entry_id])
        tx.connection.execute(delete(entry_table).where(mine(tx, entry_table), entry_table.c.id == entry_id))


def set_order(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    """The owner's own order of these entries, the first one first; entries that are not named stand as proposed."""
    with recording(tx, "plan", str(len(ids)), now) as record:
        record.before(entry_table, list(ids), columns=["position"])
        for number, each in enumerate(ids, 1):
            here = (mine(tx, entry_table), entry_table.c.id == each)
            tx.connection.execute(update(entry_table).where(*here).values(position=number))


def forget_order(tx: Tx, plan_id: str | None, now: datetime) -> None:
    """Back to the proposed order."""
    here = (mine(tx, entry_table), entry_table.c.plan_id == plan_id, entry_table.c.position > 0)
    with recording(tx, "plan", "", now) as record:
        record.before(entry_table, _ids(tx, *here), columns=["position"])
        tx.connection.execute(update(entry_table).where(*here).values(position=0))


def set_goal(tx: Tx, contact_id: str, now: datetime, **fields: Any) -> None:
    """What the owner wants of this contact; said for the first time, it makes an entry. Raises NotFound."""
    _refuse_unknown(fields)
    must_exist(tx, contact_id)
    found = plan_entry(tx, contact_id)
    if found is not None:
        edit_entry(tx, found.id, now, **fields)
        return
    if not any(fields.values()):
        return
    active = next((each.id for each in plans(tx) if not each.resting), None)
    add_entry(tx, active, now, contact_id=contact_id, **fields)


def _taken_up(tx: Tx, found: PlanEntry, now: datetime, fields: dict[str, Any]) -> str:
    """Somebody passed over is wanted after all."""
    if not found.passed:
        raise NotPossible("They are in this plan already. Nothing was changed.")
    _change(tx, found, now, passed=False, created_at=now, **fields)
    return found.id


def _entry_of(tx: Tx, plan_id: str | None, contact_id: str) -> PlanEntry | None:
    here = (mine(tx, entry_table), entry_table.c.plan_id == plan_id, entry_table.c.contact_id == contact_id)
    row = first(tx, select(entry_table).where(*here).order_by(entry_table.c.created_at))
    return value(PlanEntry, row) if row else None


def _change(tx: Tx, found: PlanEntry, now: datetime, **values: Any) -> None:
    with recording(tx, "plan", _label(tx, found.contact_id, {"role": found.role}), now) as record:
        record.before(entry_table, [found.id], columns=[*values, "contact_id"])  # erasing looks for it
        here = (mine(tx, entry_table), entry_table.c.id == found.id)
        tx.connection.execute(update(entry_table).where(*here).values(**values))


def _ids(tx: Tx, *here: Any) -> list[str]:
    return [row["id"] for row in all_rows(tx, select(entry_table.c.id).where(*here).order_by(entry_table.c.id))]


def _label(tx: Tx, contact_id: str | None, fields: dict[str, Any]) -> str:
    if contact_id is None:
        return str(fields.get("role") or fields.get("organisation") or "")
    row: Row | None = first(tx, select(contact.c.name).where(mine(tx, contact), contact.c.id == contact_id))
    return str(row["name"]) if row else ""


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - FIELDS:
        raise ValueError(f"not a field of an entry: {sorted(unknown)}")
