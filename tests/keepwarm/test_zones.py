"""Wall clocks: gaps, folds, and the newer of two sets of rules."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata

from keepwarm.zones import local, may_mislead, monday_of, newest_zone_path, to_utc, week_name, week_of, zone_of

ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Beirut",
)


def transitions(zone: str) -> list[datetime]:
    """The UTC hours of 2026 to 2030 in which the offset changes."""
    rules, at, found = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC), []
    while at.year < 2031:
        if at.astimezone(rules).utcoffset() != (at + timedelta(hours=12)).astimezone(rules).utcoffset():
            found.append(at)
        at += timedelta(hours=12)
    return found


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Amsterdam", "2026-03-29T01:00"),  # gap: 03:00 is the first
        (date(2026, 10, 25), time(2, 30), "Europe/Amsterdam", "2026-10-25T00:30"),  # fold: the first of two
        (date(2026, 3, 8), time(2, 0), "America/New_York", "2026-03-08T07:00"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:30"),  # a gap of half an hour
        (date(2011, 12, 30), time(12, 0), "Pacific/Apia", "2011-12-30T10:00"),  # a day that never was
        (date(2026, 12, 1), time(9, 30), "Europe/Amsterdam", "2026-12-01T08:30"),
    ],
)
def test_wall_time_becomes_the_right_moment(day: date, clock: time, zone: str, expected: str) -> None:
    assert to_utc(day, clock, zone).isoformat(timespec="minutes") == f"{expected}+00:00"


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_around_a_transition_is_valid_and_never_earlier(zone: str) -> None:
    found = transitions(zone)
    assert found
    for at in found:
        start = local(at, zone).replace(tzinfo=None) - timedelta(hours=3)
        for step in range(0, 20 * 60, 15):
            wall = start + timedelta(minutes=step)
            moment = to_utc(wall.date(), wall.time(), zone)
            shown = local(moment, zone).replace(tzinfo=None)
            before = local(moment - timedelta(minutes=1), zone).replace(tzinfo=None)
            assert shown >= wall
            assert shown == wall or before < wall, (zone, wall, shown)


def test_weeks_are_local() -> None:
    sunday_night = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    assert week_of(sunday_night, "Europe/Amsterdam") == "2026-W49"
    assert week_of(sunday_night, "America/New_York") == "2026-W48"
    assert monday_of(week_name(date(2027, 1, 1))) == date(2026, 12, 28)


def test_an_unknown_zone_is_utc() -> None:
    assert [zone_of(name).key for name in ("Nowhere/Atall", "../etc/passwd", "")] == ["UTC"] * 3


@pytest.mark.parametrize(("release", "wins"), [("2019a", False), ("2999z", True)])
def test_the_newer_rules_win(tmp_path: Path, release: str, wins: bool) -> None:
    (tmp_path / "tzdata.zi").write_text(f"# version {release}\n", encoding="ascii")
    assert newest_zone_path((str(tmp_path),)) == ((str(tmp_path),) if wins else ())


def test_rules_without_a_release_lose(tmp_path: Path) -> None:
    assert newest_zone_path((str(tmp_path),)) == ()


def test_vancouver_keeps_its_summer_clock_in_a_process_that_asked() -> None:
    code = (
        "from keepwarm.zones import *\nfrom datetime import *\n"
        "print(use_newest_zones(), to_utc(date(2026, 12, 1), time(9), 'America/Vancouver').hour)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    release, hour = done.stdout.split()
    assert release >= tzdata.IANA_VERSION
    assert hour == "16"


@pytest.mark.parametrize(
    ("written", "guessed", "misleads"),
    [
        ("Europe/Amsterdam", False, False), ("Europe/Paris", False, False), ("", False, False),
        ("America/New_York", False, True), ("UTC", False, True), ("Europe/Amsterdam", True, True), ("", True, True),
    ],
)  # fmt: skip
def test_an_hour_misleads_where_other_clocks_were_meant_or_nobody_said(
    written: str, *, guessed: bool, misleads: bool
) -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert may_mislead(at, written=written, read="Europe/Amsterdam", guessed=guessed) == misleads


def test_clocks_that_differ_in_winter_alone_mislead_then() -> None:
    winter, summer = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    told = {"written": "Africa/Algiers", "read": "Europe/London", "guessed": False}
    assert [may_mislead(each, **told) for each in (winter, summer)] == [True, False]  # type: ignore[arg-type]  # as told
