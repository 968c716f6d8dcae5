"""The owner's own versions of the question lists. Called by the command, the pages and `world`. All can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from keepwarm.errors import NotFound, NotPossible
from keepwarm.questions import MOST, TYPES, OwnList, StoredList, checked, load_lists
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, first, mine, upsert
from keepwarm.store.tables import own_list as table


def own_lists(tx: Tx) -> dict[str, dict[str, OwnList]]:
    """What the owner changed, by language and type."""
    found: dict[str, dict[str, OwnList]] = {}
    for row in all_rows(tx, select(table).where(mine(tx, table))):
        own = OwnList(hidden=frozenset(row["hidden"]), worded=row["worded"], added=tuple(row["added"]))
        found.setdefault(row["lang"], {})[row["type"]] = own
    return found


def hide(tx: Tx, type_: str, lang: str, question_id: str, now: datetime, *, again: bool = False) -> None:
    """Never ask a prepared question, or ``again``. Raises NotFound."""
    stored, own = _now(tx, type_, lang)
    _must_hold(stored, question_id)
    hidden = own.hidden - {question_id} if again else own.hidden | {question_id}
    _keep(tx, stored, now, hidden=sorted(hidden))


def word(tx: Tx, type_: str, lang: str, question_id: str, text: str, now: datetime) -> None:
    """Put a prepared question in own words; an empty text takes that back. Raises NotFound, NotPossible."""
    stored, own = _now(tx, type_, lang)
    _must_hold(stored, question_id)
    worded = {key: each for key, each in own.worded.items() if key != question_id}
    _keep(tx, stored, now, worded=worded | ({question_id: checked(text)} if text.strip() else {}))


def add(tx: Tx, type_: str, lang: str, text: str, now: datetime) -> None:
    """One more question, asked first. Raises NotFound, NotPossible."""
    stored, own = _now(tx, type_, lang)
    question = checked(text)
    if len(own.added) >= MOST:
        raise NotPossible("There are twenty questions of your own in this list, the most there can be.")
    if question not in own.added:
        _keep(tx, stored, now, added=[*own.added, question])


def remove(tx: Tx, type_: str, lang: str, number: int, now: datetime) -> None:
    """Take a question of one's own away, counted from 1. Raises NotFound."""
    stored, own = _now(tx, type_, lang)
    if not 0 < number <= len(own.added):
        raise NotFound("There is no such question of your own.")
    _keep(tx, stored, now, added=[each for at, each in enumerate(own.added, 1) if at != number])


def as_prepared(tx: Tx, type_: str, lang: str, now: datetime) -> None:
    """Back to the list as it was prepared. Raises NotFound."""
    stored, own = _now(tx, type_, lang)
    if own:
        _keep(tx, stored, now, hidden=[], worded={}, added=[])


def _now(tx: Tx, type_: str, lang: str) -> tuple[StoredList, OwnList]:
    if type_ not in TYPES:
        raise NotFound("There is no such question list.")
    return load_lists(lang)[type_], own_lists(tx).get(lang, {}).get(type_, OwnList())


def _must_hold(stored: StoredList, question_id: str) -> None:
    if question_id not in {each.id for each in stored.questions}:
        raise NotFound("There is no such question in this list.")


def _keep(tx: Tx, stored: StoredList, now: datetime, **changed: Sequence[str] | Mapping[str, str]) -> None:
    here = (mine(tx, table), table.c.type == stored.type, table.c.lang == stored.lang)
    row: Mapping[str, Any] | None = first(tx, select(table).where(*here))
    new = {"id": tx.new_id(), "owner_id": tx.owner_id, "type": stored.type, "lang": stored.lang}
    with recording(tx, "questions", stored.title, now) as record:
        if row is None:
            record.added(table, [new["id"]])
        else:
            record.before(table, [row["id"]])
        whole = dict(row) if row else new | {"hidden": [], "worded": {}, "added": []}
        upsert(tx, table, [whole | changed], list(changed))
