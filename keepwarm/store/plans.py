"""What we do about people: goals, notes, promises, what was settled about talks, and follow-ups.

Called by `workers.prepare`, `workers.deliver`, the command and the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, changed, first, insert_new, mine, upsert, value
from keepwarm.store.tables import contact
from keepwarm.store.tables import follow_up as follow_up_table
from keepwarm.store.tables import note as note_table
from keepwarm.store.tables import outbox as outbox_table
from keepwarm.store.tables import plan_entry as entry_table
from keepwarm.store.tables import promise as promise_table
from keepwarm.store.tables import talk as talk_table

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    id: str
    contact_id: str
    event_id: int | None
    at: datetime
    said: str
    tips: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """``mine`` if the owner made it."""

    id: str
    contact_id: str
    mine: bool
    text: str
    due_on: date | None
    made_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChoice:
    """What the owner settled about one talk; None: as proposed."""

    event_id: int
    type: str | None
    goal: str | None
    reading: str
    no_brief: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """``wall`` is the local time as ISO text in ``zone``; ``contact_name`` is empty once nobody is behind it."""

    id: str
    contact_id: str
    contact_name: str
    cycle: str
    at: datetime
    zone: str
    wall: str
    state: str  # planned, placed, moved, deleted, done, removed
    reason: dict[str, Any]
    sequence: int
    event_fingerprint: str
    created_at: datetime


def set_goal(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_id: str, now: datetime, *, goal: str | None, find_out: str = "", sector: str = "", role: str = "",
    named_person: str = "",
) -> None:  # fmt: skip
    """What the owner wants of this contact; one plan entry each, made at the first time. Raises NotFound."""
    _exists(tx, contact_id)
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


def add_note(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_id: str, now: datetime, *, said: str, tips: str = "", event_id: str | None = None,
    promises: Iterable[tuple[bool, str, date | None]] = (),
) -> str:  # fmt: skip
    """Keep what was said and promised (mine, text, due on); the note's id. Raises NotFound."""
    _exists(tx, contact_id)
    row: dict[str, Any] = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "said": said}
    row |= {"at": now, "tips": tips, "event_id": event_key(event_id) if event_id else None}
    tx.connection.execute(insert(note_table).values(**row))
    for is_mine, text, due_on in promises:
        made = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "made_at": now}
        tx.connection.execute(insert(promise_table).values(**made, mine=is_mine, text=text, due_on=due_on))
    return str(row["id"])


def notes(tx: Tx, contact_id: str) -> list[Note]:
    """The newest first."""
    here = (mine(tx, note_table), note_table.c.contact_id == contact_id)
    return [value(Note, row) for row in all_rows(tx, select(note_table).where(*here).order_by(note_table.c.at.desc()))]


def last_notes(tx: Tx, now: datetime) -> dict[str, Note]:
    """The last note up to ``now`` of every contact that has one."""
    query = select(note_table).where(mine(tx, note_table), note_table.c.at <= now).order_by(note_table.c.at)
    return {row["contact_id"]: value(Note, row) for row in all_rows(tx, query)}


def promises(tx: Tx, contact_id: str, open_only: bool = True) -> list[Promise]:
    """The oldest first."""
    found = _promises(tx, promise_table.c.contact_id == contact_id)
    return [each for each in found if each.done_at is None or not open_only]


def open_promises(tx: Tx) -> dict[str, list[Promise]]:
    """Open promises by contact, the oldest first."""
    found: dict[str, list[Promise]] = {}
    for each in _promises(tx, promise_table.c.done_at.is_(None)):
        found.setdefault(each.contact_id, []).append(each)
    return found


def keep_promise(tx: Tx, promise_id: str, now: datetime) -> None:
    """Note that it was kept. Raises NotFound."""
    here = (mine(tx, promise_table), promise_table.c.id == promise_id)
    if changed(tx, update(promise_table).where(*here).values(done_at=now)) == 0:
        raise NotFound("There is no such promise.")


def set_talk(tx: Tx, event_id: str, now: datetime, **fields: Any) -> None:  # noqa: ARG001 - the form of all that change
    """Settle something about a talk: ``type``, ``goal``, ``reading``, ``no_brief``; the rest stays as it is."""
    if unknown := set(fields) - {"type", "goal", "reading", "no_brief"}:
        raise ValueError(f"not a field of a talk: {sorted(unknown)}")
    row = {"event_id": event_key(event_id), "owner_id": tx.owner_id, "reading": "", "no_brief": False} | fields
    upsert(tx, talk_table, [row], list(fields) or ["owner_id"])


def talk_choice(tx: Tx, event_id: str) -> TalkChoice | None:
    return talk_choices(tx).get(event_key(event_id))


