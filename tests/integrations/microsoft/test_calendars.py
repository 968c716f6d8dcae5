"""Reading calendars at Graph: which there are, what changed in one, and the window over it."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from integrations.microsoft import calendars as module
from integrations.microsoft import deltas, view
from integrations.microsoft.calendars import AHEAD, BACK, EDGE, Calendars
from integrations.microsoft.calls import Calls, Reply
from integrations.microsoft.points import opened_window
from integrations.microsoft.resources import Reader
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater
from tests.conftest import NOW
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.events import (
    ZONE,
    Book,
    Open,
    at,
    found,
    meeting,
    read,
    reader,
    stream,
    told,
    weekly,
)
from tests.integrations.microsoft.sides import Clock

DELTA = "GET /me/calendars/{id}/calendarView/delta"


# --- Places


def test_the_persons_own_calendars_are_usual(town: Microsoft, robin: Person, opening: Open) -> None:
    own = robin.add_calendar("Choir")
    ours = robin.add_calendar("Keepwarm")
    holidays = robin.add_calendar("Holidays", can_edit=False)
    shared = robin.add_calendar("Ann", owner="ann@example.com")
    places = reader(town, robin, opening).places()
    assert {each.ref: (each.name, each.usual, each.ours) for each in places} == {
        robin.calendar.id: ("Calendar", True, False),
        own.id: ("Choir", True, False),
        ours.id: ("Keepwarm", False, True),
        holidays.id: ("Holidays", False, False),
        shared.id: ("Ann", False, False),
    }


def test_a_calendar_keepwarm_of_somebody_else_is_not_ours(town: Microsoft, robin: Person, opening: Open) -> None:
    robin.add_calendar("Keepwarm", owner="ann@example.com")
    assert [each.ours for each in reader(town, robin, opening).places()] == [False, False]


# --- What changed


def test_everything_arrives_and_then_only_what_changed(town: Microsoft, robin: Person, opening: Open) -> None:
    one, two = (robin.calendar.put(meeting(subject=name)) for name in ("One", "Two"))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    assert [page.last for page in pages] == [True]
    assert pages[-1].everything == {one, two}
    assert set(pages[-1].whole) == {one, two}
    again = read(calendars, robin, pages[-1].cursor)
    assert [(page.items, page.last, page.everything, page.whole) for page in again] == [((), True, None, ())]
    robin.calendar.put({"id": two, "subject": "Changed"})
    robin.calendar.remove(one)
    changed = read(calendars, robin, again[-1].cursor)
    assert [each.title for each in found(changed).values()] == ["Changed"]
    assert {each for page in changed for each in page.whole} == {one, two}
    assert changed[-1].everything == {two}  # something went: nobody says of which series, so all is read again
    assert {ref for ref, _ in Book().hears(pages).hears(changed).rows.values()} == {two}


def test_an_empty_calendar_is_read(town: Microsoft, robin: Person, opening: Open) -> None:
    (page,) = read(reader(town, robin, opening), robin)
    assert (page.items, page.everything, page.last) == ((), frozenset(), True)
    (page,) = read(reader(town, robin, opening), robin, page.cursor)
    assert (page.items, page.everything, page.last) == ((), None, True)


def test_another_calendar_is_read_by_itself(town: Microsoft, robin: Person, opening: Open) -> None:
    choir = robin.add_calendar("Choir")
    there = choir.put(meeting(subject="Sing"))
    robin.calendar.put(meeting())
    (page,) = reader(town, robin, opening).changes(stream(robin, place=choir.id))
    assert [each.title for each in found([page]).values()] == ["Sing"]
    assert page.everything == {there}


def test_pages_can_be_gone_on_from(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "SIZES", (3, 1))
    monkeypatch.setattr(view, "NAMES", 2)
    ids = [robin.calendar.put(meeting()) for _ in range(4)] + [robin.calendar.put(weekly()) for _ in range(4)]
    for each in ids[-2:]:
        robin.calendar.put({"id": robin.calendar.occurrence(each, date(2026, 12, 8)), "subject": "Other"})
    pages = read(reader(town, robin, opening), robin)
    assert len(pages) > 5
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert len(found(pages)) == 4 + 4 * 4
    assert pages[-1].everything == set(ids)
    for number, page in enumerate(pages[:-1], 1):
        rest = read(reader(town, robin, opening), robin, page.cursor)
        assert found(pages[:number]) | found(rest) == found(pages)
        assert rest[-1].everything == set(ids)
        assert json.loads(rest[-1].cursor)["link"]


def test_what_went_on_many_pages_is_told_by_what_there_is(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [robin.calendar.put(meeting()) for _ in range(9)]
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    monkeypatch.setattr(view, "SIZES", (3, 1))
    for each in ids[:5]:
        robin.calendar.remove(each)
    changed = read(calendars, robin, pages[-1].cursor)
    assert changed[0].whole == ()
    assert changed[-1].everything == set(ids[5:])
    rest = read(calendars, robin, changed[0].cursor)
    for each in (changed, rest):
        assert {ref for ref, _ in Book().hears(pages).hears(each).rows.values()} == set(ids[5:])


@pytest.mark.parametrize("kind", ["short-page", "empty-page", "repeated-item"])
def test_a_short_page_is_not_the_last(
    town: Microsoft, robin: Person, opening: Open, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "SIZES", (4, 1))
    ids = {robin.calendar.put(meeting()) for _ in range(4)}
    town.faults.add(DELTA, kind)
    pages = read(reader(town, robin, opening), robin)
    assert len(pages) == (1 if kind == "repeated-item" else 2)
    assert {each.resource_ref for each in found(pages).values()} == ids == pages[-1].everything


def test_a_page_that_leads_back_to_itself_is_left(town: Microsoft, robin: Person, opening: Open) -> None:
    robin.calendar.put(meeting())
    town.faults.add(DELTA, "repeated-link", times=None)
    with pytest.raises(TryAgainLater):
        read(reader(town, robin, opening), robin)


@pytest.mark.parametrize("kind", ["truncated", "cut", "500", "502", "504", "503", "mailbox-down"])
def test_half_an_answer_is_none(town: Microsoft, robin: Person, opening: Open, kind: str) -> None:
    robin.calendar.put(meeting())
    town.faults.add(DELTA, kind)
    with pytest.raises(TryAgainLater):
        read(reader(town, robin, opening), robin)


def test_a_throttle_says_how_long(town: Microsoft, robin: Person, opening: Open) -> None:
    town.faults.add(DELTA, "429", retry_after=900)
    with pytest.raises(TryAgainLater) as busy:
        read(reader(town, robin, opening), robin)
    assert busy.value.after == timedelta(minutes=15)


@pytest.mark.parametrize("how", ["410", "410-bare", "syncStateNotFound", "syncStateInvalid", "resyncRequired"])
def test_a_lost_state_is_named_and_a_full_pass_finds_what_went(
    town: Microsoft, robin: Person, opening: Open, how: str
) -> None:
    one, two = (robin.calendar.put(meeting()) for _ in range(2))
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(one)
    robin.forget_delta("calendar", how)
    with pytest.raises(CursorExpired):
        read(calendars, robin, pages[-1].cursor)
    anew = read(calendars, robin)
    assert anew[-1].everything == {two}
    assert {ref for ref, _ in Book().hears(pages).hears(anew).rows.values()} == {two}


def test_a_state_that_is_lost_halfway_is_named(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    monkeypatch.setattr(view, "SIZES", (2, 1))
    for _ in range(5):
        robin.calendar.put(meeting())
    pages = calendars.changes(stream(robin, cursor))
    assert len(next(pages).items) == 2
    robin.forget_delta("calendar")
    with pytest.raises(CursorExpired):
        next(pages)


@pytest.mark.parametrize("cursor", [
    "x", "[]", '{"link": 3}', '{"link": "a", "more": ""}', "{}" * 9, '{"full": "soon"}', "[" * 9999,
    '{"link": "https://localhost/x", "full": "2026-11-20"}', '{"full": "2026-11-20", "start": "x", "end": "y"}',
])  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_dead(town: Microsoft, robin: Person, opening: Open, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        read(reader(town, robin, opening), robin, cursor)


def test_a_link_out_of_graph_is_not_followed(town: Microsoft, robin: Person, opening: Open) -> None:
    point = json.loads(read(reader(town, robin, opening), robin)[-1].cursor)
    with pytest.raises(Rejected):
        read(reader(town, robin, opening), robin, json.dumps(point | {"link": "https://evil.example/v1.0/me"}))


def test_a_calendar_that_is_gone_is_said_so(town: Microsoft, robin: Person, opening: Open) -> None:
    with pytest.raises(Rejected, match="no longer at Microsoft"):
        list(reader(town, robin, opening).changes(stream(robin, place="nowhere/../x?y")))


@pytest.mark.parametrize(
    ("status", "code", "absent"),
    [(404, "ErrorItemNotFound", True), (410, "", True), (404, "MailboxNotEnabledForRESTAPI", False), (400, "", False)],
)
def test_a_person_without_a_mailbox_is_not_told_to_choose_another_calendar(
    town: Microsoft, robin: Person, opening: Open, status: int, code: str, absent: bool
) -> None:
    refused = deltas.Refused(Reply(status=status, told={}, code=code), Calls(opening(town, robin, "calendar")))
    assert refused.absent is absent


# --- The window


def test_the_window_reaches_over_what_is_read_of_a_series(town: Microsoft, robin: Person, opening: Open) -> None:
    inside = {robin.calendar.put(meeting(start=at(when), end=at(when + timedelta(hours=1)))) for when in (
        NOW - timedelta(days=399), NOW - timedelta(days=40), NOW + timedelta(days=399))}  # fmt: skip
    for when in (NOW - timedelta(days=402), NOW + timedelta(days=402)):
        robin.calendar.put(meeting(start=at(when), end=at(when + timedelta(hours=1))))
    pages = read(reader(town, robin, opening), robin)
    assert {each.resource_ref for each in found(pages).values()} == inside
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    assert pages[-1].span == (midnight - BACK + EDGE, midnight + AHEAD - EDGE)


def test_a_new_window_each_week_takes_nothing_away_that_merely_left_it(
    town: Microsoft, robin: Person, opening: Open, clock: Clock
) -> None:
    before = clock.at
    old, kept, gone = NOW - timedelta(days=397), NOW - timedelta(days=10), NOW + timedelta(days=10)
    ids = [
        robin.calendar.put(meeting(start=at(when), end=at(when), iCalUId=f"{when:%j}")) for when in (old, kept, gone)
    ]
    pages = read(reader(town, robin, opening), robin)
    book = Book().hears(pages)
    clock.goes(days=7)
    (page,) = read(reader(town, robin, opening), robin, pages[-1].cursor)
    assert page.everything is None
    clock.goes(days=1)
    robin.calendar.remove(ids[2])
    anew = read(reader(town, robin, opening), robin, page.cursor)
    assert anew[-1].everything == {ids[1]}
    assert json.loads(anew[-1].cursor)["full"] == f"{clock.at:%Y-%m-%d}"
    assert book.hears([page]).hears(anew).starts == [old, kept]
    clock.at = before


@pytest.mark.parametrize("days", [401, -401])
def test_what_is_moved_out_of_the_window_is_told_where_it_is(
    town: Microsoft, robin: Person, opening: Open, days: int
) -> None:
    """Delta calls it removed."""
    id_ = robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    far = NOW.replace(microsecond=0) + timedelta(days=days)
    robin.calendar.move(id_, far, far + timedelta(hours=1))
    changed = read(calendars, robin, pages[-1].cursor)
    assert Book().hears(pages).hears(changed).starts == [far]


def test_what_lies_in_another_calendar_now_is_gone_from_here(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still found by its id."""
    id_ = robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(id_)
    monkeypatch.setattr(view.View, "looked_up", lambda _, ids: ((each, told(id=each)) for each in ids))
    (page,) = read(calendars, robin, pages[-1].cursor)
    assert (page.items, page.whole) == ((), (id_,))


