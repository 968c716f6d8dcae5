"""An event of Google as a VEVENT, so that one reader reads them all. Called by `resources` and `ours`.

`integrations.wire.ical` gives a meeting the same identity, limits and people wherever it was read; here nothing is
decided but how Google's words are said in RFC 5545. Zones are named by their IANA ids, which the reader knows.
Follows Event and EventDateTime of calendar v3 (20261030), read November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from integrations.google.answers import Told, number, objects, text
from integrations.wire.ical.saying import (
    HIDDEN,
    NO_START,
    NO_TIME,
    as_calendar,
    at_moment,
    bare,
    escaped,
    on_day,
    person,
)
from integrations.wire.ical.zones import known_id
from integrations.wire.plain import mail_address
from keepwarm.errors import Unreadable
from keepwarm.texts import mark

__all__ = ["aliases", "as_calendar", "as_event", "excluded", "is_cancelled", "is_ours", "uid_of"]

CANCELLED = "cancelled"
OURS = "keepwarm"  # the private property that says whose an event is
_REPLIES = {
    "needsAction": "NEEDS-ACTION",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "accepted": "ACCEPTED",
}
_RULE = re.compile(r"(RRULE|RDATE|EXDATE)(;[^:]*)?:.+")  # EXRULE is deprecated, and read by nobody here

NO_RULE = mark("The repetition rule cannot be read.")


def as_event(event: Told, *, zone: str, more: Iterable[str] = (), me: str = "") -> list[str]:
    """Its lines. ``zone``: the calendar's IANA id, for times that name none; ``more``: lines to add.

    ``me``: the address of the owner, if the calendar is their own: they may be asked by an alias.
    Raises Unreadable.
    """
    return ["BEGIN:VEVENT", *_lines(event, zone, me), *more, "END:VEVENT"]


def excluded(event: Told, *, zone: str) -> str:
    """The line by which a series leaves out a cancelled occurrence. Raises Unreadable."""
    return _when("EXDATE", event, "originalStartTime", zone)


def uid_of(event: Told) -> str:
    """Its iCalendar UID; empty where it holds none."""
    return bare(text(event, "iCalUID"))


def is_cancelled(event: Told) -> bool:
    return text(event, "status") == CANCELLED


def is_ours(event: Told) -> bool:
    return bool(text(event, "extendedProperties", "private", OURS))


def _lines(event: Told, zone: str, me: str) -> Iterator[str]:
    yield f"UID:{uid_of(event) or bare(text(event, 'id'))}"
    if event.get("recurringEventId"):
        yield _when("RECURRENCE-ID", event, "originalStartTime", zone)
    if not event.get("start"):
        raise Unreadable(NO_START)
    yield _when("DTSTART", event, "start", zone)
    if event.get("end"):
        yield _when("DTEND", event, "end", zone)
    yield from _rules(event)
    yield f"SUMMARY:{escaped(text(event, 'summary'))}"
    yield f"LOCATION:{escaped(text(event, 'location'))}"
    yield f"SEQUENCE:{number(event, 'sequence', most=2**31)}"
    if is_cancelled(event):
        yield "STATUS:CANCELLED"
    if text(event, "transparency") == "transparent":
        yield "TRANSP:TRANSPARENT"
    if is_ours(event):
        yield "X-KEEPWARM:1"
    yield from _people(event, me)


def _rules(event: Told) -> Iterator[str]:
    """How it repeats. A line of another property says nothing here; what is no line at all spoils the event."""
    lines = event.get("recurrence") or []
    if not isinstance(lines, list):
        raise Unreadable(NO_RULE)
    for line in lines:
        if not isinstance(line, str) or HIDDEN.search(line):
            raise Unreadable(NO_RULE)
        if _RULE.fullmatch(line):
            yield line


def _people(event: Told, me: str) -> Iterator[str]:
    """Organiser and guests. Nobody where the list is cut: those who are left would look like a small meeting.

    Nobody either where there are no guests: Google names an organiser for every event, iCalendar for meetings alone.
    """
    guests = objects(event, "attendees")
    if event.get("attendeesOmitted") or not guests:
        return
    organiser = event.get("organizer")
    if text(organiser, "email"):
        yield person("ORGANIZER", _address(organiser, me), text(organiser, "displayName"))
    for each in guests:
        reply = _REPLIES.get(text(each, "responseStatus"), "")
        yield person(
            "ATTENDEE",
            _address(each, me),
            text(each, "displayName"),
            f"PARTSTAT={reply}" if reply else "",
            "CUTYPE=RESOURCE" if each.get("resource") is True else "",
            "ROLE=OPT-PARTICIPANT" if each.get("optional") is True else "",
        )


def _address(guest: Any, me: str) -> str:
    """Of the owner of the calendar, by whatever address they were asked, the one that we know."""
    return me if me and isinstance(guest, dict) and guest.get("self") is True else text(guest, "email")


def aliases(events: Iterable[Told], me: str) -> frozenset[str]:
    """By what other addresses the owner of a calendar, who is known as ``me``, was asked; empty without ``me``."""
    people = (each for event in events for each in (*objects(event, "attendees"), event.get("organizer")) if me)
    mine = (each for each in people if isinstance(each, dict) and each.get("self") is True)
    return frozenset(filter(None, (mail_address(text(each, "email")) for each in mine))) - {me}


def _when(name: str, event: Told, part: str, zone: str) -> str:
    """A property with a date, or with wall time in a zone that is known. Raises Unreadable."""
    try:
        if day := text(event, part, "date"):
            return on_day(name, date.fromisoformat(day))
        at = datetime.fromisoformat(text(event, part, "dateTime"))
        return at_moment(name, at, known_id(text(event, part, "timeZone")) or known_id(zone) or "UTC")
    except (ValueError, OverflowError) as error:
        raise Unreadable(NO_TIME) from error
