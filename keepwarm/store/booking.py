"""A talk ahead that stands in no calendar: by telephone, agreed on in passing. Called by pages, the command, `items`.

It is an event like any other, held by no calendar and no import: it stands until its owner calls it off, or the same
talk turns up in a calendar, which takes over what was settled about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.agenda import EventRow, as_domain, event, events_between, known_in, own_in
from keepwarm.store.arrivals import Arrival, keep_events
from keepwarm.store.changelog import encoded, recording
from keepwarm.store.database import Tx
from keepwarm.store.own import own_match_forms
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow, contact_rows
from keepwarm.store.rows import all_rows, event_key, first, mine
from keepwarm.store.tables import event as table
from keepwarm.store.tables import identity, talk
from keepwarm.store.touches import retouch_events
from keepwarm.talks import Talk, talk_of
from keepwarm.texts import mark
from keepwarm.types import Address, CalendarEvent, Participant, Role

BY_HAND = "@by-hand.keepwarm"  # how the UIDs of these end
TOGETHER = 7  # people beside the owner: more are no talk (`keepwarm.talks`)
MINUTES, USUAL = range(5, 601), 60
TITLE_LONGEST = 200
LONGEST = timedelta(hours=12)  # of a talk in a calendar; ours

PAST = mark("Choose a day and an hour that are still ahead. Nothing was kept yet.")
THERE = mark("A talk with them at that hour is known already, with its questions. Nothing was kept.")
OVER = mark("This talk has begun already. Nothing was changed.")
UNREACHABLE = mark(
    "Somebody among them has no address yet, and by that Keepwarm knows who is meant. Add one on their page first;"
    " nothing was kept."
)


def book(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_ids: Sequence[str], now: datetime, *, at: datetime, minutes: int = USUAL, title: str = "",
    location: str = "",
) -> str:  # fmt: skip
    """Note a talk with these people; the id of its event. Can be taken back. Raises NotFound, NotPossible."""
    if at <= now:
        raise NotPossible(PAST)
    found = contact_rows(tx, contact_ids, now)
    rows = [row for row in found.values() if row.state == "active" and not row.private]
    if not rows or len(rows) < len(set(contact_ids)):
        raise NotFound("There is no such contact.")
    if not all(row.addresses for row in rows):
        raise NotPossible(UNREACHABLE)
    end = at + timedelta(minutes=minutes)
    if any(_talks_then(tx, at, end, {row.id for row in rows}, now)):
        raise NotPossible(THERE)
    uid = f"{tx.new_id()}{BY_HAND}"
    noted = CalendarEvent(
        uid=uid, title=title, start_at=at, end_at=end, zone=owner(tx).zone,
        location=location, participants=tuple(_guest(row) for row in rows),
    )  # fmt: skip
    key = identity(tx.owner_id, "event", uid, "")
    with recording(tx, "book", ", ".join(row.name for row in rows), now) as record:
        keep_events(Arrival(tx=tx, stream_id="", batch_id=None, own=own_match_forms(tx), now=now), [noted])
        record.images.append([table.name, key, encoded(table, {"gone_at": now}, ["gone_at"])])  # as one called off
    return str(key)


def by_hand(found: EventRow) -> bool:
    """Whether it was noted by its owner, and stands in no calendar."""
    return found.uid.endswith(BY_HAND)


def call_off(tx: Tx, event_id: str, now: datetime) -> EventRow:
    """A talk that was noted by hand does not take place. Can be taken back. Raises NotFound, NotPossible."""
    found = event(tx, event_id)
    if not by_hand(found) or found.gone:
        raise NotFound("There is no such talk.")
    if found.start_at <= now:
        raise NotPossible(OVER)
    key = event_key(event_id)
    with recording(tx, "call_off", found.title, now) as record:
        record.before(table, [key], columns=["gone_at"])
        _end(tx, [key], now)
    return found


def give_way(tx: Tx, now: datetime) -> None:
    """What turned up in a calendar is that calendar's: noted by hand it stands no longer."""
    ahead = (mine(tx, table), table.c.start_at > now, table.c.gone_at.is_(None), table.c.uid.endswith(BY_HAND))
    for row in all_rows(tx, select(table.c.id).where(*ahead)):
        found = event(tx, str(row["id"]))
        whose = {who.contact_id for who in found.people if who.contact_id}
        there = _talks_then(tx, found.start_at, found.end_at, whose, now)
        if heir := next((each for each in there if not by_hand(each)), None):
            _hand_over(tx, row["id"], event_key(heir.id))
            _end(tx, [row["id"]], now)


def _talks_then(tx: Tx, start: datetime, end: datetime, whose: Collection[str], now: datetime) -> Iterator[EventRow]:
    """Talks with one of these people at that time: a crowd that they are in is none, nor what somebody declined."""
    for each in events_between(tx, start - LONGEST, end):
        judged = talk_of(as_domain(each), own=own_in(each), known=known_in(each), now=now)
        if each.end_at > start and isinstance(judged, Talk) and not set(judged.contact_ids).isdisjoint(whose):
            yield each


def _hand_over(tx: Tx, key: int, heir: int) -> None:
    """What the owner settled about one is about the other, where nothing was settled about that yet."""
    here = (mine(tx, talk), talk.c.event_id == heir)
    if first(tx, select(talk.c.event_id).where(*here)) is None:
        tx.connection.execute(update(talk).where(mine(tx, talk), talk.c.event_id == key).values(event_id=heir))


def _end(tx: Tx, keys: Sequence[int], now: datetime) -> None:
    gone = {"gone_at": now, "generation": table.c.generation + 1}
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id.in_(keys)).values(**gone))
    retouch_events(tx, keys)


def _guest(row: ContactRow) -> Participant:
    return Participant(role=Role.ATTENDEE, address=Address(address=row.addresses[0], name=row.name))
