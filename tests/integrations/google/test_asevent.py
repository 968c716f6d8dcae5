"""One event of Google read: what it says, what it is not, and that it is the same as elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.google.asevent import as_calendar, as_event
from integrations.google.resources import read_alone
from integrations.wire.ical import read_calendar
from keepwarm.types import CalendarEvent, Reply, Role
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.integrations.google.events import START, ZONE, Open, at, found, meeting, read, reader


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
