"""Reading Google Calendar: from the emulator, and events that are not as they should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.base import Allowance, Opening, Unlimited
from integrations.google import calendars as module
from integrations.google import events
from integrations.google.asevent import as_calendar, as_event
from integrations.google.calendarlist import MARKER
from integrations.google.calendars import Calendars
from integrations.google.calls import Calls
from integrations.google.resources import read_alone
from integrations.wire.ical import read_calendar
from keepwarm.errors import CursorExpired, OutOfBudget, Rejected, TryAgainLater
from keepwarm.types import CalendarEvent, Page, Reply, Role, Stream, StreamKind
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import Clock

ZONE = "Europe/Amsterdam"
START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
Open = Callable[..., Opening]


@pytest.fixture
def robin(town: Google, request: pytest.FixtureRequest) -> Person:
    """Somebody new, in the calendar of whom nothing stands."""
    return town.person(f"{abs(hash(request.node.nodeid)):x}@example.org", name="Robin")


def reader(town: Google, person: Person, opening: Open, **changes: Any) -> Calendars:
    opened = opening(town, person, "calendar", **changes)
    return Calendars(Calls(opened), opened)


def stream(person: Person, cursor: str = "") -> Stream:
    return Stream(
        id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=person.address, cursor=cursor
    )


def at(moment: datetime, zone: str = ZONE) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": zone}


def meeting(**fields: Any) -> dict[str, Any]:
    guests = [
        {"email": "me@example.org", "self": True, "responseStatus": "accepted"},
        {"email": "ann@example.com", "displayName": "Ann Example", "responseStatus": "needsAction"},
    ]
    given = {"summary": "A talk", "start": at(START), "end": at(START + timedelta(hours=1)), "attendees": guests}
    return given | fields


def weekly(**fields: Any) -> dict[str, Any]:
    return meeting(**{"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]} | fields)


def exception(master: str, week: int, **fields: Any) -> dict[str, Any]:
    original = START + timedelta(weeks=week)
    given = meeting(start=at(original), end=at(original + timedelta(hours=1)))
    return given | {"recurringEventId": master, "originalStartTime": at(original)} | fields


def found(pages: list[Page]) -> dict[tuple[str, str], CalendarEvent]:
    items = [each for page in pages for each in page.items]
    return {(each.uid, each.occurrence): each for each in items if isinstance(each, CalendarEvent)}


def read(calendars: Calendars, person: Person, cursor: str = "") -> list[Page]:
    return list(calendars.changes(stream(person, cursor)))


def gone(before: list[Page], after: list[Page]) -> set[str]:
    """The resources of an earlier reading that a later one says are no more."""
    there = {each.resource_ref for each in found(before).values()}
    told = {each.resource_ref for each in found(after).values()}
    last = after[-1]
    missing = there - last.everything if last.everything is not None else set()
    return missing | ({ref for page in after for ref in page.whole} & there - told)


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


# --- One event


def test_an_event_is_as_the_same_event_of_a_file(town: Google, robin: Person, opening: Open) -> None:
    id_ = robin.calendar.put(
        meeting(location="Café, Zuid; 2\nhoog", sequence=3, organizer={"email": "ann@example.com"})
    )
    told = found(read(reader(town, robin, opening), robin))
    uid = f"{id_}@google.com"
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{uid}", "DTSTART;TZID=Europe/Amsterdam:20261201T093000",
        "DTEND;TZID=Europe/Amsterdam:20261201T103000", "SUMMARY:A talk", "LOCATION:Café\\, Zuid\\; 2 hoog",
        "ORGANIZER:mailto:ann@example.com", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{robin.address}",
        "ATTENDEE;CN=Ann Example;PARTSTAT=NEEDS-ACTION:mailto:ann@example.com", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    (same,) = read_calendar(text.encode(), zone=ZONE, now=NOW)
    (event,) = told.values()
    assert isinstance(same, CalendarEvent)
    assert event == type(event)(**{name: getattr(same, name) for name in same.__slots__} | {"resource_ref": id_})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-03"}}, {
            "all_day": True, "start_at": datetime(2026, 11, 30, 23, tzinfo=UTC),
            "end_at": datetime(2026, 12, 2, 23, tzinfo=UTC), "zone": ZONE,
        }),
        ({"start": at(START, "America/New_York"), "end": at(START, "America/New_York")}, {
            "zone": "America/New_York", "start_at": START,
        }),
        ({"start": {"dateTime": START.isoformat()}}, {"zone": ZONE, "start_at": START}),
        ({"start": at(START, "Mars/Olympus")}, {"zone": ZONE, "start_at": START, "zone_guessed": False}),
        ({"start": {"dateTime": "2026-12-01T09:30:00", "timeZone": ZONE}}, {"start_at": START}),
        ({"transparency": "transparent"}, {"busy": False}),
        ({"summary": "Two\r\nEND:VEVENT\r\nlines, \\; \u202e"}, {"title": "Two END:VEVENT lines, \\;"}),
        ({"summary": None, "location": None}, {"title": "", "location": ""}),
        ({"attendeesOmitted": True}, {"participants": ()}),
        ({"attendees": []}, {"participants": ()}),
        ({"summary": "\ud800"}, {"title": "?"}),
    ],
)  # fmt: skip
def test_what_an_event_says_arrives(fields: dict[str, Any], says: dict[str, Any]) -> None:
    given = read_alone({"id": "abcde", "organizer": {"email": "x@example.org"}} | meeting(**fields), zone=ZONE, now=NOW)
    (event,) = given.items
    assert {name: getattr(event, name) for name in says} == says


def test_people_rooms_and_answers_arrive() -> None:
    guests = [
        {"email": "Ann@Example.com", "displayName": 'Ann "A" \r\nATTENDEE:x; Example', "responseStatus": "declined"},
        {"email": "room@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
        {"email": "team@group.calendar.google.com", "responseStatus": "tentative", "optional": True},
        {"email": "bo@example.com\r\nATTENDEE:mailto:eve@example.com"},
        {"displayName": "No address"},
        {"email": 7, "responseStatus": ["accepted"]},
        "nobody",
    ]
    event = meeting(id="abcde", attendees=guests, organizer={"email": "c@example.com", "displayName": "Cy"})
    (told,) = read_alone(event, zone=ZONE, now=NOW).items
    assert [(each.role, each.address.address, each.reply, each.resource) for each in told.participants] == [
        (Role.ORGANISER, "c@example.com", Reply.NONE, False),
        (Role.ATTENDEE, "ann@example.com", Reply.DECLINED, False),
        (Role.ATTENDEE, "room@resource.calendar.google.com", Reply.ACCEPTED, True),
        (Role.ATTENDEE, "team@group.calendar.google.com", Reply.TENTATIVE, True),
    ]


def test_an_organiser_alone_is_no_meeting() -> None:
    """Every event of a colleague's calendar has one."""
    event = meeting(id="abcde", attendees=None, organizer={"email": "boss@example.com"})
    (told,) = read_alone(event, zone=ZONE, now=NOW).items
    assert told.participants == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"eventType": "birthday"}, "not_a_meeting"),
        ({"eventType": "focusTime"}, "not_a_meeting"),
        ({"eventType": "outOfOffice"}, "not_a_meeting"),
        ({"eventType": "workingLocation"}, "not_a_meeting"),
        ({"extendedProperties": {"private": {"keepwarm": "fu-1@keepwarm"}}}, "ours"),
        ({"iCalUID": "fu-1@keepwarm"}, "ours"),
    ],
)
def test_what_is_no_meeting_is_skipped(fields: dict[str, Any], reason: str) -> None:
    told = read_alone(meeting(id="abcde", **fields), zone=ZONE, now=NOW)
    assert [(each.position, each.reason) for each in told.skipped] == [("abcde", reason)]
    assert told.items == ()


DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None}, {"id": 7}, {"start": None}, {"start": "2026-12-01"}, {"start": {}}, {"start": [1]},
        {"start": {"dateTime": "soon"}}, {"start": {"date": "2026-13-01"}}, {"start": {"dateTime": 1_764_000_000}},
        {"start": {"dateTime": "9999-12-31T23:59:59-14:00", "timeZone": "UTC"}}, {"start": {"date": "0001-01-01"}},
        {"end": {"dateTime": None}}, {"end": "late"}, {"recurrence": "RRULE:FREQ=DAILY"}, {"recurrence": [7]},
        {"recurrence": ["RRULE:FREQ=SECONDLY"]}, {"recurrence": ["RRULE:FREQ=DAILY\r\nBEGIN:VEVENT"]},
        {"recurrence": ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]}, {"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=0"]},
        {"recurrence": ["RDATE:" + ",".join(["20261201T083000Z"] * 2_001)]},
        {"recurrence": ["RRULE:" + "A=1;" * 9_999]},
        {"recurringEventId": "abc"}, {"recurringEventId": 7, "originalStartTime": "x"}, {"recurrence": DEEP},
        {"start": {"dateTime": "x" * 5_000_000}},
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_told_by_its_id(fields: dict[str, Any]) -> None:
    event = meeting(id="abcde") | fields
    told = read_alone(event, zone=ZONE, now=NOW)
    assert told.items == ()
    assert len(told.broken) == 1
    assert told.broken[0].position == ("abcde" if event["id"] == "abcde" else told.broken[0].digest[:16])
    assert told.broken[0].reason
    assert len(told.broken[0].digest) == 64
    assert not told.told


@pytest.mark.parametrize("name", [
    "iCalUID", "summary", "location", "sequence", "attendees", "organizer", "transparency", "status", "eventType",
    "extendedProperties", "attendeesOmitted", "etag",
])  # fmt: skip
@pytest.mark.parametrize("value", [None, 7, 10**400, True, "x" * 9, [], ["x"], {}, {"private": 3}, DEEP])
def test_a_field_of_another_type_never_escapes(name: str, value: Any) -> None:
    told = read_alone(meeting(id="abcde") | {name: value}, zone=ZONE, now=NOW)
    assert len(told.items) + len(told.broken) + len(told.skipped) == 1


def test_only_rules_and_dates_stand_beside_an_event() -> None:
    event = meeting(id="abcde", recurrence=[
        "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Amsterdam:20261208T093000", "SUMMARY:Another", "X-KEEPWARM:1",
        "BEGIN:VALARM", "EXRULE:FREQ=DAILY",
    ])  # fmt: skip
    told = read_alone(event, zone=ZONE, now=NOW)
    assert [each.start_at for each in told.items] == [START, START + timedelta(weeks=2)]
    assert {each.title for each in told.items} == {"A talk"}


def test_an_event_travels_as_lines_alone() -> None:
    """Whatever stands in it, it stays one event: nothing of it begins a line."""
    hostile = "x\r\nEND:VEVENT\nBEGIN:VEVENT\x0bUID:2\x85\u2028END:VCALENDAR"
    event = meeting(
        id=hostile, iCalUID=hostile, summary=hostile, location=hostile, organizer={"email": hostile},
        attendees=[{"email": hostile, "displayName": hostile}],
    )  # fmt: skip
    data = as_calendar([as_event(event, zone=ZONE)])
    assert data.count(b"\n") == data.count(b"\r\n") == 13
    assert data.count(b"\r\nBEGIN:VEVENT") == data.count(b"\r\nEND:VEVENT") == 1


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