def talk_choices(tx: Tx) -> dict[int, TalkChoice]:
    """What the owner settled, by event."""
    rows = all_rows(tx, select(talk_table).where(mine(tx, talk_table)))
    return {row["event_id"]: value(TalkChoice, row) for row in rows}


def follow_ups(
    tx: Tx, *, states: Sequence[str] | None = None, since: datetime | None = None, contact_id: str | None = None
) -> list[FollowUp]:
    """Follow-ups by time; ``since``: those at that moment or later."""
    query = _follow_ups(tx).order_by(follow_up_table.c.at, follow_up_table.c.id)
    if states is not None:
        query = query.where(follow_up_table.c.state.in_(list(states)))
    if since is not None:
        query = query.where(follow_up_table.c.at >= since)
    if contact_id is not None:
        query = query.where(follow_up_table.c.contact_id == contact_id)
    return [_follow_up(row) for row in all_rows(tx, query)]


def follow_up(tx: Tx, follow_up_id: str) -> FollowUp:
    """One follow-up. Raises NotFound."""
    row = first(tx, _follow_ups(tx).where(follow_up_table.c.id == follow_up_id))
    if row is None:
        raise NotFound("There is no such follow-up.")
    return _follow_up(row)


def place_follow_up(  # noqa: PLR0913 - a row's columns, each by name
    tx: Tx, *, id: str, contact_id: str, cycle: str, at: datetime, wall: str, zone: str, reason: dict[str, Any],  # noqa: A002 - the column's name
    now: datetime,
) -> None:  # fmt: skip
    """Plan it, or move it if it is there and live; in a period that has another one already nothing happens."""
    place = {"at": at, "wall": wall, "zone": zone, "reason": reason}
    row = {"id": id, "owner_id": tx.owner_id, "contact_id": contact_id, "cycle": cycle, "state": "planned"}
    here = (mine(tx, follow_up_table), follow_up_table.c.id == id)
    live = follow_up_table.c.state.in_(("planned", "placed", "moved"))
    if changed(tx, update(follow_up_table).where(*here, live).values(**place)) == 0:
        insert_new(tx, follow_up_table, [row | place | {"created_at": now, "event_fingerprint": "", "sequence": 0}])


def set_follow_up(  # noqa: PLR0913 - a row's columns, each by name
    tx: Tx, follow_up_id: str, *, state: str | None = None, at: datetime | None = None, wall: str | None = None,
    event_fingerprint: str | None = None, sequence: int | None = None,
) -> None:  # fmt: skip
    """Change what is given. Raises NotFound."""
    values = {"state": state, "at": at, "wall": wall, "event_fingerprint": event_fingerprint, "sequence": sequence}
    given = {name: each for name, each in values.items() if each is not None}
    here = (mine(tx, follow_up_table), follow_up_table.c.id == follow_up_id)
    if given and changed(tx, update(follow_up_table).where(*here).values(**given)) == 0:
        raise NotFound("There is no such follow-up.")


def may_stand() -> ColumnElement[bool]:
    """Follow-ups whose event may stand in a calendar: written, or tried with an answer that we never got."""
    written = follow_up_table.c.state.in_(("placed", "moved"))
    tried = exists().where(
        outbox_table.c.owner_id == follow_up_table.c.owner_id,
        outbox_table.c.subject_ref == follow_up_table.c.id,
        outbox_table.c.kind == "follow_up_put",
        outbox_table.c.fence > 0,
    )
    return or_(written, and_(follow_up_table.c.state == "planned", tried))


def event_key(event_id: str) -> int:
    """The key of an event from its id as text. Raises NotFound for text that is none."""
    if event_id.isascii() and event_id.isdigit() and len(event_id) < 20 and int(event_id) < 1 << 63:
        return int(event_id)
    raise NotFound("There is no such event.")


def _promises(tx: Tx, which: Any) -> list[Promise]:
    query = select(promise_table).where(mine(tx, promise_table), which)
    return [value(Promise, row) for row in all_rows(tx, query.order_by(promise_table.c.made_at, promise_table.c.id))]


def _follow_ups(tx: Tx) -> Any:
    whose = and_(contact.c.id == follow_up_table.c.contact_id, contact.c.owner_id == follow_up_table.c.owner_id)
    query = select(follow_up_table, contact.c.name.label("contact_name"))
    return query.select_from(follow_up_table.outerjoin(contact, whose)).where(mine(tx, follow_up_table))


def _follow_up(row: Row) -> FollowUp:
    return value(FollowUp, row, contact_name=row["contact_name"] or "")


def _exists(tx: Tx, contact_id: str) -> None:
    if first(tx, select(contact.c.id).where(mine(tx, contact), contact.c.id == contact_id)) is None:
        raise NotFound("There is no such contact.")
