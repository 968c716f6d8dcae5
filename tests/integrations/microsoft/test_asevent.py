"""One event of Graph read: what it says, whose it is, and that it is the same as elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.microsoft.asevent import OURS, as_event, uid_of
from integrations.microsoft.resources import Reader
from integrations.wire.ical import read_calendar
from integrations.wire.ical.saying import as_calendar
from integrations.wire.resources import Resource
from keepwarm.types import CalendarEvent, Reply, Role
from tests.conftest import NOW
from tests.integrations.microsoft.events import SERIES, START, WINDOWS, ZONE, at, told, whom

DAY = datetime(2026, 12, 1, tzinfo=UTC)


def alone(own: str = "me@example.org", **fields: Any) -> Resource:
    return Reader(zone=ZONE, own=frozenset({own}), now=NOW).alone(told(**fields))


# --- One event


def test_an_event_is_as_the_same_event_of_a_file() -> None:
    event = told(location={"displayName": "Café, Zuid; 2\nhoog"}, subject="A \\ talk; with, Ann")
    (same,) = read_calendar(
        "\r\n".join([
            "BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{SERIES}",
            "DTSTART;TZID=W. Europe Standard Time:20261201T093000",
            "DTEND;TZID=W. Europe Standard Time:20261201T103000", "SUMMARY:A \\\\ talk\\; with\\, Ann",
            "LOCATION:Café\\, Zuid\\; 2 hoog", "ORGANIZER;CN=Ann:mailto:ann@example.com",
            "ATTENDEE;CN=me@example.org;PARTSTAT=ACCEPTED:mailto:me@example.org",
            "ATTENDEE;CN=Ann;PARTSTAT=NEEDS-ACTION:mailto:ann@example.com", "END:VEVENT", "END:VCALENDAR", "",
        ]).encode(), zone=ZONE, now=NOW,
    )  # fmt: skip
    (read,) = Reader(zone=ZONE, own=frozenset(), now=NOW).alone(event).items
    assert isinstance(same, CalendarEvent)
    assert read == type(read)(**{name: getattr(same, name) for name in same.__slots__} | {"resource_ref": "abc"})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, {"zone": "Europe/Berlin", "zone_guessed": False, "start_at": START, "all_day": False}),
        ({"originalStartTimeZone": "America/New_York"}, {"zone": "America/New_York", "start_at": START}),
        ({"originalStartTimeZone": "tzone://Microsoft/Custom"}, {
            "zone": ZONE, "zone_guessed": True, "start_at": START, "end_at": START + timedelta(hours=1),
        }),
        ({"originalStartTimeZone": None}, {"zone": ZONE, "zone_guessed": True, "start_at": START}),
        ({"originalStartTimeZone": "tzone://Microsoft/Utc"}, {"zone": "UTC", "zone_guessed": False, "start_at": START}),
        ({"start": at(START + timedelta(hours=1), WINDOWS)}, {"start_at": START}),
        ({"isAllDay": True, "start": at(DAY), "end": at(DAY + timedelta(days=2))}, {
            "all_day": True, "start_at": datetime(2026, 11, 30, 23, tzinfo=UTC),
            "end_at": datetime(2026, 12, 2, 23, tzinfo=UTC), "zone": ZONE,
        }),
        ({"isAllDay": True, "start": at(DAY - timedelta(hours=1)), "end": at(DAY + timedelta(hours=23))}, {
            "all_day": True, "start_at": datetime(2026, 11, 30, 23, tzinfo=UTC),
        }),
        ({"showAs": "free"}, {"busy": False}),
        ({"showAs": "tentative"}, {"busy": True}),
        ({"isCancelled": True}, {"cancelled": True}),
        ({"sensitivity": "private"}, {"title": "A talk"}),  # as of every other calendar
        ({"subject": "Two\r\nEND:VEVENT\r\nlines, \\; \u202e"}, {"title": "Two END:VEVENT lines, \\;"}),
        ({"subject": None, "location": None, "locations": None}, {"title": "", "location": ""}),
        ({"attendees": []}, {"participants": ()}),
        ({"subject": "\ud800"}, {"title": "?"}),
        ({"iCalUId": None}, {"uid": "abc"}),
        ({"body": {"content": "secret"}, "bodyPreview": "secret"}, {"title": "A talk", "location": ""}),
    ],
)  # fmt: skip
def test_what_an_event_says_arrives(fields: dict[str, Any], says: dict[str, Any]) -> None:
    (event,) = alone(**fields).items
    assert {name: getattr(event, name) for name in says} == says


def test_people_rooms_and_answers_arrive() -> None:
    guests = [
        whom("Ann@Example.com", 'Ann "A" \r\nATTENDEE:x; Example', "declined"),
        whom("beamer@example.com", reply="accepted", type="resource"),
        whom("Room1@example.com", "Room 1", "accepted"),
        whom("room2@example.com", "Room 2"),
        whom("room3@example.com", "Room 3"),
        whom("team@example.com", reply="tentativelyAccepted", type="optional"),
        whom("boss@example.com", reply="organizer"),
        whom("bo@example.com\r\nATTENDEE:mailto:eve@example.com"),
        {"emailAddress": {"name": "No address"}},
        {"emailAddress": {"address": 7}, "status": ["accepted"]},
        "nobody",
    ]
    (event,) = alone(
        attendees=guests,
        location={"displayName": "Room 1", "locationEmailAddress": "room1@example.com"},
        locations=[
            {"displayName": "Room 2", "locationUri": "mailto:room2@example.com"},
            {"displayName": "Room 3", "uniqueId": "room3@example.com", "uniqueIdType": "directory"},
            {"displayName": "Elsewhere", "locationUri": "https://example.com/map", "uniqueId": 7},
        ],
        organizer={"emailAddress": {"address": "c@example.com", "name": "Cy"}},
    ).items
    assert [(each.role, each.address.address, each.reply, each.resource) for each in event.participants] == [
        (Role.ORGANISER, "c@example.com", Reply.NONE, False),
        (Role.ATTENDEE, "ann@example.com", Reply.DECLINED, False),
        (Role.ATTENDEE, "beamer@example.com", Reply.ACCEPTED, True),
        (Role.ATTENDEE, "room1@example.com", Reply.ACCEPTED, True),
        (Role.ATTENDEE, "room2@example.com", Reply.NONE, True),
        (Role.ATTENDEE, "room3@example.com", Reply.NONE, True),
        (Role.ATTENDEE, "team@example.com", Reply.TENTATIVE, False),
        (Role.ATTENDEE, "boss@example.com", Reply.ACCEPTED, False),
    ]


@pytest.mark.parametrize(
    ("listed", "event", "reply"),
    [
        ("none", "declined", Reply.DECLINED),
        ("notResponded", "accepted", Reply.ACCEPTED),
        ("accepted", "declined", Reply.ACCEPTED),
        ("notResponded", "", Reply.NEEDS_ACTION),
        ("none", "none", Reply.NONE),
    ],
)
def test_what_the_owner_answered_is_taken_from_the_event(listed: str, event: str, reply: Reply) -> None:
    """Another's copy of a meeting lists nobody's answers, but knows one's own."""
    (read,) = alone(
        attendees=[whom("ME@example.org", reply=listed), whom("ann@example.com")], responseStatus={"response": event}
    ).items
    assert [(each.address.address, each.reply) for each in read.participants[1:]] == [
        ("me@example.org", reply),
        ("ann@example.com", Reply.NONE),
    ]


