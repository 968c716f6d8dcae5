"""One VEVENT into an `Entry`: checked against the limits, read by `icalendar`, in wall time. Called by `reading`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

from icalendar import Event

from integrations.wire.ical.cut import Part
from integrations.wire.ical.people import participants
from integrations.wire.ical.rules import refuse_dates, refuse_years
from integrations.wire.ical.zones import Zone, calendar_zone, iana, zone_named
from integrations.wire.plain import plain
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import Participant

MAX_PARSED = 64 * 1024  # characters of it that the library reads, at 2 microseconds each (2 cores of 2026)
MAX_TEXT = 2_000  # characters of a title or place that it reads; 300 are kept
MAX_ZONES = 24  # names of zones in one event; a journey has a handful
MAX_PEOPLE = 200  # attendees read of one event: beyond that it is a mass meeting, and its people are no ties
MAX_RULES = 4
LONGEST_REPEATED = timedelta(days=366)  # a longer one overlaps itself in every window
_DATE_LINE = re.compile(r"(DTSTART|DTEND|RDATE|EXDATE|RECURRENCE-ID)\s*(;.*)?:([^:]*)", re.IGNORECASE)
_ZONE_PARAMETER = re.compile(r';\s*TZID=("[^"]*"|[^;]*)', re.IGNORECASE)
_DATE_Z = re.compile(r"\b(\d{8})Z\b")
_NO_SECONDS = re.compile(r"(T\d{4})(Z?)(?=[,/]|$)")
_IDLE = re.compile(r';(?!CN=|PARTSTAT=|CUTYPE=|EMAIL=)[\w-]+=(?:"[^"]*"|[^";:]*)', re.IGNORECASE)  # of people
_READ = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "LOCATION", "SEQUENCE"}
)

Wall = date  # a date, or a datetime without zone: wall time in the zone of the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT, understood; its dates and times are wall time in ``zone``.

    ``original`` is the RECURRENCE-ID (None for a master), ``onwards`` its THISANDFUTURE; ``exact`` a duration in hours,
    which a change of the clock does not stretch. ``rdates`` may hold (start, length) pairs.
    """

    uid: str
    title: str
    start: Wall
    end: Wall
    zone: Zone
    exact: timedelta | None
    original: Wall | None
    onwards: bool
    sequence: int
    rules: tuple[str, ...]
    rdates: tuple[Wall | tuple[Wall, timedelta], ...]
    exdates: tuple[Wall, ...]
    cancelled: bool
    busy: bool
    location: str
    participants: tuple[Participant, ...]

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)

    @property
    def repeats(self) -> bool:
        return self.original is None and bool(self.rules or self.rdates)


def read_entry(part: Part, owner_zone: str, *, year: int) -> Entry:
    """The event of one part. Raises Unreadable, or whatever the library does: the caller guards."""
    if part.trouble:
        raise Unreadable(part.trouble)
    if not part.value("DTSTART"):
        raise Unreadable(mark("The event has no start."))
    _refuse(part)
    lines, names = _lifted(part.lines)
    event = _parsed(lines)
    around = part.around
    floating = calendar_zone(around) or owner_zone
    zones = [zone_named(name, around, owner_zone, year=year) if name else iana(floating) for name in names]
    start, zone = _start(event, zones)
    if not isinstance(start, datetime):
        zone = iana(owner_zone)  # a date is a date: it begins where its owner wakes up
    end, exact = _end(event, start, zone, zones)
    original = event.get("RECURRENCE-ID")
    rules = tuple(line.partition(":")[2] for line in part.lines if line[:5].upper() == "RRULE")
    rdates = tuple(_listed(event, "RDATE", zone, zones))
    if (rules or rdates) and end - start > LONGEST_REPEATED:
        raise Unreadable(mark("The event lasts longer than a year and repeats."))
    return Entry(
        uid=uid_of(part),
        title=plain(str(event.get("SUMMARY", "")), 300),
        start=start,
        end=end,
        zone=zone,
        exact=exact,
        original=None if original is None else _wall(original.dt, zone, _of(original, zones)),
        onwards=original is not None and str(original.params.get("RANGE", "")).upper() == "THISANDFUTURE",
        sequence=int(event.get("SEQUENCE", 0)),
        rules=rules,
        rdates=rdates,
        exdates=tuple(found for found in _listed(event, "EXDATE", zone, zones) if not isinstance(found, tuple)),
        cancelled=part.value("STATUS").upper() == "CANCELLED" or around.says.get("METHOD", "").upper() == "CANCEL",
        busy=part.value("TRANSP").upper() != "TRANSPARENT"
        and part.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() != "FREE",
        location=plain(str(event.get("LOCATION", "")), 300),
        participants=participants(event),
    )


