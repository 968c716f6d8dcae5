"""Series at Graph: read whole, whatever delta tells of them; each occurrence the same as in a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.microsoft import view
from integrations.wire.ical import read_calendar
from keepwarm.types import CalendarEvent
from tests.conftest import NOW
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.events import (
    SERIES,
    START,
    WINDOWS,
    ZONE,
    Book,
    Open,
    at,
    found,
    meeting,
    read,
    reader,
    weekly,
)


@pytest.fixture
def lean(town: Microsoft) -> Iterator[None]:
    """Occurrences come as Graph has been seen to tell them (microsoftgraph/microsoft-graph-docs#7632)."""
    town.lean_occurrences, was = True, town.lean_occurrences
    yield
    town.lean_occurrences = was


@pytest.mark.parametrize("kind", ["timed", "whole_days"])
def test_a_series_has_the_same_identity_as_in_a_file(town: Microsoft, robin: Person, opening: Open, kind: str) -> None:
    """RELIABILITY.md D7: also an exception, by its original start."""
    if kind == "timed":
        master = robin.calendar.put(weekly(iCalUId=SERIES))
        lines = [
            "DTSTART;TZID=W. Europe Standard Time:20261201T093000",
            "DTEND;TZID=W. Europe Standard Time:20261201T103000",
        ]
        moved = [
            "RECURRENCE-ID;TZID=W. Europe Standard Time:20261208T093000",
            "DTSTART;TZID=W. Europe Standard Time:20261209T110000",
            "DTEND;TZID=W. Europe Standard Time:20261209T120000",
        ]  # fmt: skip
        later = datetime(2026, 12, 9, 10, tzinfo=UTC)
        robin.calendar.move(robin.calendar.occurrence(master, date(2026, 12, 8)), later, later + timedelta(hours=1))
    else:
        days = {
            "start": at(datetime(2026, 12, 1, tzinfo=UTC), WINDOWS),
            "end": at(datetime(2026, 12, 2, tzinfo=UTC), WINDOWS),
            "isAllDay": True,
        }
        master = robin.calendar.put(weekly(iCalUId=SERIES, **days))
        lines = ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"]
        moved = ["RECURRENCE-ID;VALUE=DATE:20261208", "DTSTART;VALUE=DATE:20261209", "DTEND;VALUE=DATE:20261210"]
        robin.calendar.move(
            robin.calendar.occurrence(master, date(2026, 12, 8)),
            at(datetime(2026, 12, 9, tzinfo=UTC), WINDOWS), at(datetime(2026, 12, 10, tzinfo=UTC), WINDOWS),
        )  # fmt: skip
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{SERIES}", *lines, "RRULE:FREQ=WEEKLY;COUNT=4", "END:VEVENT",
        "BEGIN:VEVENT", f"UID:{SERIES}", *moved, "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    same = {
        (each.uid, each.occurrence): each
        for each in read_calendar(text.encode(), zone=ZONE, now=NOW)
        if isinstance(each, CalendarEvent)
    }
    there = found(read(reader(town, robin, opening), robin))
    assert len(there) == 4
    assert {key: (each.start_at, each.end_at, each.zone, each.recurring) for key, each in there.items()} == {
        key: (each.start_at, each.end_at, each.zone, each.recurring) for key, each in same.items()
    }


def test_a_series_and_its_exceptions_are_one_resource(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly(iCalUId=SERIES))
    later = START + timedelta(weeks=1, hours=2)
    moved = robin.calendar.occurrence(master, date(2026, 12, 8))
    robin.calendar.put({"id": moved, "start": at(later), "end": at(later + timedelta(hours=1)), "subject": "Moved"})
    pages = read(reader(town, robin, opening), robin)
    told = sorted(found(pages).values(), key=lambda each: each.occurrence)
    assert [each.start_at for each in told] == [START, later, START + timedelta(weeks=2), START + timedelta(weeks=3)]
    assert [each.title for each in told] == ["A talk", "Moved", "A talk", "A talk"]
    assert told[1].occurrence == "2026-12-08T08:30:00Z"
    assert {each.resource_ref for each in told} == {master} == pages[-1].everything
    assert {each.uid for each in told} == {SERIES}
    assert {len(each.participants) for each in told} == {3}


@pytest.mark.usefixtures("lean")
def test_lean_occurrences_are_read_with_all_they_say(town: Microsoft, robin: Person, opening: Open) -> None:
    robin.calendar.put(weekly(iCalUId=SERIES))
    told = found(read(reader(town, robin, opening), robin))
    assert {each.title for each in told.values()} == {"A talk"}
    assert sorted(told) == [(SERIES, f"2026-12-{day:02d}T08:30:00Z") for day in (1, 8, 15, 22)]
    assert {each.zone for each in told.values()} == {"Europe/Berlin"}


