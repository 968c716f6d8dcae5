"""Time-zone names of calendars, and wall times turned into moments. Called by `fields` and `series`.

A known name (IANA, Windows, or IANA behind a vendor's prefix) ignores the body that the file brings along. An unknown
name uses that body if it fits our limits, else the calendar's own zone, else the owner's, which is marked as guessed.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from integrations.wire.ical.cut import Surroundings
from integrations.wire.ical.rules import YEARLY_ONLY, naive_rule, refuse_years, rule_parts
from keepwarm.errors import Unreadable
from keepwarm.texts import mark

MAX_ZONE_RULES = 24  # E6
# Of a zone that is like no IANA one. Its library walks all of them for each moment of a series: a thousand moments of
# six rules take 60 ms, of 24 a second (2 cores of 2026). Zones in use have two.
MAX_OWN_RULES = 6
MAX_RULE = 200  # characters of a rule of a zone; those in use have about 60
# Zones tried, after the owner's and the calendar's, for one that behaves as a custom body does (the most populous).
_USUAL = (
    *("Europe/Amsterdam", "Europe/London", "Europe/Athens", "Europe/Istanbul", "Europe/Moscow", "Africa/Lagos"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"),
    *("America/Anchorage", "America/Halifax", "America/Sao_Paulo", "America/Bogota", "Pacific/Honolulu"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Australia/Brisbane"),
    *("Pacific/Auckland", "Africa/Johannesburg", "UTC"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A time zone with the IANA id that its wall times are shown in ("UTC" where it has none)."""

    tz: tzinfo
    name: str
    guessed: bool = False


@lru_cache(maxsize=1)
def _ids() -> dict[str, str]:
    """All IANA ids by their lower-case form."""
    odd = {"localtime", "factory", "posixrules"}
    return {name.lower(): name for name in zoneinfo.available_timezones() if name.lower() not in odd}


@lru_cache(maxsize=4096)
def known_id(name: str) -> str:
    """The IANA id that a name surely means, empty if it means none that we know."""
    name = name.strip().strip('"').strip("/")[:200]
    if name.upper() in {"Z", "UTC", "GMT", "ETC/GMT", "ETC/UTC"}:
        return "UTC"
    if name in WINDOWS_TO_OLSON:
        return WINDOWS_TO_OLSON[name]
    words = name.lower().split("/")  # /mozilla.org/20050126_1/Europe/Amsterdam, posix/Europe/Vaduz
    tails = ("/".join(words[at:]) for at in range(len(words)) if at == 0 or len(words) - at > 1)
    return next((_ids()[tail] for tail in tails if tail in _ids()), "")


@lru_cache(maxsize=512)
def iana(name: str) -> Zone:
    """The zone of a known id."""
    return Zone(tz=zoneinfo.ZoneInfo(name), name=name)


def zone_named(name: str, around: Surroundings, owner_zone: str, *, year: int) -> Zone:
    """The zone that ``name`` means inside one VCALENDAR; guessed where only the owner's own is left."""
    if known := known_id(name):
        return iana(known)
    own = calendar_zone(around)
    if found := _custom(around.zones.get(name, ()), (owner_zone, *([own] if own else [])), year):
        return found
    return iana(own) if own else Zone(tz=iana(owner_zone).tz, name=owner_zone, guessed=True)


def calendar_zone(around: Surroundings) -> str:
    """The IANA id of the calendar's X-WR-TIMEZONE, empty if it says none or one unknown."""
    return known_id(around.says.get("X-WR-TIMEZONE", ""))


@lru_cache(maxsize=256)
def _custom(body: tuple[str, ...], likely: tuple[str, ...], year: int) -> Zone | None:
    """The zone that a VTIMEZONE body describes, an IANA one where one behaves alike; None beyond our limits."""
    try:
        for line in body:
            if line.upper().startswith("X-LIC-LOCATION") and (known := known_id(line.partition(":")[2])):
                return iana(known)
        text = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:custom", *_checked(body), "END:VTIMEZONE", ""))
        described = Timezone.from_ical(text)
        assert isinstance(described, Timezone)
        tz = described.to_tz(lookup_tzid=False)
        if alike := _alike(tz, (*likely, *_USUAL), year):
            return iana(alike)
        if _weight(body) > MAX_OWN_RULES:
            return None
        for wall in _walls(year):
            wall.replace(tzinfo=tz).utcoffset()  # a zone that fails at one of them is none
    except Exception:  # noqa: BLE001 - the guard around one foreign item
        return None
    return Zone(tz=tz, name="UTC")


def _weight(body: tuple[str, ...]) -> int:
    """How many rules and single dates a zone body holds; a part of it may name several rules."""
    lines = [line.upper() for line in body]
    parts, rules = (sum(line.startswith(word) for line in lines) for word in ("BEGIN:", "RRULE"))
    return max(parts, rules) + sum(line.count(",") + 1 for line in lines if line.startswith("RDATE"))


def _checked(body: tuple[str, ...]) -> list[str]:
    """The lines of a zone body that count; raises Unreadable where it goes beyond our limits."""
    lines = [line for line in body if line.upper().startswith(("BEGIN:", "END:", "DTSTART", "RRULE", "RDATE", "TZOFF"))]
    if _weight(body) > MAX_ZONE_RULES:
        raise Unreadable(mark("The time zone has too many rules."))
    starts = [line for line in lines if line.upper().startswith("DTSTART")]
    refuse_years([line for line in lines if line.upper().startswith("RDATE")])
    repeats = False
    for line in lines:
        if line.upper().startswith("RRULE"):
            if len(line) > MAX_RULE:
                raise Unreadable(mark("The repetition rule is too long."))
            repeats = True
            naive_rule(rule_parts(line.partition(":")[2]), date(1970, 1, 1), UTC, allowed=YEARLY_ONLY)
    # Windows begins its rules in 1601; a yearly rule says the same from 1970 on.
    return [_from_1970(line) if repeats and line in starts else line for line in lines]


def _from_1970(line: str) -> str:
    head, _, value = line.rpartition(":")
    return f"{head}:1970{value[4:]}" if value[:4] < "1970" else line


def _alike(tz: tzinfo, names: Iterable[str], year: int) -> str:
    """The first of the zones that is alike to this one at all these moments; empty if none is.

    Most differ at the first moment already, and an odd zone of many rules is slow to ask.
    """
    left = list(names)
    for wall in _walls(year):
        offset = wall.replace(tzinfo=tz).utcoffset()
        left = [name for name in left if wall.replace(tzinfo=iana(name).tz).utcoffset() == offset]
        if not left:
            return ""
    return left[0]


def _walls(year: int) -> list[datetime]:
    """A hundred successive Wednesdays at noon: two zones alike in these are alike to us."""
    first = datetime(year - 1, 1, 3, 12)  # noqa: DTZ001 - a wall time
    return [first + timedelta(days=7 * week) for week in range(104)]


def moment(wall: datetime, tz: tzinfo) -> datetime:
    """The UTC moment of a wall time: inside a gap the next valid minute, in a fold the first of the two."""
    late = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if late.astimezone(tz).replace(tzinfo=None) == wall.replace(fold=0):
        return late
    early = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    before = early.astimezone(tz).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(tz).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def midnight(day: date, tz: tzinfo) -> datetime:
    """The UTC moment at which a day begins there."""
    return moment(datetime(day.year, day.month, day.day), tz)  # noqa: DTZ001 - a wall time
