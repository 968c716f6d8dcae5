"""What was said and promised. Called by the command, the pages, `outlook` and `workers.prepare`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.people import must_exist
from keepwarm.store.rows import all_rows, changed, event_key, mine, value
from keepwarm.store.tables import note as note_table
from keepwarm.store.tables import promise as promise_table


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


def add_note(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_id: str, now: datetime, *, said: str, tips: str = "", event_id: str | None = None,
    promises: Iterable[tuple[bool, str, date | None]] = (),
) -> str:  # fmt: skip
    """Keep what was said and promised (mine, text, due on); the note's id. Raises NotFound."""
    must_exist(tx, contact_id)
    row: dict[str, Any] = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "said": said}
    row |= {"at": now, "tips": tips, "event_id": event_key(event_id) if event_id else None}
    tx.connection.execute(insert(note_table).values(**row))
    for is_mine, text, due_on in promises:
        made = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "made_at": now}
        tx.connection.execute(insert(promise_table).values(**made, mine=is_mine, text=text, due_on=due_on))
    return str(row["id"])


def notes_about(tx: Tx, contact_id: str) -> list[Note]:
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


def _promises(tx: Tx, which: Any) -> list[Promise]:
    query = select(promise_table).where(mine(tx, promise_table), which)
    return [value(Promise, row) for row in all_rows(tx, query.order_by(promise_table.c.made_at, promise_table.c.id))]
