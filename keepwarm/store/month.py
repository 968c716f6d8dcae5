"""The days of a month: talks, follow-ups, promises and birthdays. Called by the page of the calendar.

Only the people of that month are read, however many there are.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from keepwarm.followups import OWED
from keepwarm.freshness import explain
from keepwarm.store.agenda import EventRow, as_domain, events_between, known_in, own_in
from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import FollowUp, follow_ups
from keepwarm.store.held import noted_events
from keepwarm.store.notes import Promise, open_promises
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import card
from keepwarm.store.world import World, fresh, world
from keepwarm.talks import Talk, talk_of
from keepwarm.zones import local, to_utc

SHOWN = ("planned", "placed", "moved", "done")  # states of follow-ups that a calendar shows
ORDER = ("birthday", "promise", "talk", "follow_up")  # of what has no hour, then by the hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something on a day. ``kind``: one of ORDER. ``ref``: id of the event, follow-up or promise; of a birthday empty.

    ``at`` is None for what has no hour. ``about``: the title of a talk, the text of a promise, what is owed in a
    follow-up (promise, thanks, introduction, word; empty: keeping in touch). ``state``: that of a follow-up; of a talk
    ahead, held or noted; of a promise mine or theirs. ``why``: one sentence, may be empty.
    """

    kind: str
    on: date
    at: datetime | None = None
    ref: str = ""
    about: str = ""
    state: str = ""
    why: str = ""
    people: tuple[ContactRow, ...]


def month(tx: Tx, now: datetime, first: date) -> list[Entry]:
    """All entries of the month that begins on ``first``, in order of day and hour; about active people only."""
    zone, last = owner(tx).zone, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    begin, end = to_utc(first, time(), zone), to_utc(last + timedelta(days=1), time(), zone)
    talks = list(_talks(events_between(tx, begin, end)))
    standing = [each for each in follow_ups(tx, states=SHOWN, since=begin) if each.at < end]
    promised = [each for those in open_promises(tx).values() for each in those if _within(each.due_on, first, last)]
    born = _born(tx, first, last)
    ids = {each for _, talk in talks for each in talk.contact_ids} | born.keys()
    ids |= {each.contact_id for each in standing} | {each.contact_id for each in promised}
    at_now = world(tx, now, only=sorted(ids))
    noted = noted_events(tx)
    found = [
        *(_talk(at_now, event, talk, noted) for event, talk in talks),
        *(_follow_up(at_now, each) for each in standing if _known(at_now, each.contact_id)),
        *(_promise(at_now, each) for each in promised if _known(at_now, each.contact_id)),
        *(
            Entry(kind="birthday", on=on, people=(at_now.people[who],))
            for who, on in born.items()
            if _known(at_now, who)
        ),
    ]
    return sorted((each for each in found if each.people), key=_by_day)


def _by_day(each: Entry) -> tuple[date, bool, datetime | int, int, str, str]:
    return each.on, each.at is not None, each.at or 0, ORDER.index(each.kind), each.people[0].name.casefold(), each.ref


def _known(at_now: World, contact_id: str) -> bool:
    row = at_now.people.get(contact_id)
    return row is not None and not row.private


def _talks(events: Iterable[EventRow]) -> Iterator[tuple[EventRow, Talk]]:
    """Judged as they were the moment before they began."""
    for each in events:
        before = each.start_at - timedelta(seconds=1)
        judged = talk_of(as_domain(each), own=own_in(each), known=known_in(each), now=before)
        if isinstance(judged, Talk):
            yield each, judged


def _talk(at_now: World, event: EventRow, talk: Talk, noted: set[int]) -> Entry:
    ahead = "ahead" if event.end_at > at_now.now else "held"
    return Entry(
        kind="talk",
        on=local(event.start_at, at_now.owner.zone).date(),
        at=event.start_at,
        ref=event.id,
        about=event.title,
        state="noted" if int(event.id) in noted else ahead,
        people=tuple(at_now.people[each] for each in talk.contact_ids if each in at_now.people),
    )


def _follow_up(at_now: World, each: FollowUp) -> Entry:
    row = at_now.people[each.contact_id]
    about = each.cycle.removeprefix(OWED).partition(":")[0] if each.cycle.startswith(OWED) else ""
    live = not about and each.at > at_now.now
    why = explain(at_now.texts, fresh(at_now, row), circle=row.circle, now=at_now.now, goal=row.goal) if live else ""
    return Entry(
        kind="follow_up",
        on=local(each.at, at_now.owner.zone).date(),
        at=each.at,
        ref=each.id,
        about=about,
        state=each.state,
        why=why,
        people=(row,),
    )


def _promise(at_now: World, each: Promise) -> Entry:
    assert each.due_on is not None, "promises of a month have a day"
    return Entry(
        kind="promise",
        on=each.due_on,
        ref=each.id,
        about=each.text,
        state="mine" if each.mine else "theirs",
        people=(at_now.people[each.contact_id],),
    )


def _within(day: date | None, first: date, last: date) -> bool:
    return day is not None and first <= day <= last


def _born(tx: Tx, first: date, last: date) -> dict[str, date]:
    """Who has a birthday in that month, and on which day; born on 29 February means the last day of it."""
    here = (mine(tx, card), card.c.contact_id.is_not(None), card.c.birthday.like(f"%-{first.month:02d}-__"))
    rows = all_rows(tx, select(card.c.contact_id, card.c.birthday).where(*here).order_by(card.c.id))
    found: dict[str, date] = {}
    for row in rows:
        day = row["birthday"][-2:]
        if day.isascii() and day.isdigit() and 1 <= int(day) <= 31:
            found.setdefault(row["contact_id"], first.replace(day=min(int(day), last.day)))
    return found
