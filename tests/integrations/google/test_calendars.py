"""Reading calendars of Google from the emulator: places, everything once, then only what changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from integrations.base import Allowance, Unlimited
from integrations.google import calendars as module
from integrations.google import events
from integrations.google.calendarlist import MARKER
from integrations.google.calendars import Calendars
from integrations.google.calls import Calls
from keepwarm.errors import CursorExpired, OutOfBudget, Rejected, TryAgainLater
from keepwarm.types import Page, Stream, StreamKind
from tests.emulators.google import Google, Person
from tests.integrations.google.events import Open, exception, found, gone, meeting, read, reader, stream, weekly
from tests.integrations.google.sides import Clock

# --- Places


def test_calendars_that_can_be_read_are_places_and_only_the_owners_own_are_usual(
    town: Google, robin: Person, opening: Open
) -> None:
    shared = robin.add_calendar("Team", access="reader")
    robin.add_calendar("Only busy", access="freeBusyReader")
    holidays = robin.add_calendar("Holidays", access="reader")
    holidays.id = "nl.dutch#holiday@group.v.calendar.google.com"
    places = {each.ref: each for each in reader(town, robin, opening).places()}
    assert {ref: (each.name, each.usual, each.ours) for ref, each in places.items()} == {
        robin.address: (robin.address, True, False),
        shared.id: ("Team", False, False),
        holidays.id: ("Holidays", False, False),
    }


@pytest.mark.parametrize(
    ("entry", "usual"),
    [
        ({"primary": True}, True),
        ({"selected": True}, True),
        ({}, False),
        ({"selected": "yes", "primary": 1}, False),
        ({"selected": True, "description": f"Ours\n {MARKER} "}, False),
        ({"selected": True, "id": "nl.dutch#holiday@group.v.calendar.google.com"}, False),
        ({"selected": True, "id": "addressbook#contacts@group.v.calendar.google.com"}, False),
        ({"selected": True, "id": "e_2_en#weeknum@group.v.calendar.google.com"}, False),
        ({"selected": True, "id": "c_1@import.calendar.google.com"}, True),
        ({"selected": True, "accessRole": "writer"}, False),
    ],
)
def test_what_the_owner_looks_at_of_their_own_is_usual(entry: dict[str, Any], usual: bool) -> None:
    assert module._is_usual({"id": "c_1@group.calendar.google.com", "accessRole": "owner"} | entry) is usual


# --- What changed


def test_everything_arrives_and_then_only_what_changed(town: Google, robin: Person, opening: Open) -> None:
    one, two = (robin.calendar.put(meeting(summary=name)) for name in ("One", "Two"))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    assert [page.last for page in pages] == [True]
    assert pages[-1].everything == {one, two}
    assert set(pages[-1].whole) == {one, two}
    again = read(calendars, robin, pages[-1].cursor)
    assert [(page.items, page.last, page.everything, page.whole) for page in again] == [((), True, None, ())]
    robin.calendar.put({"id": two, "summary": "Changed"})
    robin.calendar.remove(one)
    changed = read(calendars, robin, again[-1].cursor)
    assert [each.title for each in found(changed).values()] == ["Changed"]
    assert gone(pages, changed) == {one}


def test_pages_can_be_gone_on_from(town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(events._READING, "maxResults", "3")
    monkeypatch.setitem(events._NAMING, "maxResults", "2")
    monkeypatch.setattr(module, "BLOCK", 2)
    ids = [robin.calendar.put(meeting()) for _ in range(4)] + [robin.calendar.put(weekly()) for _ in range(7)]
    for each in ids[-3:]:
        robin.calendar.put(exception(each, 1, summary="Other"))
    pages = read(reader(town, robin, opening), robin)
    assert len(pages) > 5
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert len(found(pages)) == 4 + 7 * 4
    assert pages[-1].everything == set(ids)
    for number, page in enumerate(pages[:-1], 1):
        rest = read(reader(town, robin, opening), robin, page.cursor)
        assert found(pages[:number]) | found(rest) == found(pages)
        assert rest[-1].everything == set(ids)
        assert json.loads(rest[-1].cursor)["token"]


def test_what_went_on_many_pages_is_told_by_what_there_is(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [robin.calendar.put(meeting()) for _ in range(9)]
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    monkeypatch.setitem(events._READING, "maxResults", "3")
    for each in ids[:5]:
        robin.calendar.remove(each)
    changed = read(calendars, robin, pages[-1].cursor)
    assert len(changed) == 2
    assert changed[0].whole == ()
    assert changed[-1].everything == set(ids[5:])
    assert gone(pages, changed) == set(ids[:5])


@pytest.mark.parametrize("kind", ["short-page", "empty-page"])
def test_a_short_page_is_not_the_last(
    town: Google, robin: Person, opening: Open, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(events._READING, "maxResults", "4")
    ids = {robin.calendar.put(meeting()) for _ in range(4)}
    town.faults.add("calendar.events.list", kind)
    pages = read(reader(town, robin, opening), robin)
    assert len(pages) == 2
    assert {each.resource_ref for each in found(pages).values()} == ids == pages[-1].everything


def test_a_page_that_leads_back_to_itself_is_left(town: Google, robin: Person, opening: Open) -> None:
    robin.calendar.put(meeting())
    town.faults.add("calendar.events.list", "repeated-page-token", times=None)
    with pytest.raises(TryAgainLater):
        read(reader(town, robin, opening), robin)


def test_an_empty_calendar_is_read(town: Google, robin: Person, opening: Open) -> None:
    (page,) = read(reader(town, robin, opening), robin)
    assert (page.items, page.everything, page.last) == ((), frozenset(), True)
    (page,) = read(reader(town, robin, opening), robin, page.cursor)
    assert (page.items, page.everything, page.last) == ((), None, True)


def test_a_dead_token_is_named_and_a_full_pass_finds_what_went(town: Google, robin: Person, opening: Open) -> None:
    one, two = (robin.calendar.put(meeting()) for _ in range(2))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(one)
    robin.calendar.forget_tokens()
    with pytest.raises(CursorExpired):
        read(calendars, robin, pages[-1].cursor)
    anew = read(calendars, robin)
    assert anew[-1].everything == {two}
    assert gone(pages, anew) == {one}


def test_a_token_that_dies_halfway_is_named(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    monkeypatch.setitem(events._READING, "maxResults", "2")
    for _ in range(5):
        robin.calendar.put(meeting())
    pages = calendars.changes(stream(robin, cursor))
    first = next(pages)
    assert len(first.items) == 2
    robin.calendar.forget_tokens()
    with pytest.raises(CursorExpired):
        next(pages)


@pytest.mark.parametrize(
    "cursor", ["x", "[]", '{"token": 3}', '{"token": "a", "more": ""}', "{}" * 9, '{"full": "soon"}', "[" * 9999]
)
def test_a_cursor_that_is_none_of_ours_is_dead(town: Google, robin: Person, opening: Open, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        read(reader(town, robin, opening), robin, cursor)


def test_a_token_that_google_never_gave_is_dead(town: Google, robin: Person, opening: Open) -> None:
    with pytest.raises(CursorExpired):
        read(reader(town, robin, opening), robin, '{"token": "bm9uZQ", "full": "2026-11-20"}')
    town.breaches.clear()  # the emulator calls that our mistake, which it is


def test_a_calendar_is_read_anew_every_thirty_days(town: Google, robin: Person, opening: Open, clock: Clock) -> None:
    robin.calendar.put(weekly(recurrence=["RRULE:FREQ=WEEKLY"]))
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    before = clock.at
    clock.goes(days=30)
    (page,) = read(reader(town, robin, opening), robin, cursor)
    assert page.items == ()
    clock.goes(days=1)
    (page,) = read(reader(town, robin, opening), robin, page.cursor)
    last = max(each.start_at for each in found([page]).values())
    assert last > before + timedelta(days=420)
    assert page.everything is not None
    clock.at = before


def test_a_calendar_that_is_gone_is_said_so(town: Google, robin: Person, opening: Open) -> None:
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref="c_0@example.com/../x?y")
    with pytest.raises(Rejected, match="no longer at Google"):
        list(reader(town, robin, opening).changes(there))


def test_a_throttle_says_how_long(town: Google, robin: Person, opening: Open) -> None:
    town.faults.add("calendar.events.list", "429", retry_after=900)
    with pytest.raises(TryAgainLater) as busy:
        read(reader(town, robin, opening), robin)
    assert busy.value.after == timedelta(minutes=15)


def test_no_description_is_ever_fetched(town: Google, robin: Person, opening: Open) -> None:
    secret = "Zeppelin-Content"
    robin.calendar.put(weekly(description=secret))
    robin.calendar.put(meeting(description=secret))
    calls = Calls(opened := opening(town, robin, "calendar"))
    bodies = list[bytes]()
    ask = calls.call
    calls.call = lambda *args, **more: bodies.append((reply := ask(*args, **more)).body) or reply  # type: ignore[method-assign]
    read(Calendars(calls, opened), robin)
    assert len(bodies) == 3
    assert not any(secret.encode() in body for body in bodies)


class Purse(Unlimited):
    """A budget of so many units, and what was asked of it."""

    def __init__(self, units: int) -> None:
        self.units, self.asked = units, list[dict[str, int]]()

    def take(self, purses: Any, units: int, *, least: int = 0) -> Allowance:
        self.asked.append(dict(purses))
        if self.units < units:
            return Allowance(units=0, after=timedelta(seconds=20))
        self.units -= units
        return Allowance(units=units)


def test_every_call_is_paid_for_and_a_first_pass_leaves_some(town: Google, robin: Person, opening: Open) -> None:
    robin.calendar.put(weekly())
    before = town.requests.total()
    purse = Purse(100)
    calendars = reader(town, robin, opening, budget=purse)
    cursor = read(calendars, robin)[-1].cursor
    assert 100 - purse.units == town.requests.total() - before == 3
    assert {
        next(units for name, units in each.items() if name.startswith("google/calendar/")) for each in purse.asked
    } == {588}
    purse.asked.clear()
    read(calendars, robin, cursor)
    assert [
        next(units for name, units in each.items() if name.startswith("google/calendar/")) for each in purse.asked
    ] == [600]


def test_what_is_used_up_goes_on_later(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 1)
    ids = {robin.calendar.put(weekly()) for _ in range(4)}
    purse, cursor, pages = Purse(0), "", list[Page]()
    for _ in range(20):
        purse.units += 3
        try:
            for page in reader(town, robin, opening, budget=purse).changes(stream(robin, cursor)):
                pages.append(page)
                cursor = page.cursor
            break
        except OutOfBudget as used_up:
            assert used_up.after == timedelta(seconds=20)  # noqa: PT017
    assert pages[-1].last
    assert {each.resource_ref for each in found(pages).values()} == ids == pages[-1].everything


def test_what_changes_while_its_page_is_read_is_read_too(
    town: Google, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A series that was read already, and an event alone: the page is asked for again, and its end passes over both."""
    monkeypatch.setattr(module, "BLOCK", 1)
    cursor = read(reader(town, robin, opening), robin)[-1].cursor
    series = sorted(robin.calendar.put(weekly()) for _ in range(3))
    (page, *_) = reader(town, robin, opening).changes(stream(robin, cursor))
    (begun,) = {each.resource_ref for each in found([page]).values()}
    assert begun == series[0]
    alone = robin.calendar.put(meeting())
    robin.calendar.put(weekly(id=begun, summary="Another talk", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]))
    rest = read(reader(town, robin, opening), robin, page.cursor)
    told = {each.resource_ref for each in found(rest).values()}
    assert told == {*series, alone}
    assert len([each for each in found(rest).values() if each.resource_ref == begun]) == 2
    assert {each.title for each in found(rest).values() if each.resource_ref == begun} == {"Another talk"}
