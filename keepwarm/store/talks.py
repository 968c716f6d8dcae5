"""What the owner settled about a talk; the event itself is in `agenda`. Called by command, pages and `world`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, event_key, mine, upsert, value
from keepwarm.store.tables import talk as talk_table

FIELDS = frozenset({"type", "goal", "reading", "no_brief", "questions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChoice:
    """What the owner settled about one talk; None: as proposed."""

    event_id: int
    type: str | None
    goal: str | None
    reading: str
    no_brief: bool
    questions: list[str]


def settle(tx: Tx, event_id: str, now: datetime, **fields: Any) -> None:  # noqa: ARG001 - the form of all that change
    """Settle something about a talk: a field of FIELDS; the rest stays as it is."""
    if unknown := set(fields) - FIELDS:
        raise ValueError(f"not a field of a talk: {sorted(unknown)}")
    row = {"event_id": event_key(event_id), "owner_id": tx.owner_id, "reading": "", "no_brief": False}
    row |= {"questions": []} | fields
    upsert(tx, talk_table, [row], list(fields) or ["owner_id"])


def talk_choice(tx: Tx, event_id: str) -> TalkChoice | None:
    return talk_choices(tx).get(event_key(event_id))


def talk_choices(tx: Tx) -> dict[int, TalkChoice]:
    """What the owner settled, by event."""
    rows = all_rows(tx, select(talk_table).where(mine(tx, talk_table)))
    return {row["event_id"]: value(TalkChoice, row) for row in rows}