def test_an_organiser_alone_is_no_meeting() -> None:
    (event,) = alone(attendees=None).items
    assert event.participants == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"isDraft": True}, "draft"),
        ({"transactionId": f"{OURS}abc-8abc-0123456789ab"}, "ours"),
        ({"transactionId": f"{OURS}ABC-8ABC-0123456789AB".upper()}, "ours"),
        ({"iCalUId": "fu-1@keepwarm"}, "ours"),
    ],
)
def test_what_is_no_meeting_is_skipped(fields: dict[str, Any], reason: str) -> None:
    read = alone(**fields)
    assert [(each.position, each.reason) for each in read.skipped] == [("abc", reason)]
    assert read.items == ()


def test_anothers_transaction_is_a_meeting() -> None:
    assert len(alone(transactionId="7E163156-7762-4BEB-A1C6-729EA81755A7").items) == 1


DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None}, {"id": 7}, {"start": None}, {"start": "2026-12-01"}, {"start": {}}, {"start": [1]},
        {"start": {"dateTime": "soon"}}, {"start": {"dateTime": 1_764_000_000}},
        {"start": {"dateTime": "x" * 5_000_000}}, {"start": at(START, "tzone://Microsoft/Custom")},
        {"start": {"dateTime": "9999-12-31T23:59:59"}}, {"start": {"dateTime": "0001-01-01T00:00:00"}},
        {"start": at(START.replace(year=1492))}, {"end": {"dateTime": None}}, {"end": "late"},
        {"type": "exception", "originalStart": None}, {"type": "exception", "originalStart": "soon"},
        {"type": "occurrence", "originalStart": "x"}, {"isAllDay": True, "start": {"dateTime": "2026-13-01"}},
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_told_by_its_id(fields: dict[str, Any]) -> None:
    read = alone(**fields)
    assert read.items == ()
    assert len(read.broken) == 1
    assert read.broken[0].position == ("abc" if "id" not in fields else read.broken[0].digest[:16])
    assert read.broken[0].reason
    assert len(read.broken[0].digest) == 64
    assert not read.told


