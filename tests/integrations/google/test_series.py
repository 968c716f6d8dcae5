"""Series at Google and their exceptions: one resource, whatever its parts do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from integrations.google import calendars as module
from integrations.google import events
from integrations.google.calls import Calls, Reply
from integrations.wire.http import AWAY
from integrations.wire.within import TRIES
from keepwarm.errors import TryAgainLater
from keepwarm.types import Page
from tests.emulators.google import Google, Person
from tests.integrations.google.events import (
    START,
    Open,
    at,
    exception,
    found,
    gone,
    meeting,
    read,
    reader,
    stream,
    weekly,
)

# --- Series


def test_a_series_and_its_exceptions_are_one_resource(town: Google, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    later = START + timedelta(weeks=1, hours=2)
    robin.calendar.put(exception(master, 1, start=at(later), end=at(later + timedelta(hours=1)), summary="Moved"))
    pages = read(reader(town, robin, opening), robin)
    told = sorted(found(pages).values(), key=lambda each: each.occurrence)
    assert [each.start_at for each in told] == [START, later, START + timedelta(weeks=2), START + timedelta(weeks=3)]
    assert [each.title for each in told] == ["A talk", "Moved", "A talk", "A talk"]
    assert told[1].occurrence == "2026-12-08T08:30:00Z"
    assert {each.resource_ref for each in told} == {master} == pages[-1].everything
    assert {each.uid for each in told} == {f"{master}@google.com"}


def test_a_changed_exception_brings_the_whole_series(town: Google, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    robin.calendar.put(exception(master, 2, summary="Other"))
    (page,) = read(calendars, robin, cursor)
    assert page.whole == (master,)
    assert sorted(each.title for each in found([page]).values()) == ["A talk", "A talk", "A talk", "Other"]


@pytest.mark.parametrize("known", [True, False])
def test_a_cancelled_exception_of_three_fields_leaves_the_series_without_it(
    town: Google, robin: Person, opening: Open, known: bool
) -> None:
    """For as long as the series lives: a full pass afterwards knows it too."""
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(f"{master}_20261208T083000Z")
    changed = read(calendars, robin, pages[-1].cursor if known else "")
    assert set(found(pages)) - set(found(changed)) == {(f"{master}@google.com", "2026-12-08T08:30:00Z")}
    assert changed[-1].whole == (master,)
    robin.calendar.put({"id": master, "summary": "Renamed"})
    again = read(calendars, robin, changed[-1].cursor)
    assert [each.occurrence[:10] for each in found(again).values()] == ["2026-12-01", "2026-12-15", "2026-12-22"]
    assert {each.title for each in found(again).values()} == {"Renamed"}


def test_a_series_that_was_deleted_is_gone_as_a_whole(town: Google, robin: Person, opening: Open) -> None:
    master, other = robin.calendar.put(weekly()), robin.calendar.put(meeting())
    robin.calendar.put(exception(master, 1, summary="Other"))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(master)
    changed = read(calendars, robin, pages[-1].cursor)
    assert gone(pages, changed) == {master}
    assert read(calendars, robin)[-1].everything == {other}


def test_whole_days_repeat_and_leave_out_what_was_cancelled(town: Google, robin: Person, opening: Open) -> None:
    days = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    master = robin.calendar.put(weekly(**days))
    robin.calendar.remove(f"{master}_20261215")
    told = found(read(reader(town, robin, opening), robin))
    assert sorted(occurrence for _, occurrence in told) == ["2026-12-01", "2026-12-08", "2026-12-22"]


def test_one_occurrence_without_its_series_stands_alone(town: Google, robin: Person, opening: Open) -> None:
    """As when somebody is asked to a single one. Its key is that which the series would give it."""
    lone = robin.calendar.put(exception("aseriesofothers", 1, iCalUID="theirs@google.com"))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    (event,) = found(pages).values()
    assert (event.uid, event.occurrence, event.resource_ref) == ("theirs@google.com", "2026-12-08T08:30:00Z", lone)
    assert pages[-1].everything == {lone}
    robin.calendar.remove(lone)
    assert gone(pages, read(calendars, robin, pages[-1].cursor)) == {lone}


def test_an_occurrence_alone_joins_the_series_when_it_comes(town: Google, robin: Person, opening: Open) -> None:
    lone = robin.calendar.put(exception("theirseries", 1, summary="Mine"))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    assert found(pages)["theirseries@google.com", "2026-12-08T08:30:00Z"].resource_ref == lone
    robin.calendar.put(weekly(id="theirseries"))
    changed = read(calendars, robin, pages[-1].cursor)
    assert {each.resource_ref for each in found(changed).values()} == {"theirseries"}
    assert found(changed)["theirseries@google.com", "2026-12-08T08:30:00Z"].title == "Mine"


def test_a_series_is_read_once_wherever_its_parts_lie(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = robin.calendar.put(weekly(recurrence=["RRULE:FREQ=DAILY;COUNT=9"]))
    for day in range(1, 7):
        original = START + timedelta(days=day)
        robin.calendar.put(
            exception(master, 0, originalStartTime=at(original), start=at(original), end=at(original), summary="Short")
        )
    monkeypatch.setitem(events._READING, "maxResults", "2")
    before = town.requests["calendar.events.list"]
    pages = read(reader(town, robin, opening), robin)
    assert len(found(pages)) == 9
    assert sum(len(page.items) for page in pages) == 9
    assert town.requests["calendar.events.list"] - before == 4 + 4 + 1  # all, the series, the names


def test_a_series_that_is_none_any_more_is_one_event(town: Google, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    robin.calendar.keep({name: part for name, part in robin.calendar.find(master).items() if name != "recurrence"})
    (page,) = read(calendars, robin, cursor)
    assert page.whole == (master,)
    assert [each.occurrence for each in found([page]).values()] == [""]


def test_a_bad_event_between_two_good_ones_is_told(town: Google, robin: Person, opening: Open) -> None:
    good = {robin.calendar.put(meeting()), robin.calendar.put(weekly())}
    bad = robin.calendar.put(weekly(recurrence=["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]))
    worse = robin.calendar.put(meeting())
    robin.calendar.events[worse]["start"] = {"dateTime": 7}
    pages = read(reader(town, robin, opening), robin)
    town.breaches.clear()  # the emulator's own, for that
    assert {each.resource_ref for each in found(pages).values()} == good
    assert {each.position for page in pages for each in page.broken} == {bad, worse}
    assert not {bad, worse} & {ref for page in pages for ref in page.whole}
    assert {bad, worse} < (pages[-1].everything or set())


def test_one_bad_exception_costs_itself_alone(town: Google, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    bad = robin.calendar.put(exception(master, 1, start=at(START.replace(year=1492)), end=at(START)))
    cut = robin.calendar.put(exception(master, 2, status="cancelled"))
    robin.calendar.events[cut]["originalStartTime"] = {"dateTime": "soon"}
    pages = read(reader(town, robin, opening), robin)
    town.breaches.clear()
    assert len(found(pages)) == 4
    assert sorted(each.position for page in pages for each in page.broken) == sorted([bad, cut])


def test_a_series_that_is_withheld_keeps_what_is_stored(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = robin.calendar.put(weekly())
    other = robin.calendar.put(meeting())
    monkeypatch.setattr(module, "uid_of", lambda event: "x" * 100_000 if event.get("recurrence") else "")
    pages = read(reader(town, robin, opening), robin)
    town.breaches.clear()
    assert [each.resource_ref for each in found(pages).values()] == [other]
    assert [each.position for page in pages for each in page.broken] == [master]
    assert pages[-1].whole == (other,)


# --- What Google fails at for good


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``poison(id)``: Google fails at this series whenever it is asked for it alone."""
    bad, call = list[str](), Calls.call

    def failing(self: Calls, method: str, address: str, params: Any = (), **more: Any) -> Reply:
        if dict(params).get("iCalUID") in [f"{each}@google.com" for each in bad]:
            if 500 in more.get("ok", ()):
                return Reply(status=500, told={})
            raise TryAgainLater(timedelta(minutes=1), AWAY)
        return call(self, method, address, params, **more)

    monkeypatch.setattr(Calls, "call", failing)
    return bad.append


