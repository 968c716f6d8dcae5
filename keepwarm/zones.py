"""Wall clocks and the UTC moments they stand for, and which zone rules this process uses.

Called by `keepwarm.pace`, `keepwarm.followups` and the runtime, which calls ``use_newest_zones`` once at process start.
Zone rules change several times a year, and either the system's copy or the `tzdata` wheel may be the older one: a
Debian 12 box of 2026 puts Vancouver's winter an hour off. The newer of the two wins.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]  # the wheel holds data and no types

MINUTE = timedelta(minutes=1)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA id, UTC for one that is unknown."""
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(moment: datetime, zone: str) -> datetime:
    """The moment on the clocks of ``zone``, aware."""
    return moment.astimezone(zone_of(zone))


def may_mislead(moment: datetime, *, written: str, read: str, guessed: bool) -> bool:
    """Whether a time on the clocks of ``read`` may be taken for another: it was written where clocks show another time.

    ``written``: the zone it came with, empty for none. ``guessed``: nobody said which zone was meant.
    """
    if guessed or not written:
        return guessed
    return moment.astimezone(zone_of(written)).utcoffset() != moment.astimezone(zone_of(read)).utcoffset()


def to_utc(day: date, clock: time, zone: str) -> datetime:
    """The UTC moment at which the clocks of ``zone`` show this.

    A time that is skipped when clocks go forward becomes the first minute that exists after it; one that comes twice
    means the first.
    """
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    rules = zone_of(zone)
    moment = wall.replace(tzinfo=rules).astimezone(UTC)
    if moment.astimezone(rules).replace(tzinfo=None) == wall:
        return moment
    return _after_gap(wall.replace(tzinfo=rules, fold=1).astimezone(UTC), moment, rules)


def _after_gap(before: datetime, after: datetime, rules: ZoneInfo) -> datetime:
    """The first minute with the offset of ``after``: the end of the gap between the two."""
    offset = after.astimezone(rules).utcoffset()
    low, high = 0, (after - before) // MINUTE
    while low < high:
        middle = (low + high) // 2
        if (before + middle * MINUTE).astimezone(rules).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return before + low * MINUTE


def week_of(moment: datetime, zone: str) -> str:
    """The local ISO week, as "2026-W48": sorts in time."""
    return week_name(local(moment, zone).date())


def week_name(day: date) -> str:
    """The ISO week of a day, as "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def monday_of(week: str) -> date:
    """The first day of a week given as "2026-W48"."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def system_zone_version(path: tuple[str, ...]) -> str:
    """The release of the zone data in these folders ("2025b"), empty where it cannot be told."""
    for folder in path:
        for name, pattern in (("tzdata.zi", r"# version (\w+)"), ("+VERSION", r"(\w+)")):
            try:
                with (Path(folder) / name).open(encoding="ascii", errors="replace") as stream:
                    found = re.match(pattern, stream.readline(80))
            except OSError:
                continue
            if found:
                return found[1]
    return ""


def newest_zone_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """Where to read zones from: ``path`` (the system's folders) if its release is newer, else nowhere but the wheel."""
    return path if system_zone_version(path) > tzdata.IANA_VERSION else ()


def use_newest_zones() -> str:
    """Make this process read the newer zone data; returns the release in use. Safe to call again."""
    zoneinfo.reset_tzpath(to=newest_zone_path(zoneinfo.TZPATH))
    ZoneInfo.clear_cache()
    return zone_data_version()


def zone_data_version() -> str:
    """The release of the zone data in use, for the health page: "2026f"."""
    return system_zone_version(zoneinfo.TZPATH) or str(tzdata.IANA_VERSION)
