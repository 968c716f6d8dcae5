"""Undo: the newest change of the owner's is taken back in full. Called by the command and the pages.

`changelog` writes changes down. Where only some columns changed, only these are put back, so that
what detection found meanwhile stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.changelog import Image, recording, restore
from keepwarm.store.database import Tx
from keepwarm.store.owners import note_news
from keepwarm.store.removal import undo_batch
from keepwarm.store.rows import Row, all_rows, first, mine, value
from keepwarm.store.tables import change as table
from keepwarm.store.tables import event, follow_up
from keepwarm.store.touches import retouch_events

FOLLOW_UPS = frozenset({"move", "take_away"})  # changes that a calendar has to follow
ANSWERS = ("touch", "later", "release")  # what settles somebody named for this week

__all__ = ["Change", "answered", "changes", "latest", "recording", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``what``: accept, ignore, never, join, edit, add, decline, import ...; ``label``: a name, a count or a file."""

    id: int
    at: datetime
    what: str
    label: str
    undone_at: datetime | None


def latest(tx: Tx) -> Change | None:
    """The newest change that is not taken back."""
    row = first(tx, _newest(tx).limit(1))
    return value(Change, row) if row else None


def changes(tx: Tx, limit: int = 50) -> list[Change]:
    """The newest changes first, also those taken back."""
    query = select(table).where(mine(tx, table)).order_by(table.c.id.desc()).limit(limit)
    return [value(Change, row) for row in all_rows(tx, query)]


def answered(tx: Tx, since: datetime) -> int:
    """How often the owner said since then that they got in touch with somebody, or that it can wait."""
    here = (mine(tx, table), table.c.at >= since, table.c.undone_at.is_(None), table.c.what.in_(ANSWERS))
    return int(tx.connection.execute(select(func.count()).select_from(table).where(*here)).scalar_one())


def undo(tx: Tx, now: datetime, change_id: int | None = None) -> Change:
    """Take back the newest change, or this one. NotPossible if there is none, or later ones build on it."""
    row = wanted(tx, change_id)
    if row["what"] == "import":
        undo_batch(tx, row["before"][0][1], now)
    else:
        _refuse_if_built_upon(tx, row)
        restore(tx, row["before"], now)
        retouch_events(tx, [key for name, key, _ in row["before"] if name == event.name])
    note_news(tx)
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id == row["id"]).values(undone_at=now))
    return value(Change, row, undone_at=now)


def _newest(tx: Tx) -> Any:
    return select(table).where(mine(tx, table), table.c.undone_at.is_(None)).order_by(table.c.id.desc())


def wanted(tx: Tx, change_id: int | None) -> Row:
    """The row of the newest change that stands, or of this one. Raises NotFound, NotPossible."""
    if change_id is None:
        row = first(tx, _newest(tx).limit(1))
        if row is None:
            raise NotPossible("There is nothing to take back. Nothing was changed.")
        return row
    row = first(tx, select(table).where(mine(tx, table), table.c.id == change_id))
    if row is None:
        raise NotFound("There is no such change.")
    if row["undone_at"] is not None:
        raise NotPossible("This was taken back already. Nothing was changed.")
    return row


def _refuse_if_built_upon(tx: Tx, row: Row) -> None:
    these = touched(row["before"])
    for later in all_rows(tx, _newest(tx).where(table.c.id > row["id"])):
        if these & touched(later["before"]):
            raise NotPossible("Later changes build on this one. Nothing was changed; take those back first.")


def follow_ups_of(tx: Tx, change_id: int | None = None) -> list[str]:
    """Ids of the follow-ups that this change (None: the newest that stands) moved or took out of the calendar.

    Raises NotFound, NotPossible.
    """
    row = wanted(tx, change_id)
    return [str(key) for name, key, _ in row["before"] if name == follow_up.name] if row["what"] in FOLLOW_UPS else []


def touched(images: list[Image]) -> set[tuple[str, Any]]:
    """Which rows a change changed."""
    return {(name, key) for name, key, _ in images}