def test_a_changed_exception_brings_the_whole_series(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    robin.calendar.put({"id": robin.calendar.occurrence(master, date(2026, 12, 15)), "subject": "Other"})
    (page,) = read(calendars, robin, cursor)
    assert page.whole == (master,)
    assert sorted(each.title for each in found([page]).values()) == ["A talk", "A talk", "A talk", "Other"]


def test_an_occurrence_that_was_taken_out_is_gone_though_nobody_names_its_series(
    town: Microsoft, robin: Person, opening: Open
) -> None:
    """The round tells its id alone, and whose it was cannot be asked any more: so everything is read again."""
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(robin.calendar.occurrence(master, date(2026, 12, 8)))
    changed = read(calendars, robin, pages[-1].cursor)
    left = {occurrence for _, occurrence in Book().hears(pages).hears(changed).rows}
    assert {"2026-12-01T08:30:00Z", "2026-12-15T08:30:00Z"} <= left
    assert "2026-12-08T08:30:00Z" not in left


def test_an_occurrence_that_was_taken_out_is_gone_though_delta_names_only_what_is_left(
    town: Microsoft, robin: Person, opening: Open
) -> None:
    master = robin.calendar.put(weekly(iCalUId=SERIES))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(robin.calendar.occurrence(master, date(2026, 12, 8)))
    robin.calendar.put({"id": master})  # as Exchange has it: a change of the series, which holds its exceptions
    changed = read(calendars, robin, pages[-1].cursor)
    assert {key[1][:10] for key in Book().hears(pages).hears(changed).rows} == {
        "2026-12-01",
        "2026-12-15",
        "2026-12-22",
    }


def test_a_series_moved_to_another_day_leaves_nothing_behind(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.put(weekly(first=START + timedelta(days=1)) | {"id": master})
    changed = read(calendars, robin, pages[-1].cursor)
    starts = Book().hears(pages).hears(changed).starts
    assert starts == [START + timedelta(days=1, weeks=week) for week in range(4)]


def test_a_series_that_was_deleted_is_gone_as_a_whole(town: Microsoft, robin: Person, opening: Open) -> None:
    master, other = robin.calendar.put(weekly()), robin.calendar.put(meeting())
    robin.calendar.put({"id": robin.calendar.occurrence(master, date(2026, 12, 8)), "subject": "Other"})
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(master)
    changed = read(calendars, robin, pages[-1].cursor)
    assert {ref for ref, _ in Book().hears(pages).hears(changed).rows.values()} == {other}
    assert read(calendars, robin)[-1].everything == {other}


def test_a_series_that_became_one_event_is_told_so(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.put({"id": master, "recurrence": None})
    changed = read(calendars, robin, pages[-1].cursor)
    assert [key[1] for key in Book().hears(pages).hears(changed).rows] == [""]


@pytest.mark.usefixtures("lean")
def test_a_series_that_goes_while_it_is_read_is_gone(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    town.faults.add("GET /me/events/{id}/instances", "404")
    (page,) = read(reader(town, robin, opening), robin)
    assert (page.items, page.whole) == ((), (master,))


def test_a_series_that_graph_does_not_hand_out_keeps_what_is_stored(
    town: Microsoft, robin: Person, opening: Open
) -> None:
    master, other = robin.calendar.put(weekly()), robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    town.faults.add("GET /me/events/{id}/instances", "400", times=None)
    robin.calendar.put({"id": master, "subject": "Other"})
    changed = read(calendars, robin, pages[-1].cursor)
    assert [each.position for page in changed for each in page.broken] == [master]
    anew = read(calendars, robin)
    assert anew[-1].everything == {master, other}
    assert len(Book().hears(pages).hears(changed).hears(anew).rows) == 5


@pytest.mark.usefixtures("lean")
def test_parts_whose_series_is_not_there_are_told_as_they_are(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    robin.calendar.put({"id": robin.calendar.occurrence(master, date(2026, 12, 8)), "subject": "Other"})
    town.faults.add("GET /me/events/{id}/instances", "404", times=None)
    (page,) = read(reader(town, robin, opening), robin)
    assert [(each.title, each.resource_ref) for each in found([page]).values()] == [("Other", master)]


def test_a_series_is_read_once_a_pass_wherever_its_parts_lie(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "SIZES", (2, 1))
    master = robin.calendar.put(weekly(9))
    for week in range(1, 7):
        day = date(2026, 12, 1) + timedelta(weeks=week)
        robin.calendar.put({"id": robin.calendar.occurrence(master, day), "subject": "Short"})
    before = town.requests["GET /me/events/{id}/instances"]
    pages = read(reader(town, robin, opening), robin)
    assert sum(len(page.items) for page in pages) == len(found(pages)) == 9
    assert town.requests["GET /me/events/{id}/instances"] - before == 5  # pages of two


def test_a_daily_series_arrives_whole(town: Microsoft, robin: Person, opening: Open) -> None:
    """More occurrences than the reader takes exceptions of one series."""
    pattern = {"type": "daily", "interval": 1}
    bounds = {"type": "numbered", "startDate": "2026-01-01", "numberOfOccurrences": 620}
    start, end = datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2026, 1, 1, 9, 15, tzinfo=UTC)
    robin.calendar.put(meeting(start=at(start), end=at(end), recurrence={"pattern": pattern, "range": bounds}))
    pages = read(reader(town, robin, opening), robin)
    assert len(found(pages)) == 620
    assert [each for page in pages for each in page.skipped] == []