@pytest.mark.parametrize("first", [True, False], ids=["a first pass", "what changed"])
@pytest.mark.parametrize("block", [1, 2, 25])
@pytest.mark.usefixtures("no_hour")
def test_series_at_which_google_always_fails_stop_no_calendar(
    town: Google, robin: Person, opening: Open, poison: Callable[[str], None], monkeypatch: pytest.MonkeyPatch,
    first: bool, block: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "BLOCK", block)
    calendars = reader(town, robin, opening)
    cursor = "" if first else read(calendars, robin)[-1].cursor
    ids = [robin.calendar.put(weekly()) for _ in range(5)]
    alone = robin.calendar.put(meeting())
    bad = sorted(ids)[1:3]
    for each in bad:
        poison(each)
    pages, times = list[Page](), 0
    while not (pages and pages[-1].last) and times <= 2 * TRIES:
        try:
            for page in calendars.changes(stream(robin, cursor)):
                pages.append(page)
                cursor = page.cursor
        except TryAgainLater:
            times += 1
    assert times == 2 * TRIES
    assert {each.resource_ref for each in found(pages).values()} == {*ids, alone} - {*bad}
    assert {(each.position, each.reason) for page in pages for each in page.broken} == {
        (each, module.FAILS) for each in bad
    }
    assert not {*bad} & {ref for page in pages for ref in page.whole}
    assert pages[-1].everything is None or pages[-1].everything == {*ids, alone}
    assert json.loads(cursor).keys() == {"token", "full"}


def test_a_series_that_google_gives_again_is_read(town: Google, robin: Person, opening: Open) -> None:
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    master = robin.calendar.put(weekly())
    for _ in range(TRIES):
        town.faults.add("calendar.events.list", "503", after=1)
        pages = calendars.changes(stream(robin, cursor))
        cursor = next(pages).cursor
        with pytest.raises(TryAgainLater):
            next(pages)
    (page,) = read(calendars, robin, cursor)
    assert (page.whole, page.broken, len(page.items)) == ((master,), (), 4)
