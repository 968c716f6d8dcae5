"""A talk ahead that stands in no calendar: by telephone, agreed on in passing. Called by pages, the command, `items`.

It is an event like any other, held by no calendar and no import: it stands until its owner calls it off, or the same
talk turns up in a calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.agenda import EventRow, event, events_between
from keepwarm.store.arrivals import Arrival, keep_events
from keepwarm.store.changelog import encoded, recording
from keepwarm.store.database import Tx
from keepwarm.store.own import own_match_forms
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow, contact_rows
from keepwarm.store.rows import all_rows, event_key, mine
from keepwarm.store.tables import event as table
from keepwarm.store.tables import identity
from keepwarm.store.touches import retouch_events
from keepwarm.texts import mark
from keepwarm.types import Address, CalendarEvent, Participant, Role

BY_HAND = "@by-hand.keepwarm"  # how the UIDs of these end
TOGETHER = 7  # people beside the owner: more are no talk (`keepwarm.talks`)
MINUTES, USUAL = range(5, 601), 60
TITLE_LONGEST = 200
LONGEST = timedelta(hours=12)  # of a talk in a calendar; ours

PAST = mark("Choose a day and an hour that are still ahead. Nothing was kept yet.")
THERE = mark("A talk with them at that hour stands in your calendar already, with its questions. Nothing was kept.")
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
    if _in_calendar(tx, at, end, {row.id for row in rows}):
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
        if _in_calendar(tx, found.start_at, found.end_at, {who.contact_id for who in found.people}):
            _end(tx, [row["id"]], now)


def _in_calendar(tx: Tx, start: datetime, end: datetime, whose: Collection[str | None]) -> bool:
    """Whether a calendar has something with one of these people at that time."""
    around = (each for each in events_between(tx, start - LONGEST, end) if each.end_at > start)
    standing = (each for each in around if not (by_hand(each) or each.gone or each.cancelled or each.all_day))
    return any(who.contact_id and who.contact_id in whose for each in standing for who in each.people)


def _end(tx: Tx, keys: Sequence[int], now: datetime) -> None:
    gone = {"gone_at": now, "generation": table.c.generation + 1}
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id.in_(keys)).values(**gone))
    retouch_events(tx, keys)


def _guest(row: ContactRow) -> Participant:
    return Participant(role=Role.ATTENDEE, address=Address(address=row.addresses[0], name=row.name))
