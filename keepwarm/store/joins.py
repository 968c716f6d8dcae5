"""Joins that can be taken back, also where the owner went on with the joined person since. Called by the pages.

A later change that builds on the join is taken back first, newest before oldest, and done again on top afterwards: what
it changed is put where it belongs now, and what it can be taken back to is written down anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from keepwarm.errors import NotPossible
from keepwarm.store.changelog import Image, decoded, encoded, own_key, restore, table_named
from keepwarm.store.changes import Change, touched, wanted
from keepwarm.store.database import Tx
from keepwarm.store.judging import FIELDS
from keepwarm.store.listing import concerned, refresh
from keepwarm.store.owners import note_news
from keepwarm.store.rows import Row, all_rows, first, mine, value
from keepwarm.store.tables import change as table
from keepwarm.store.tables import contact

UNDOABLE = timedelta(days=90)  # PRODUCT.md section 2, case 16
# What may have happened since. Another join, or a word by which somebody stays away, binds the two more closely.
FOLLOWING = frozenset({
    "accept", "add", "correct", "decline", "delete", "edit", "goal", "ignore", "introduction", "judge", "later", "move",
    "note", "plan", "promise", "release", "round", "tag", "take_away", "touch",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Two that were joined: whom they are now, and what the other was called. ``id``: of the change."""

    id: int
    at: datetime
    kept_id: str
    kept: str
    other: str


def joins(tx: Tx, now: datetime) -> list[Join]:
    """Those of the last ninety days that stand, the newest first."""
    here = (mine(tx, table), table.c.what == "join", table.c.undone_at.is_(None), table.c.at > now - UNDOABLE)
    found = []
    for row in all_rows(tx, select(table).where(*here).order_by(table.c.id.desc())):
        kept_id, other = sides(row["before"])
        kept = first(tx, select(contact.c.name).where(mine(tx, contact), contact.c.id == kept_id))
        if kept is not None and other is not None:
            found.append(
                Join(id=row["id"], at=row["at"], kept_id=kept_id, kept=kept["name"], other=str(other[2]["name"]))
            )
    return found


def sides(images: Sequence[Image]) -> tuple[str, Image | None]:
    """Of the images of a join: the id of whom was kept, and the image of the other, who went."""
    people = [image for image in images if image[0] == contact.name and image[2] is not None]
    kept = next((str(image[1]) for image in people if "name" not in image[2]), "")
    return kept, next((image for image in people if "name" in image[2]), None)


def take_apart(tx: Tx, change_id: int, now: datetime) -> Change:
    """Take a join back and keep what the owner changed since. Raises NotFound, NotPossible."""
    row = wanted(tx, change_id)
    if row["what"] != "join" or row["at"] <= now - UNDOABLE:
        raise NotPossible("A join can be taken back for ninety days. Nothing was changed.")
    later = _built_upon(tx, row)
    if any(each["what"] not in FOLLOWING for each in later):
        raise NotPossible(
            "Since then one of the two was joined again, or is never to be contacted. Nothing was changed; take that "
            "back first."
        )
    after = {}
    for each in reversed(later):
        after[each["id"]] = _as_now(tx, each["before"])
        restore(tx, each["before"], now)
    restore(tx, row["before"], now)
    for each in later:
        _again(tx, each, after[each["id"]], now)
    note_news(tx)
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id == row["id"]).values(undone_at=now))
    return value(Change, row, undone_at=now)


def _built_upon(tx: Tx, row: Row) -> list[Row]:
    """The later changes that build on this one, or on one that does; the oldest first."""
    here = (mine(tx, table), table.c.id > row["id"], table.c.undone_at.is_(None))
    known, found = touched(row["before"]), []
    for each in all_rows(tx, select(table).where(*here).order_by(table.c.id)):
        if known & touched(each["before"]):
            known |= touched(each["before"])
            found.append(each)
    return found


def _as_now(tx: Tx, images: Sequence[Image]) -> list[Image]:
    """The rows of these images as they are at this moment, in the same columns."""
    return [[name, key, _encoded(tx, table_named(name), key, before)] for name, key, before in images]


def _encoded(tx: Tx, of: Table, key: Any, like: dict[str, Any] | None) -> dict[str, Any] | None:
    row = first(tx, select(of).where(mine(tx, of), own_key(of) == key))
    partly = like is not None and len(like) < len(of.columns)
    return encoded(of, row, list(like) if partly and like else None)


def _again(tx: Tx, row: Row, after: Sequence[Image], now: datetime) -> None:
    """Do a change once more on rows as they are now, and write down what it is taken back to from here."""
    images = []
    for (name, key, before), (_, _, then) in zip(row["before"], after, strict=True):
        of = table_named(name)
        as_now = _encoded(tx, of, key, before)
        if before is None and as_now is None and then is not None:
            images.append([name, key, None])
            tx.connection.execute(insert(of).values(**decoded(of, then)))
        elif as_now is not None and before is not None:
            images.append([name, key, as_now])
            _change(tx, of, key, before=before, then=then, as_now=as_now)
    here = (mine(tx, table), table.c.id == row["id"])
    tx.connection.execute(update(table).where(*here).values(before=images))
    refresh(tx, concerned(tx, images), now)


def _change(
    tx: Tx, of: Table, key: Any, *, before: dict[str, Any], then: dict[str, Any] | None, as_now: dict[str, Any]
) -> None:
    """What a change made of a row: gone, or other values in the columns that it changed."""
    here = (mine(tx, of), own_key(of) == key)
    if then is None:
        tx.connection.execute(delete(of).where(*here))
        return
    values = {name: each for name, each in then.items() if before.get(name) != each}
    if of is contact and "edited" in then:
        said = {*as_now.get("edited", ()), *values, *set(then["edited"]) - set(before.get("edited", ()))}
        values["edited"] = sorted(said & {*FIELDS, *as_now.get("edited", ())})
    if values:
        tx.connection.execute(update(of).where(*here).values(**decoded(of, values)))
