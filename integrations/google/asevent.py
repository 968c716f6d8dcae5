"""An event of Google as a VEVENT, so that one reader reads them all. Called by `resources` and `ours`.

`integrations.wire.ical` gives a meeting the same identity, limits and people wherever it was read; here nothing is
decided but how Google's words are said in RFC 5545. Zones are named by their IANA ids, which the reader knows.
Follows Event and EventDateTime of calendar v3 (20261030), read November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from integrations.google.answers import Told, number, objects, text
from integrations.wire.ical.zones import known_id
from keepwarm.errors import Unreadable
from keepwarm.texts import mark

CANCELLED = "cancelled"
OURS = "keepwarm"  # the private property that says whose an event is
LONGEST = 2_000  # characters of a text; the reader keeps 300
_REPLIES = {
    "needsAction": "NEEDS-ACTION",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "accepted": "ACCEPTED",
}
_RULE = re.compile(r"(RRULE|RDATE|EXDATE)(;[^:]*)?:.+")  # EXRULE is deprecated, and read by nobody here
_HIDDEN = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTES = str.maketrans({'"': "'"})
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})

NO_START = mark("The event has no start.")
NO_TIME = mark("The event starts or ends at a time that cannot be read.")
NO_RULE = mark("The repetition rule cannot be read.")


def as_calendar(events: Iterable[Sequence[str]]) -> bytes:
    """One VCALENDAR with these events of `as_event`, in order."""
    lines = [line for event in events for line in event]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def as_event(event: Told, *, zone: str, more: Iterable[str] = ()) -> list[str]:
    """Its lines. ``zone``: the calendar's IANA id, for times that name none; ``more``: lines to add.

    Raises Unreadable.
    """
    return ["BEGIN:VEVENT", *_lines(event, zone), *more, "END:VEVENT"]


def excluded(event: Told, *, zone: str) -> str:
    """The line by which a series leaves out a cancelled occurrence. Raises Unreadable."""
    return _when("EXDATE", event, "originalStartTime", zone)


def uid_of(event: Told) -> str:
    """Its iCalendar UID; empty where it holds none."""
    return _plain(text(event, "iCalUID"))


def is_cancelled(event: Told) -> bool:
    return text(event, "status") == CANCELLED


def is_ours(event: Told) -> bool:
    return bool(text(event, "extendedProperties", "private", OURS))


def _lines(event: Told, zone: str) -> Iterator[str]:
    yield f"UID:{uid_of(event) or _plain(text(event, 'id'))}"
    if event.get("recurringEventId"):
        yield _when("RECURRENCE-ID", event, "originalStartTime", zone)
    if not event.get("start"):
        raise Unreadable(NO_START)
    yield _when("DTSTART", event, "start", zone)
    if event.get("end"):
        yield _when("DTEND", event, "end", zone)
    yield from _rules(event)
    yield f"SUMMARY:{_text(event, 'summary')}"
    yield f"LOCATION:{_text(event, 'location')}"
    yield f"SEQUENCE:{number(event, 'sequence', most=2**31)}"
    if is_cancelled(event):
        yield "STATUS:CANCELLED"
    if text(event, "transparency") == "transparent":
        yield "TRANSP:TRANSPARENT"
    if is_ours(event):
        yield "X-KEEPWARM:1"
    yield from _people(event)


def _rules(event: Told) -> Iterator[str]:
    """How it repeats. A line of another property says nothing here; what is no line at all spoils the event."""
    lines = event.get("recurrence") or []
    if not isinstance(lines, list):
        raise Unreadable(NO_RULE)
    for line in lines:
        if not isinstance(line, str) or _HIDDEN.search(line):
            raise Unreadable(NO_RULE)
        if _RULE.fullmatch(line):
            yield line


def _people(event: Told) -> Iterator[str]:
    """Organiser and guests. Nobody where the list is cut: those who are left would look like a small meeting.

    Nobody either where there are no guests: Google names an organiser for every event, iCalendar for meetings alone.
    """
    guests = objects(event, "attendees")
    if event.get("attendeesOmitted") or not guests:
        return
    organiser = event.get("organizer")
    if text(organiser, "email"):
        yield f"ORGANIZER{_named(organiser)}:mailto:{_plain(text(organiser, 'email'))}"
    for each in guests:
        reply = _REPLIES.get(text(each, "responseStatus"), "")
        says = f";PARTSTAT={reply}" if reply else ""
        says += ";CUTYPE=RESOURCE" if each.get("resource") is True else ""
        says += ";ROLE=OPT-PARTICIPANT" if each.get("optional") is True else ""
        yield f"ATTENDEE{_named(each)}{says}:mailto:{_plain(text(each, 'email'))}"


def _named(person: object) -> str:
    name = _plain(text(person, "displayName")).translate(_QUOTES)
    return f';CN="{name}"' if name else ""


def _when(name: str, event: Told, part: str, zone: str) -> str:
    """A property with a date, or with wall time in a zone that is known. Raises Unreadable."""
    try:
        if day := text(event, part, "date"):
            return f"{name};VALUE=DATE:{date.fromisoformat(day):%Y%m%d}"
        at = datetime.fromisoformat(text(event, part, "dateTime"))
        own = known_id(text(event, part, "timeZone")) or known_id(zone) or "UTC"
        wall = at.astimezone(ZoneInfo(own)) if at.tzinfo else at
    except (ValueError, OverflowError) as error:
        raise Unreadable(NO_TIME) from error
    return f"{name}:{wall:%Y%m%dT%H%M%SZ}" if own == "UTC" else f"{name};TZID={own}:{wall:%Y%m%dT%H%M%S}"


def _plain(told: str) -> str:
    """One line of it, as it may stand anywhere outside quotes."""
    return _HIDDEN.sub(" ", told[:LONGEST]).strip()


def _text(event: Told, name: str) -> str:
    return _plain(text(event, name)).translate(_ESCAPES)