@pytest.mark.parametrize("name", [
    "iCalUId", "subject", "location", "locations", "attendees", "organizer", "showAs", "isCancelled", "isAllDay",
    "isDraft", "type", "seriesMasterId", "originalStart", "originalStartTimeZone", "transactionId", "responseStatus",
    "@odata.etag", "body",
])  # fmt: skip
@pytest.mark.parametrize("value", [None, 7, 10**400, True, "x" * 9, [], ["x"], {}, {"emailAddress": 3}, DEEP])
def test_a_field_of_another_type_never_escapes(name: str, value: Any) -> None:
    read = alone(**{name: value})
    assert len(read.items) + len(read.broken) + len(read.skipped) == 1


def test_an_event_travels_as_lines_alone() -> None:
    """Whatever stands in it, it stays one event: nothing of it begins a line."""
    hostile = "x\r\nEND:VEVENT\nBEGIN:VEVENT\x0bUID:2\x85\u2028END:VCALENDAR"
    event = told(
        id=hostile, iCalUId=hostile, subject=hostile, location={"displayName": hostile}, seriesMasterId=hostile,
        attendees=[whom(hostile, hostile)], organizer={"emailAddress": {"address": hostile, "name": hostile}},
        originalStartTimeZone=hostile,
    )  # fmt: skip
    data = as_calendar([as_event(event, zone=ZONE)])
    assert data.count(b"\n") == data.count(b"\r\n") == 13
    assert data.count(b"\r\nBEGIN:VEVENT") == data.count(b"\r\nEND:VEVENT") == 1


# --- Identity


FOREIGN = (
    "040000008200E00074C5B7101A82E00807EA0C01" + "00" * 16 + "2A000000" + b"vCal-Uid\x01\0\0\0abc@google.com\0".hex()
)


@pytest.mark.parametrize(
    ("told_uid", "uid"),
    [
        (SERIES, SERIES),
        (SERIES[:32] + "07EA0C01" + SERIES[40:], SERIES),
        ((SERIES[:32] + "07EA0C01" + SERIES[40:]).lower(), SERIES.lower()),
        (FOREIGN, "abc@google.com"),
        (FOREIGN.upper(), "abc@google.com"),
        ("abc@google.com", "abc@google.com"),
        (SERIES[:78], SERIES[:78]),
        (SERIES[:-1], SERIES[:-1]),
        ("0400" * 30, "0400" * 30),
        ("", ""),
    ],
)
def test_an_occurrence_bears_the_uid_of_its_series(told_uid: str, uid: str) -> None:
    assert uid_of({"iCalUId": told_uid}) == uid


def test_one_occurrence_without_its_series_has_the_key_that_the_series_gives_it() -> None:
    """Somebody asked to a single one has it as a single event, with the day in its UID."""
    (event,) = alone(iCalUId=SERIES[:32] + "07EA0C01" + SERIES[40:]).items
    assert (event.uid, event.occurrence, event.resource_ref) == (SERIES, "2026-12-01T08:30:00Z", "abc")
