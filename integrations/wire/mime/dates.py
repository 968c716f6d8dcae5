"""Dates of mails: our own RFC 5322 reader first, the standard one for what is left. Called by `message`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1970, 2200  # before e-mail reached people, and far beyond any clock that is merely wrong
DATE_LENGTH = 128  # bytes; the longest honest one with its comment is about 60

MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}

# Hours. RFC 5322 section 4.3, and the European and Japanese names that mailers write though they should not.
ZONES = {
    **dict.fromkeys((b"", b"z", b"ut", b"utc", b"gmt", b"wet"), 0),
    b"est": -5,
    b"edt": -4,
    b"cst": -6,
    b"cdt": -5,
    b"mst": -7,
    b"mdt": -6,
    b"pst": -8,
    b"pdt": -7,
    **dict.fromkeys((b"west", b"cet", b"met", b"mez"), 1),
    **dict.fromkeys((b"cest", b"mest", b"mesz", b"eet"), 2),
    b"eest": 3,
    b"msk": 3,
    b"jst": 9,
}

RFC = re.compile(
    rb"\s*(?:[A-Za-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]{1,9}([A-Za-z]{3})[a-z]{0,6}\.?[\s-]{1,9}(\d{2,4})\s{1,9}"
    rb"(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d{1,9})?\s{0,9}([+-]\d{4}\b|[A-Za-z]{1,5}\b(?![+-]\d)|(?=[\s(;]|$))"
)
# The C library's form, as in "From " lines; some put the zone before the year.
ASCTIME = re.compile(
    rb"\s*(?:[A-Za-z]{3},?\s+)([A-Za-z]{3})\s{1,9}(\d{1,2})\s{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?"
    rb"(?:\s{1,9}([+-]\d{4}|[A-Za-z]{1,5}))?\s{1,9}(\d{4})(?:\s{1,9}([+-]\d{4}))?"
)


def read_date(value: bytes) -> datetime | None:
    """The moment in UTC, or None where it cannot be read or its year lies outside 1970-2200. No zone counts as UTC."""
    value = value[:DATE_LENGTH]
    found = RFC.match(value)
    if found:
        day, month, year, hour, minute, second, zone = found.groups()
        return _moment((year, month, day), (hour, minute, second), zone)
    found = ASCTIME.match(value)
    if found:
        month, day, hour, minute, second, early, year, late = found.groups()
        return _moment((year, month, day), (hour, minute, second), late or early or b"")
    return _standard(value)


def _moment(day: tuple[bytes, bytes, bytes], clock: tuple[bytes, bytes, bytes | None], zone: bytes) -> datetime | None:
    year = _full_year(int(day[0]))
    month = MONTHS.get(day[1].lower())
    offset = _offset(zone.lower())
    if month is None or offset is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    second = min(int(clock[2] or 0), 59)  # a leap second is the second before it
    try:
        return datetime(year, month, int(day[2]), int(clock[0]), int(clock[1]), second, tzinfo=UTC) - offset
    except ValueError:
        return None


def _full_year(year: int) -> int:
    """Short years as RFC 5322 section 4.3 reads them: 00-49 this century, 50-99 the last, three digits since 1900."""
    if year < 50:
        return year + 2000
    return year + 1900 if year < 1000 else year


@lru_cache(maxsize=4096)
def _offset(zone: bytes) -> timedelta | None:
    """East of Greenwich. An unknown name counts as UTC (RFC 5322 section 4.3); a day or more is impossible: None."""
    if zone[:1] in (b"+", b"-"):
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        if minutes >= 24 * 60:
            return None
        return timedelta(minutes=minutes if zone[:1] == b"+" else -minutes)
    return timedelta(hours=ZONES.get(zone, 0))


def _standard(value: bytes) -> datetime | None:
    try:
        parts = parsedate_tz(value.decode("latin-1"))
        if parts is None or not FIRST_YEAR <= parts[0] <= LAST_YEAR:
            return None
        offset = timedelta(seconds=parts[9] or 0)
        if abs(offset) >= timedelta(days=1):
            return None
        return datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC) - offset
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        return None  # what the standard reader lets out on odd input