def test_many_that_are_removed_are_looked_up_twenty_at_a_time(town: Microsoft, robin: Person, opening: Open) -> None:
    ids = [robin.calendar.put(meeting()) for _ in range(45)]
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    for each in ids:
        robin.calendar.remove(each)
    before = town.requests["POST /$batch"]
    changed = read(calendars, robin, pages[-1].cursor)
    assert town.requests["POST /$batch"] - before == 3
    assert Book().hears(pages).hears(changed).rows == {}


def test_a_look_that_fails_invents_no_deletion(town: Microsoft, robin: Person, opening: Open) -> None:
    id_ = robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    cursor = read(calendars, robin)[-1].cursor
    robin.calendar.remove(id_)
    town.faults.add("GET /me/events/{id}", "503")
    with pytest.raises(TryAgainLater):
        read(calendars, robin, cursor)
    assert read(calendars, robin, cursor)[0].whole == (id_,)


def test_what_cannot_be_looked_up_is_kept(town: Microsoft, robin: Person, opening: Open) -> None:
    id_ = robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    robin.calendar.remove(id_)
    town.faults.add("GET /me/events/{id}", "400")
    changed = read(calendars, robin, pages[-1].cursor)
    assert [each.position for page in changed for each in page.broken] == [id_]
    assert len(Book().hears(pages).hears(changed).rows) == 1


