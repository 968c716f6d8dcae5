"""What the owner settled about a talk; the event itself is in `agenda`. Called by command, pages and `world`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from keepwarm.questions import OwnTalk
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, event_key, first, mine, upsert, value
from keepwarm.store.tables import talk as talk_table

FIELDS = frozenset({"type", "goal", "reading", "no_brief", "questions", "own"})
EMPTY: dict[str, Any] = {"type": None, "goal": None, "reading": "", "no_brief": False, "questions": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChoice:
    """What the owner settled about one talk; None: as proposed. ``questions``: those added for it alone."""

    event_id: int
    type: str | None
    goal: str | None
    reading: str
    no_brief: bool
    questions: list[str]
    own: OwnTalk


def settle(tx: Tx, event_id: str, now: datetime, **fields: Any) -> None:
    """Settle something about a talk: a field of FIELDS; the rest stays as it is. Can be taken back.

    ``questions``: those added for it alone. ``own``: the whole of what is different about its list.
    """
    if unknown := set(fields) - FIELDS:
        raise ValueError(f"not a field of a talk: {sorted(unknown)}")
    key = event_key(event_id)
    before = first(tx, select(talk_table).where(mine(tx, talk_table), talk_table.c.event_id == key)) or EMPTY
    fields = _with_questions(before["questions"], fields)
    changed = {name: each for name, each in fields.items() if each != before[name]}
    if not changed:
        return
    row = {name: before[name] for name in EMPTY} | changed
    with recording(tx, "questions", "", now) as record:
        record.before(talk_table, [key])
        upsert(tx, talk_table, [{"event_id": key, "owner_id": tx.owner_id, **row}], list(changed))


def talk_choice(tx: Tx, event_id: str) -> TalkChoice | None:
    return talk_choices(tx).get(event_key(event_id))


def talk_choices(tx: Tx) -> dict[int, TalkChoice]:
    """What the owner settled, by event."""
    rows = all_rows(tx, select(talk_table).where(mine(tx, talk_table)))
    return {row["event_id"]: _choice(row) for row in rows}


def _choice(row: Row) -> TalkChoice:
    own = _unpacked(row["questions"])
    return value(TalkChoice, row, questions=list(own.added), own=own)


# --- one column for all that is different about the list of a talk ------------------------------------------------


def _with_questions(before: Iterable[Any], fields: dict[str, Any]) -> dict[str, Any]:
    own = fields.get("own")
    if own is None and "questions" in fields:
        given = fields["questions"]
        whole = any(isinstance(each, dict) for each in given)  # as the column holds it
        own = _unpacked(given) if whole else replace(_unpacked(before), added=tuple(given))
    rest = {name: each for name, each in fields.items() if name not in {"own", "questions"}}
    return rest if own is None else rest | {"questions": _packed(own)}


def _packed(own: OwnTalk) -> list[Any]:
    """Texts as they are; what else is different, each as an object of its own, so that older rows stay readable."""
    parts = {"hidden": sorted(own.hidden), "worded": dict(own.worded), "order": list(own.order)}
    return [*own.added, *({name: each} for name, each in parts.items() if each)]


def _unpacked(stored: Iterable[Any]) -> OwnTalk:
    parts: dict[str, Any] = {}
    for each in stored:
        parts |= each if isinstance(each, dict) else {"added": [*parts.get("added", ()), each]}
    return OwnTalk(
        added=tuple(parts.get("added", ())),
        hidden=frozenset(parts.get("hidden", ())),
        worded=parts.get("worded", {}),
        order=tuple(parts.get("order", ())),
    )
