"""What Graph fails at for good, and passes that end in the middle: neither stops a calendar, nothing is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from integrations.microsoft import calendars as module
from integrations.microsoft import view
from integrations.microsoft.batch import fetch
from integrations.microsoft.calls import Calls, Reply
from integrations.wire import within
from integrations.wire.http import AWAY
from integrations.wire.within import TRIES
from keepwarm.errors import TryAgainLater
from keepwarm.types import Page
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.events import Book, Open, found, meeting, read, reader, stream, weekly

DELTA, INSTANCES = "GET /me/calendars/{id}/calendarView/delta", "GET /me/events/{id}/instances"
FAILS = Reply(status=500, told={})
MANY = 24  # tries


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``poison(id, ...)``: Graph fails at these for good, whether it is asked for one or for many at once."""
    bad, call = list[str](), Calls.call

    def failing(self: Calls, method: str, path: str, *args: Any, **more: Any) -> Reply:
        if any(each in unquote(path) for each in bad):
            if 500 in more.get("ok", ()):
                return FAILS
            raise TryAgainLater(timedelta(minutes=1), AWAY)
        return call(self, method, path, *args, **more)

    def fetched(calls: Calls, asked: dict[str, str]) -> dict[str, Reply]:
        return {name: FAILS if name in bad else reply for name, reply in fetch(calls, asked).items()}

    monkeypatch.setattr(Calls, "call", failing)
    monkeypatch.setattr(view, "fetch", fetched)
    return lambda *ids: bad.extend(ids)


def until(refused: int, calendars: Any, person: Person, cursor: str = "") -> tuple[list[Page], int]:
    """All pages, going on from the last cursor after each refusal, of which there may be so many; how many were."""
    pages = list[Page]()
    for times in range(refused + 1):
        try:
            for each in calendars.changes(stream(person, cursor)):
                pages.append(each)
                cursor = each.cursor
        except TryAgainLater:
            continue
        return pages, times
    raise AssertionError("it never came to its end")


def broken(pages: list[Page]) -> set[tuple[str, str]]:
    return {(each.position, each.reason) for page in pages for each in page.broken}


@pytest.mark.parametrize("first", [True, False], ids=["a first pass", "what changed"])
@pytest.mark.usefixtures("no_hour")
def test_a_series_at_which_graph_always_fails_stops_no_calendar(
    town: Microsoft, robin: Person, opening: Open, poison: Callable[..., None], first: bool
) -> None:
    calendars = reader(town, robin, opening)
    cursor = "" if first else read(calendars, robin)[-1].cursor
    bad, *good = (robin.calendar.put(weekly()) for _ in range(3))
    alone = robin.calendar.put(meeting())
    poison(bad)
    pages, times = until(TRIES, calendars, robin, cursor)
    assert times == TRIES
    assert {each.resource_ref for each in found(pages[:1]).values()} == {*good, alone}  # they wait for nobody
    assert broken(pages) == {(bad, module.FAILS)}
    assert not any(bad in page.whole for page in pages)
    assert pages[-1].everything == ({bad, *good, alone} if first else None)
    assert json.loads(pages[-1].cursor).keys() == {"link", "full", "start", "end"}
    changed, times = until(0, calendars, robin, pages[-1].cursor)
    assert (changed[-1].last, found(changed)) == (True, {})


def test_where_graph_gives_no_other_series_either_it_is_waited_for_a_day(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars = reader(town, robin, opening)
    good = {robin.calendar.put(weekly()) for _ in range(2)}
    town.faults.add(INSTANCES, "503", times=(TRIES + 2) * 2)
    pages, times = until(TRIES + 2, calendars, robin)
    assert (times, broken(pages)) == (TRIES + 2, set())
    assert {each.resource_ref for each in found(pages).values()} == good
    town.faults.add(INSTANCES, "503", times=None)
    for name in ("ALONE", "TRIES_ALONE"):
        monkeypatch.setattr(within, name, 0)
    pages, _ = until(2 * len(good), calendars, robin)
    assert {name for name, _ in broken(pages)} == good


def test_a_throttle_is_held_against_no_series(town: Microsoft, robin: Person, opening: Open) -> None:
    calendars = reader(town, robin, opening)
    robin.calendar.put(weekly())
    town.faults.add(INSTANCES, "429", times=2 * MANY)
    pages, times = until(2 * MANY, calendars, robin)
    assert (times, broken(pages), len(found(pages))) == (2 * MANY, set(), 4)


def test_several_at_which_graph_fails_are_set_aside_one_after_another(
    town: Microsoft, robin: Person, opening: Open, poison: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "SIZES", (3, 1))
    monkeypatch.setattr(within, "ALONE", 0)  # some pages hold nothing else
    calendars = reader(town, robin, opening)
    ids = [robin.calendar.put(weekly()) for _ in range(6)]
    bad = {ids[0], ids[2], ids[3], ids[5]}
    poison(*bad)
    pages, _ = until(len(bad) * MANY, calendars, robin)
    assert pages[-1].last
    assert {name for name, _ in broken(pages)} == bad
    assert {each.resource_ref for each in found(pages).values()} == {ids[1], ids[4]}


@pytest.mark.usefixtures("no_hour")
def test_an_event_that_cannot_be_looked_up_for_good_is_kept_and_stops_no_calendar(
    town: Microsoft, robin: Person, opening: Open, poison: Callable[..., None]
) -> None:
    calendars = reader(town, robin, opening)
    bad, gone = robin.calendar.put(meeting(iCalUId="1")), robin.calendar.put(meeting(iCalUId="2"))
    pages = read(calendars, robin)
    for each in (bad, gone):
        robin.calendar.remove(each)
    poison(bad)
    changed = next(calendars.changes(stream(robin, pages[-1].cursor)))
    assert not changed.last
    more, times = until(TRIES, calendars, robin, pages[-1].cursor)
    assert (times, broken(more)) == (TRIES, {(bad, module.FAILS)})
    assert gone not in {ref for ref, _ in Book().hears(pages).hears(more).rows.values()}


def test_a_pass_that_ends_in_the_middle_still_knows_that_it_was_unsure(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an occurrence that was taken out its id alone is told: everything is read again, whatever came in between."""
    calendars = reader(town, robin, opening)
    master = robin.calendar.put(weekly())
    pages = read(calendars, robin)
    robin.calendar.remove(robin.calendar.occurrence(master, date(2026, 12, 8)))
    monkeypatch.setattr(view, "SIZES", (2, 1))
    for _ in range(5):
        robin.calendar.put(meeting())
    town.faults.add(DELTA, "503", after=1)
    changed, times = until(1, calendars, robin, pages[-1].cursor)
    assert times == 1
    left = {occurrence[:10] for _, occurrence in Book().hears(pages).hears(changed).rows if occurrence}
    assert left == {"2026-12-01", "2026-12-15", "2026-12-22"}