def test_what_is_removed_at_first_is_passed_over(town: Microsoft, robin: Person, opening: Open) -> None:
    one, two = (robin.calendar.put(meeting()) for _ in range(2))
    robin.calendar.remove(one)
    town.removes_at_first = True
    before = town.requests["POST /$batch"]
    (page,) = read(reader(town, robin, opening), robin)
    town.removes_at_first = False
    assert (page.everything, page.whole) == ({two}, (two,))
    assert town.requests["POST /$batch"] == before


def test_what_a_first_round_both_lists_and_removes_is_looked_up(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come back, or gone, between the two: only the look says which."""
    stays, goes = (robin.calendar.put(meeting(iCalUId=each)) for each in ("1", "2"))
    calendars = reader(town, robin, opening)
    changed = view.View.changed

    def twice(self: view.View) -> Any:
        for at_, told_, after in changed(self):
            removed = [{"id": each, "@removed": {"reason": "deleted"}} for each in (stays, goes, "never listed")]
            yield at_, {**told_, "value": [*told_["value"], *removed]}, after

    monkeypatch.setattr(view.View, "changed", twice)
    looked_up = view.View.looked_up

    def looked(self: view.View, ids: Any) -> Any:
        robin.calendar.remove(goes)
        return looked_up(self, ids)

    monkeypatch.setattr(view.View, "looked_up", looked)
    (page,) = read(calendars, robin)
    assert {each.resource_ref for each in found([page]).values()} == {stays}
    assert (page.everything, page.last) == ({stays}, True)


def test_what_is_gone_on_one_page_and_there_on_a_later_one_is_there(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what was moved into another calendar and back."""
    id_ = robin.calendar.put(meeting())
    calendars = reader(town, robin, opening)
    pages = read(calendars, robin)
    there = calendars._calls.get(f"/me/events/{quote(id_, safe='')}").told
    rounds = [("", {"value": [{"id": id_, "@removed": {}}]}, "1"), ("1", {"value": [there]}, "2"),
              ("2", {"value": [], "@odata.deltaLink": "https://d"}, "")]  # fmt: skip
    monkeypatch.setattr(view.View, "changed", lambda _: iter(rounds))
    monkeypatch.setattr(view.View, "looked_up", lambda _, ids: ((each, None) for each in ids))
    changed = list(module._Pass(*_parts(calendars, robin, pages[-1].cursor)).pages())
    assert Book().hears(pages).hears(changed).rows.keys() == found(pages).keys()


def _parts(calendars: module.Calendars, robin: Person, cursor: str) -> Any:
    point = calendars._point(cursor)
    given = view.View(calendars._calls, robin.calendar.id, point)
    return given, Reader(zone=ZONE, own=frozenset(), now=NOW), point


# --- What travels


def test_descriptions_are_never_kept_logged_or_asked_for_where_names_can_be(
    town: Microsoft, robin: Person, opening: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Delta over a view takes no $select: there alone they come along."""
    secret, asked = "Zeppelin-Content", list[str]()
    robin.calendar.put(weekly(body={"contentType": "html", "content": secret}))
    id_ = robin.calendar.put(meeting(body={"contentType": "html", "content": secret}))
    calls = Calls(opened := opening(town, robin, "calendar"))
    ask = calls.call

    def spied(method: str, path: str, *args: Any, **more: Any) -> Any:
        reply = ask(method, path, *args, **more)
        if secret in repr(reply.told):
            asked.append(path)
        return reply

    calls.call = spied  # type: ignore[method-assign]
    with caplog.at_level(logging.DEBUG):
        pages = read(Calendars(calls, opened), robin)
        robin.calendar.move(id_, NOW + timedelta(days=500), NOW + timedelta(days=500, hours=1))
        pages += read(Calendars(calls, opened), robin, pages[-1].cursor)
    assert all("calendarView/delta" in each for each in asked)
    assert len(found(pages)) == 5
    assert secret not in repr(pages) + caplog.text


def test_an_event_with_an_endless_text_stops_nobody(
    town: Microsoft, robin: Person, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deltas, "ANSWER", 40_000)
    monkeypatch.setattr(deltas, "ALONE", 1_000_000)
    ids = {robin.calendar.put(meeting(body={"contentType": "text", "content": "x" * n})) for n in (10, 100_000, 10)}
    assert read(reader(town, robin, opening), robin)[-1].everything == ids


# --- Bad items


def test_a_bad_event_between_two_good_ones_is_told(town: Microsoft, robin: Person, opening: Open) -> None:
    good = {robin.calendar.put(meeting()), robin.calendar.put(weekly())}
    bad = robin.calendar.put(meeting(_raw={"start": {"dateTime": "soon", "timeZone": "UTC"}}))
    pages = read(reader(town, robin, opening), robin)
    town.breaches.clear()  # the emulator's own, for that
    assert {each.resource_ref for each in found(pages).values()} == good
    assert [each.position for page in pages for each in page.broken] == [bad]
    assert bad not in {ref for page in pages for ref in page.whole}
    assert bad in (pages[-1].everything or set())


def test_one_bad_exception_costs_itself_alone(town: Microsoft, robin: Person, opening: Open) -> None:
    master = robin.calendar.put(weekly())
    bad = robin.calendar.occurrence(master, date(2026, 12, 8))
    robin.calendar.put({"id": bad, "_raw": {"originalStart": None}})
    pages = read(reader(town, robin, opening), robin)
    town.breaches.clear()
    assert len(found(pages)) == 3
    assert [each.position for page in pages for each in page.broken] == [bad]


@pytest.mark.parametrize(
    "entry", [None, 7, "x", [], {}, {"@removed": 7}, {"id": 7, "@removed": {}}, {"id": "", "type": 3}]
)
def test_what_is_no_event_is_counted_or_passed_over(entry: Any) -> None:
    """Whatever stands in the list, the rest of it is read."""

    class Still:
        def looked_up(self, ids: Any) -> Any:
            return iter([(each, None) for each in ids])

    given = opened_window("", NOW.date(), back=BACK, ahead=AHEAD, anew=module.ANEW).done("link")
    run = module._Pass(Still(), Reader(zone=ZONE, own=frozenset(), now=NOW), given)  # type: ignore[arg-type]
    read = list(run._read([entry, told()]))
    assert [each.ref for each in read if each.items] == ["abc"]
    assert all(each.broken for each in read if not each.items)
