"""What was written down about a talk, or promised, put right or taken out; each can be taken back.

Called by the pages and the command. Question lists, digests and what is owed are made from the rows when they are
wanted, so they follow; entries in a calendar are written again by `workers.nextsteps`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.changelog import recording
from keepwarm.store.changes import wanted
from keepwarm.store.database import Tx
from keepwarm.store.notes import Note, Promise
from keepwarm.store.people import must_exist
from keepwarm.store.rows import Row, first, mine, value
from keepwarm.store.tables import note as note_table
from keepwarm.store.tables import promise as promise_table
from keepwarm.texts import mark

CORRECT, DELETE = "correct", "delete"  # kinds of change
AHEAD = mark("A talk that was held lies behind you: choose today or a day before. Nothing was changed.")
NO_WORDS = mark("A promise needs words. Nothing was changed; to take it out, delete it.")


def note(tx: Tx, note_id: str) -> Note:
    """One note. Raises NotFound."""
    return value(Note, _row(tx, note_table, note_id))


def any_promise(tx: Tx, promise_id: str) -> Promise:
    """One promise, kept ones too. Raises NotFound."""
    return value(Promise, _row(tx, promise_table, promise_id))


def correct_note(tx: Tx, note_id: str, now: datetime, *, said: str, tips: str, at: datetime | None = None) -> bool:
    """Put other words, or another moment; whether anything differed. Raises NotFound, NotPossible for one ahead.

    A note about an event keeps its moment: it was when the event was.
    """
    before = note(tx, note_id)
    wishes: dict[str, Any] = {"said": said, "tips": tips}
    if at is not None and before.event_id is None:
        wishes["at"] = at
        if at > now and at != before.at:
            raise NotPossible(AHEAD)
    return _correct(tx, note_table, note_id, now, wishes)


def correct_promise(tx: Tx, promise_id: str, now: datetime, *, text: str, mine: bool, due_on: date | None) -> bool:
    """Put other words, whose it is, by when; whether anything differed. Raises NotFound, NotPossible without words."""
    if not text:
        raise NotPossible(NO_WORDS)
    return _correct(tx, promise_table, promise_id, now, {"text": text, "mine": mine, "due_on": due_on})


def delete_note(tx: Tx, note_id: str, now: datetime) -> None:
    """Take a note out; what came up in that talk (people, promises) stays. Raises NotFound."""
    _delete(tx, note_table, note_id, now)


def delete_promise(tx: Tx, promise_id: str, now: datetime) -> None:
    """Take a promise out, as if it had never been made. Raises NotFound."""
    _delete(tx, promise_table, promise_id, now)


def whom(tx: Tx, change_id: int | None = None) -> str | None:
    """About whom this change (None: the newest that stands) put something right. Raises NotFound, NotPossible."""
    row = wanted(tx, change_id)
    return str(row["before"][0][2]["contact_id"]) if row["what"] in {CORRECT, DELETE} else None


def _correct(tx: Tx, of: Table, key: str, now: datetime, wishes: dict[str, Any]) -> bool:
    row = _row(tx, of, key)
    changed = {name: each for name, each in wishes.items() if each != row[name]}
    if not changed:
        return False
    with recording(tx, CORRECT, _label(tx, row), now) as record:
        record.before(of, [key], columns=["contact_id", *changed])
        tx.connection.execute(update(of).where(mine(tx, of), of.c.id == key).values(**changed))
    return True


def _delete(tx: Tx, of: Table, key: str, now: datetime) -> None:
    with recording(tx, DELETE, _label(tx, _row(tx, of, key)), now) as record:
        record.before(of, [key])
        tx.connection.execute(delete(of).where(mine(tx, of), of.c.id == key))


def _label(tx: Tx, row: Row) -> str:
    return str(must_exist(tx, row["contact_id"])["name"])


def _row(tx: Tx, of: Table, key: str) -> Row:
    row = first(tx, select(of).where(mine(tx, of), of.c.id == key))
    if row is None:
        raise NotFound(f"There is no such {of.name}.")
    return row
