"""Facts for pages, commands and mails: what is ahead, who is due, how the installation is doing.

Called by `workers.prepare`, `workers.render`, the command and the pages. `agenda` holds events, `world` what
all looks at, `ahead` talks, `outlook` what is due, `digesting` the digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from keepwarm.store.agenda import (
    EventPerson,
    EventRow,
    as_domain,
    away,
    busy,
    declined,
    event,
    events_between,
    first_event_at,
    hour_may_mislead,
    main_zone,
)
from keepwarm.store.ahead import TalkRow, situation, talk, talks_until
from keepwarm.store.database import Tx
from keepwarm.store.digesting import digest_facts
from keepwarm.store.duties import DutyState, duties
from keepwarm.store.lateness import latest
from keepwarm.store.lookalikes import doubt_of, known_people
from keepwarm.store.outlook import Upcoming, UpcomingFollowUp, due_about, due_people, follow_up_plan, upcoming
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.streams import StreamState, streams
from keepwarm.store.tables import contact, message, outbox, quarantine
from keepwarm.store.tables import event as event_table
from keepwarm.store.world import World, evidence_of, fresh, meet_spoken_of, world

__all__ = [
    "EventPerson", "EventRow", "Health", "TalkRow", "Upcoming", "UpcomingFollowUp", "World", "as_domain", "away",
    "busy", "declined", "digest_facts", "doubt_of", "due_about", "due_people", "event", "events_between",
    "evidence_of", "first_event_at", "follow_up_plan", "fresh", "health", "hour_may_mislead", "known_people", "latest",
    "main_zone", "meet_spoken_of", "situation", "talk", "talks_until", "to_judge", "upcoming", "world",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``people`` by state; ``outbox_by_state`` of this owner."""

    duties: list[DutyState]
    streams: list[StreamState]
    outbox_by_state: dict[str, int]
    quarantined: int
    people: dict[str, int]
    mails: int
    events: int


def health(tx: Tx, now: datetime) -> Health:
    """How this owner's part of the installation is doing."""
    return Health(
        duties=duties(tx, now),
        streams=streams(tx),
        outbox_by_state=_by_state(tx, outbox),
        quarantined=_count(tx, quarantine),
        people=_by_state(tx, contact),
        mails=_count(tx, message),
        events=_count(tx, event_table),
    )


def _by_state(tx: Tx, table: Any) -> dict[str, int]:
    query = select(table.c.state, func.count().label("n")).where(mine(tx, table)).group_by(table.c.state)
    return {row["state"]: row["n"] for row in all_rows(tx, query.order_by(table.c.state))}


def _count(tx: Tx, table: Any) -> int:
    return int(tx.connection.execute(select(func.count()).select_from(table).where(mine(tx, table))).scalar_one())


def to_judge(tx: Tx, *, at_most: int | None = None) -> int:
    """How many people are proposed and not judged yet; counted up to ``at_most``, since every page asks."""
    found = select(contact.c.id).where(mine(tx, contact), contact.c.state == "proposed").limit(at_most).subquery()
    return int(tx.connection.execute(select(func.count()).select_from(found)).scalar_one())
