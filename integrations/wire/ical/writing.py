"""Our own events as iCalendar: private, shown as free, with a reminder, never with people. Called by calendar writers.

Byte-identical for the same input, so that a writer can compare. Follows RFC 5545; the feed also RFC 7986.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone

from integrations.wire.ical.cut import cut
from integrations.wire.ical.fields import read_entry
from integrations.wire.ical.zones import Zone, midnight, moment
from integrations.wire.plain import plain
from integrations.wire.wide import as_utf8
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import OurEvent

PRODID = "-//Keepwarm//Keepwarm 1//EN"
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_YEAR = re.compile(r"(\d{4})\d{4}")
_PIECES = re.compile(rb"BEGIN:(VTIMEZONE|VEVENT)\r\n.*?\r\nEND:\1\r\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What a calendar now holds of an event of ours, in UTC."""

    uid: str
    start_at: datetime
    end_at: datetime
    title: str


def write_event(event: OurEvent, *, stamp: datetime) -> bytes:
    """One VCALENDAR with the event and its time zone. Raises ValueError for control characters in its texts."""
    texts = (event.uid, event.title, event.description, event.url)
    if any(_REFUSED.search(text) for text in texts):
        raise ValueError("an event of ours holds control characters")
    calendar = _empty()
    calendar.add_component(_event(event, stamp.astimezone(UTC).replace(microsecond=0)))
    if event.zone != "UTC":
        calendar.subcomponents.insert(0, _zone(event.zone, event.start_at.year))
    return bytes(calendar.to_ical())


def _empty() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    return calendar


def _event(event: OurEvent, stamp: datetime) -> Event:
    zone = ZoneInfo(event.zone)
    out = Event()
    out.add("UID", event.uid)
    out.add("DTSTAMP", stamp)
    out.add("LAST-MODIFIED", stamp)
    out.add("SEQUENCE", event.sequence)
    out.add("DTSTART", event.start_at.astimezone(zone))
    out.add("DTEND", event.end_at.astimezone(zone))
    out.add("SUMMARY", event.title)
    if event.description:
        out.add("DESCRIPTION", event.description)
    if urlsplit(event.url).scheme in {"http", "https"}:
        out.add("URL", event.url)
    out.add("CLASS", "PRIVATE")
    out.add("TRANSP", "TRANSPARENT")
    out.add("STATUS", "CONFIRMED")
    out.add("X-KEEPWARM", "1")
    out.add_component(_reminder(event))
    return out


def _reminder(event: OurEvent) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", event.title)
    alarm.add("TRIGGER", -timedelta(minutes=max(event.reminder_minutes, 0)))
    return alarm


@lru_cache(maxsize=256)
def _zone(name: str, year: int) -> Timezone:
    """The VTIMEZONE of the years around an event; making one takes milliseconds, so they are kept."""
    return Timezone.from_tzid(name, first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))


def write_feed(name: str, events: Sequence[bytes]) -> bytes:
    """One VCALENDAR that joins those of `write_event`, each time zone once, to be fetched anew every hour."""
    head = _empty()
    head.add("X-WR-CALNAME", plain(name))
    head.add("NAME", plain(name))
    head.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    head.add("X-PUBLISHED-TTL", "PT1H")
    zones, bodies = dict[bytes, bytes](), list[bytes]()
    for event in events:
        for piece in _PIECES.finditer(event):
            if piece[1] == b"VEVENT":
                bodies.append(piece[0])
            else:
                zones.setdefault(_tzid(piece[0]), piece[0])
    closing = b"END:VCALENDAR\r\n"
    return bytes(head.to_ical()).removesuffix(closing) + b"".join(zones.values()) + b"".join(bodies) + closing


def _tzid(zone: bytes) -> bytes:
    found = re.search(rb"\r\nTZID:([^\r]*)", zone)
    return found[1] if found else zone


def read_our_event(data: bytes) -> ReadBack:
    """Uid, start, end and title of the first event in ``data``, as a calendar program may have changed it.

    Read within the limits of any foreign event. Raises Unreadable where there is no such event.
    """
    try:
        part = next(part for part in cut(as_utf8(io.BytesIO(data))) if not part.other)
        year = _YEAR.search(part.value("DTSTART"))
        held = read_entry(part, "UTC", year=int(year[1]) if year else 1970)
        return ReadBack(
            uid=part.value("UID"),
            start_at=_moment(held.start, held.zone),
            end_at=_moment(held.end, held.zone),
            title=held.title,
        )
    except Exception as wrong:  # the guard around one foreign item
        raise Unreadable(mark("This is not an event that can be read.")) from wrong


def _moment(wall: date, zone: Zone) -> datetime:
    return moment(wall, zone.tz) if isinstance(wall, datetime) else midnight(wall, zone.tz)
