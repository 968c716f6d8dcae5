"""Zones and moments as Outlook spells them: Windows or IANA names, dateTime without offset and with seven digits.

PROVIDERS.md, section 4. `icalendar` brings the table of Windows names (CLDR, windowsZones).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from tests.emulators.stand.values import Json

NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?")


@cache
def zone(name: str) -> tzinfo | None:
    """None for a name that is neither kind."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(at: Json) -> datetime:
    """The wall-clock time of a dateTimeTimeZone, without zone."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", at["dateTime"])).replace(tzinfo=None)


def moment(at: Json) -> datetime:
    """Aware; a zone that nobody knows is read as UTC."""
    return local(at).replace(tzinfo=zone(at.get("timeZone") or "UTC") or UTC)


def shown(at: datetime, name: str) -> Json:
    """A moment in the zone of that name, which must be known."""
    return {"dateTime": f"{at.astimezone(zone(name)):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0", "timeZone": name}


def midnight(at: Json, name: str) -> Json:
    """An all-day event's bound: that midnight, whatever zone is asked."""
    return {"dateTime": f"{local(at):%Y-%m-%d}T00:00:00.0000000", "timeZone": name}