def uid_of(part: Part) -> str:
    """The UID; for an event without one, or with an endless one, a hash of what it says."""
    uid = plain(part.value("UID"), 1001)
    if not uid or len(uid) > 1000:
        return "none-" + blake2b("\n".join(part.lines).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return uid


def _refuse(part: Part) -> None:
    """Raises Unreadable for an event beyond the limits of E6, by looking at its text alone."""
    refuse_dates([line for line in part.lines if line[:5].upper() in {"RDATE", "EXDAT"}])
    refuse_years([line for line in part.lines if line[:5].upper() in {"DTSTA", "DTEND", "RECUR"}])
    if sum(line[:5].upper() == "RRULE" for line in part.lines) > MAX_RULES:
        raise Unreadable(mark("The event has too many repetition rules."))


def _lifted(lines: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The lines for the library, and the zone names in order.

    Zone names are taken out of the date lines (X-ZONE numbers them instead), because the library keeps the zones of all
    calendars it ever saw in one table by name; and they may hold an unquoted colon. Listed dates of one zone become one
    line. Rules are read by `rules`. What may stand once stands once.
    """
    out, names, people, listed = dict[str, str](), dict[str, int](), 0, dict[str, list[str]]()
    for line in lines:
        name = line.partition(":")[0].partition(";")[0].strip().upper()
        found = _DATE_LINE.fullmatch(line)
        if found:
            zone = _ZONE_PARAMETER.search(found[2] or "")
            number = names.setdefault(zone[1].strip().strip('"') if zone else "", len(names))
            keep = "".join(p for p in (";VALUE=PERIOD", ";RANGE=THISANDFUTURE") if p in (found[2] or "").upper())
            start = f"{name}{keep};X-ZONE={number}"
            if name in {"RDATE", "EXDATE"}:
                listed.setdefault(start, []).append(_tidy_dates(found[3]))
            else:
                out.setdefault(name, f"{start}:{_tidy_dates(found[3])}")
        elif name == "ATTENDEE":
            people += 1
            if people <= MAX_PEOPLE:
                out[f"{name} {people}"] = _balanced(_IDLE.sub("", line))
        elif name == "ORGANIZER":
            out.setdefault(name, _balanced(_IDLE.sub("", line)))
        elif name in _READ:
            out.setdefault(name, line[:MAX_TEXT])
    found_lines = [*out.values(), *(f"{start}:{','.join(dates)}" for start, dates in listed.items())]
    if sum(map(len, found_lines)) > MAX_PARSED:
        raise Unreadable(mark("The event is larger than we read."))
    if len(names) > MAX_ZONES:
        raise Unreadable(mark("The event names more time zones than we follow."))
    return found_lines, list(names)


def _tidy_dates(text: str) -> str:
    """The dates with what some programs get wrong made good: a Z after a bare date, a time without seconds."""
    return _NO_SECONDS.sub(r"\g<1>00\2", _DATE_Z.sub(r"\1", text.strip().strip(",")))


def _balanced(line: str) -> str:
    """The line without its quotes where they are odd in number: a lost one would swallow the address."""
    return line.replace('"', "") if line.count('"') % 2 else line


def _parsed(lines: list[str]) -> Any:
    """The library's event. Any: its values have thirty types."""
    event: Any = Event.from_ical("\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", "")))
    if event.errors:
        raise Unreadable(mark("The event holds a line that cannot be read."))
    return event


def _of(value: Any, zones: list[Zone]) -> Zone:
    return zones[int(value.params.get("X-ZONE", 0))]


def _start(event: Any, zones: list[Zone]) -> tuple[Wall, Zone]:
    value = event["DTSTART"]
    found: Wall = value.dt
    if not isinstance(found, date):
        raise Unreadable(mark("The event starts at an unreadable date."))
    if isinstance(found, datetime) and found.tzinfo is not None:
        return found.replace(tzinfo=None), iana("UTC")
    return found, _of(value, zones)


def _wall(value: Wall, zone: Zone, own: Zone) -> Wall:
    """A date or time as wall time in ``zone``; ``own`` is the zone it was written in, unless it says UTC."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None and own.name == zone.name and own.tz == zone.tz:
        return value
    aware = value if value.tzinfo is not None else value.replace(tzinfo=own.tz)
    return aware.astimezone(UTC).astimezone(zone.tz).replace(tzinfo=None)


def _like(value: Wall, start: Wall) -> Wall:
    """The value as a date where the series is of dates, and with the hour of its start where it is not."""
    if isinstance(start, datetime):
        return value if isinstance(value, datetime) else datetime.combine(value, start.time())
    return value.date() if isinstance(value, datetime) else value


def _end(event: Any, start: Wall, zone: Zone, zones: list[Zone]) -> tuple[Wall, timedelta | None]:
    """The end as wall time, and the duration where clocks measure it. Never before the start."""
    end, duration = event.get("DTEND"), event.get("DURATION")
    if end is not None and isinstance(end.dt, date):
        found = _wall(end.dt, zone, _of(end, zones))
        if isinstance(start, datetime) and not isinstance(found, datetime):
            found = datetime.combine(found, time())
        return max(_like(found, start), start), None
    if duration is not None and isinstance(duration.dt, timedelta):
        length = max(duration.dt, timedelta())
        return start + length, length if isinstance(start, datetime) and length.seconds else None
    return (start, None) if isinstance(start, datetime) else (start + timedelta(days=1), None)


def _listed(event: Any, name: str, zone: Zone, zones: list[Zone]) -> list[Wall | tuple[Wall, timedelta]]:
    """The dates of all RDATE or EXDATE lines; a period becomes its start and length."""
    found = event.get(name, [])
    out = list[Wall | tuple[Wall, timedelta]]()
    for line in found if isinstance(found, list) else [found]:
        for value in line.dts:
            if isinstance(value.dt, tuple):
                first, last = value.dt
                length = last if isinstance(last, timedelta) else last - first
                out.append((_wall(first, zone, _of(line, zones)), length))
            elif isinstance(value.dt, date):
                out.append(_wall(value.dt, zone, _of(line, zones)))
    return out
