"""Repetition: which occurrences exist, under which key, and what exceptions do to them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.types import CalendarEvent, Skipped
from tests.integrations.wire.ical.make import NOW, calendar, event, events, read

WEEKLY = (
    "DTSTART;TZID=Europe/Amsterdam:20261005T100000",
    "DTEND;TZID=Europe/Amsterdam:20261005T110000",
    "RRULE:FREQ=WEEKLY;COUNT=5",
)


def by_key(data: bytes) -> dict[str, CalendarEvent]:
    found = events(data)
    assert len({one.occurrence for one in found}) == len(found)
    return {one.occurrence: one for one in found}


def exception(*lines: str) -> str:
    return event("s@example.org", *lines)


def test_hour_stays_over_the_change_of_the_clock() -> None:
    found = by_key(calendar(event("s@example.org", *WEEKLY)))
    assert list(found) == [
        f"2026-{day}Z"
        for day in ("10-05T08:00:00", "10-12T08:00:00", "10-19T08:00:00", "10-26T09:00:00", "11-02T09:00:00")
    ]
    assert all(one.recurring and one.end_at - one.start_at == timedelta(hours=1) for one in found.values())


@pytest.mark.parametrize(
    "rid",
    [
        "RECURRENCE-ID;TZID=Europe/Amsterdam:20261012T100000",
        "RECURRENCE-ID:20261012T080000Z",
        "RECURRENCE-ID;VALUE=DATE:20261012",
    ],
)
def test_moved_occurrence_keeps_the_key_of_its_original_start(rid: str) -> None:
    moved = exception(rid, "DTSTART;TZID=Europe/Amsterdam:20261014T150000", "SUMMARY:Moved")
    found = by_key(calendar(moved, event("s@example.org", *WEEKLY)))
    assert len(found) == 5
    assert found["2026-10-12T08:00:00Z"].start_at == datetime(2026, 10, 14, 13, tzinfo=UTC)


def test_cancelled_occurrence_is_yielded_as_cancelled() -> None:
    gone = exception("RECURRENCE-ID:20261012T080000Z", "DTSTART:20261012T080000Z", "STATUS:CANCELLED")
    found = by_key(calendar(event("s@example.org", *WEEKLY), gone))
    assert [key for key, one in found.items() if one.cancelled] == ["2026-10-12T08:00:00Z"]


@pytest.mark.parametrize(
    "line", ["EXDATE;TZID=Europe/Amsterdam:20261012T100000", "EXDATE:20261012T080000Z", "EXDATE;VALUE=DATE:20261012"]
)
def test_excluded_date_does_not_occur(line: str) -> None:
    assert "2026-10-12T08:00:00Z" not in by_key(calendar(event("s@example.org", *WEEKLY, line)))


def test_change_from_here_on_moves_all_that_follow() -> None:
    change = exception(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261019T080000Z",
        "DTSTART;TZID=Europe/Amsterdam:20261019T140000",
        "DURATION:PT30M",
    )
    found = by_key(calendar(event("s@example.org", *WEEKLY), change))
    assert [one.start_at.hour for one in found.values()].count(8) == 2
    assert found["2026-11-02T09:00:00Z"].start_at == datetime(2026, 11, 2, 13, tzinfo=UTC)
    assert found["2026-11-02T09:00:00Z"].end_at - found["2026-11-02T09:00:00Z"].start_at == timedelta(minutes=30)


def test_exception_without_its_series_is_an_occurrence() -> None:
    found = by_key(calendar(exception("RECURRENCE-ID:20051012T080000Z", "DTSTART:20051013T080000Z")))
    assert list(found) == ["2005-10-12T08:00:00Z"]


def test_whole_days_are_keyed_by_date() -> None:
    lines = ("DTSTART;VALUE=DATE:20261005", "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE;VALUE=DATE:20261019")
    assert list(by_key(calendar(event("s@example.org", *lines)))) == ["2026-10-05", "2026-10-12"]


def test_old_series_gives_its_beginning_and_the_days_around_now() -> None:
    found = by_key(calendar(event("s@example.org", "DTSTART:20100101T100000Z", "RRULE:FREQ=MONTHLY")))
    years = {key[:4] for key in found}
    assert years == {"2010", "2011", "2025", "2026", "2027"}
    assert all(abs(one.start_at - NOW) < timedelta(days=402) for key, one in found.items() if key > "2012")


def test_until_written_as_a_date_includes_that_day() -> None:
    lines = ("DTSTART;TZID=Europe/Amsterdam:20261005T100000", "RRULE:FREQ=WEEKLY;UNTIL=20261019")
    assert len(by_key(calendar(event("s@example.org", *lines)))) == 3


def test_too_many_occurrences_are_cut_and_said() -> None:
    dates = ",".join(f"20261201T{minute // 60:02}{minute % 60:02}00Z" for minute in range(0, 1400, 2))
    found = read(calendar(event("s@example.org", "DTSTART:20261201T000000Z", f"RDATE:{dates}")))
    assert [one.reason for one in found if isinstance(one, Skipped)] == ["too_many"]
    assert len(found) == 501


def test_series_that_never_comes_near_is_said() -> None:
    lines = ("DTSTART:20261005T100000Z", "RRULE:FREQ=WEEKLY;COUNT=1", "EXDATE:20261005T100000Z")
    (found,) = read(calendar(event("s@example.org", *lines)))
    assert isinstance(found, Skipped)
    assert found.reason == "no_occurrence"


@pytest.mark.parametrize("seed", range(30))
def test_random_series_with_exceptions_agrees_with_counting_by_hand(seed: int) -> None:
    chance = random.Random(seed)
    step, count = chance.randint(1, 9), chance.randint(3, 30)
    first = datetime(2026, 9, 1, chance.randint(0, 23), tzinfo=UTC)
    starts = [first + timedelta(days=step * number) for number in range(count)]
    excluded, moved = chance.choice(starts), chance.choice(starts[1:])
    expected = {start: start for start in starts if start != excluded}
    if moved != excluded:
        expected[moved] = moved + timedelta(hours=5)
    stamp = "%Y%m%dT%H%M%SZ"
    series = event(
        "s", f"DTSTART:{first:{stamp}}", f"RRULE:FREQ=DAILY;INTERVAL={step};COUNT={count}", f"EXDATE:{excluded:{stamp}}"
    )
    change = event("s", f"RECURRENCE-ID:{moved:{stamp}}", f"DTSTART:{moved + timedelta(hours=5):{stamp}}")
    found = by_key(calendar(series, change))
    assert {key: one.start_at for key, one in found.items()} == {
        f"{key:%Y-%m-%dT%H:%M:%SZ}": start for key, start in expected.items()
    }


def test_exception_moved_to_another_zone_still_replaces_its_original() -> None:
    moved = exception(
        "RECURRENCE-ID;TZID=Europe/Amsterdam:20261012T100000", "DTSTART;TZID=America/New_York:20261012T150000"
    )
    found = by_key(calendar(event("s@example.org", *WEEKLY), moved))
    assert len(found) == 5
    assert found["2026-10-12T08:00:00Z"].start_at == datetime(2026, 10, 12, 19, tzinfo=UTC)


def test_day_of_a_whole_day_series_is_excluded_by_a_moment_in_it() -> None:
    lines = ("DTSTART;VALUE=DATE:20261203", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261210T090000Z")
    found = events(calendar(event("a@example.org", *lines)))
    assert [one.occurrence for one in found] == ["2026-12-03", "2026-12-17"]


def test_period_in_a_whole_day_series_lasts_its_day() -> None:
    lines = ("DTSTART;VALUE=DATE:20261203", "RDATE;VALUE=PERIOD:20261210T090000Z/PT3H")
    found = events(calendar(event("a@example.org", *lines)))
    assert {one.end_at - one.start_at for one in found} == {timedelta(days=1)}
