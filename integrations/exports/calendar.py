"""Talks and follow-ups as iCalendar (RFC 5545), one event at a time: private, shown as free, without people or alarms.

Times are written in UTC, so that no definition of a time zone is needed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event

from integrations.exports.values import Occasion
from keepwarm.foreign import one_line, shown

PRODID = "-//Keepwarm//Keepwarm export 1//EN"
LONGEST = 2_000
_CLOSING = b"END:VCALENDAR\r\n"


def calendar_head() -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    return bytes(calendar.to_ical()).removesuffix(_CLOSING)


def occasion(found: Occasion, stamp: datetime) -> bytes:
    out = Event()
    out.add("UID", one_line(found.uid, LONGEST))
    out.add("DTSTAMP", stamp.astimezone(UTC).replace(microsecond=0))
    out.add("DTSTART", found.start.astimezone(UTC) if isinstance(found.start, datetime) else found.start)
    out.add("DTEND", found.end.astimezone(UTC) if isinstance(found.end, datetime) else found.end)
    out.add("SUMMARY", one_line(found.title, LONGEST))
    if found.location:
        out.add("LOCATION", one_line(found.location, LONGEST))
    if found.description:
        out.add("DESCRIPTION", shown(found.description[:LONGEST]))
    out.add("CLASS", "PRIVATE")
    out.add("TRANSP", "TRANSPARENT")
    out.add("STATUS", "CANCELLED" if found.cancelled else "CONFIRMED")
    return bytes(out.to_ical())


def calendar_tail() -> bytes:
    return _CLOSING
