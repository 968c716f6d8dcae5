"""Talks that were held, and whether the owner wrote down what came of them. Called by the command and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from keepwarm.errors import NotFound
from keepwarm.store.agenda import EventRow, as_domain, event, events_between, known_in, own_in
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import note
from keepwarm.store.world import World
from keepwarm.talks import NotATalk, talk_of

LOOK_BACK = timedelta(days=14)  # ours: after that nobody remembers what was said


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTalk:
    """A talk that is over. ``contacts``: active people who took part, the first one first."""

    event: EventRow
    contacts: tuple[str, ...]
    noted: bool


def held_talks(tx: Tx, at_now: World) -> list[HeldTalk]:
    """Talks of the last two weeks that are over, the newest first."""
    found = events_between(tx, at_now.now - LOOK_BACK, at_now.now)
    noted = noted_events(tx)
    rows = [held for each in found if each.end_at <= at_now.now and (held := _held(each, noted))]
    return list(reversed(rows))


def held_talk(tx: Tx, event_id: str, now: datetime) -> HeldTalk:
    """One of them, however long ago. Raises NotFound for an event that was no talk, or is still ahead."""
    found = event(tx, event_id)
    held = _held(found, noted_events(tx)) if found.start_at <= now else None
    if held is None:
        raise NotFound("This event is not a talk that was held.")
    return held


def _held(found: EventRow, noted: set[int]) -> HeldTalk | None:
    """Judged as it was the moment before it began."""
    before = found.start_at - timedelta(seconds=1)
    judged = talk_of(as_domain(found), own=own_in(found), known=known_in(found), now=before)
    if isinstance(judged, NotATalk):
        return None
    return HeldTalk(event=found, contacts=judged.contact_ids, noted=int(found.id) in noted)


def noted_events(tx: Tx) -> set[int]:
    query = select(note.c.event_id).where(mine(tx, note), note.c.event_id.is_not(None))
    return {row["event_id"] for row in all_rows(tx, query)}
