"""The emulated Outlook calendar and contacts: rounds over a window, series, zones, our own events."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.emulators.graph import EVENT, VIEW, WEEKLY, ZONE, Graph, code, of
from tests.emulators.microsoft import Person
from tests.emulators.microsoft.contract import FILE

PROPERTY = "String {7c1f6a52-6b0c-4f0b-9a7e-3d8d2f4b9c10} Name FollowUpKey"


def at(day: int, hour: int = 9, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def starts(items: list[dict[str, Any]]) -> list[str]:
    return [one["start"]["dateTime"][:16] if "start" in one else "removed" for one in items]


def test_window_is_read_and_followed(msgraph: Graph, anna: Person) -> None:
    inside, outside = anna.calendar.put(EVENT), anna.calendar.put(EVENT)
    anna.calendar.move(outside, at(1, month=10), at(2, month=10))
    anna.calendar.put(WEEKLY)
    found, link = msgraph.round(VIEW)
    assert starts(found) == [f"2026-{day}T09:00" for day in ("11-24", "11-24", "12-01", "12-08", "12-15")]
    assert [one["type"] for one in found] == ["singleInstance"] + ["occurrence"] * 4
    assert msgraph.round(link)[0] == []
    anna.calendar.put({"id": outside, "subject": "Other"})
    anna.calendar.move(inside, at(1, month=10), at(2, month=10))
    found, link = msgraph.round(link)
    assert found == [
        {"id": outside, "@removed": {"reason": "deleted"}},
        {"id": inside, "@removed": found[1]["@removed"]},
    ]
    anna.calendar.move(inside, at(3), at(4))
    anna.calendar.remove(inside)
    assert [one["id"] for one in msgraph.round(link)[0]] == [inside]
    assert msgraph.town.breaches == []


def test_series_differs_by_occurrence(msgraph: Graph, anna: Person) -> None:
    master = anna.calendar.put(WEEKLY)
    first, link = msgraph.round(VIEW)
    moved, gone = (anna.calendar.occurrence(master, date(2026, 12, day)) for day in (1, 8))
    anna.calendar.move(moved, at(2), at(2, 10))
    anna.calendar.remove(gone)
    found, link = msgraph.round(link)
    assert (found[0]["id"], found[0]["type"], found[0]["originalStart"]) == (moved, "exception", "2026-12-01T09:00:00Z")
    assert found[0]["iCalUId"] == first[1]["iCalUId"]
    assert found[1:] == [{"id": gone, "@removed": {"reason": "deleted"}}]
    assert {one["seriesMasterId"] for one in first} == {master}
    assert len({one["iCalUId"] for one in first}) == 4
    series = msgraph.get(f"/me/events/{of(master)}")
    assert (series["type"], series["iCalUId"][32:40]) == ("seriesMaster", "00000000")
    assert first[0]["iCalUId"] == series["iCalUId"][:32] + "07EA0B18" + series["iCalUId"][40:]
    anna.calendar.put({"id": master, "recurrence": WEEKLY["recurrence"] | {"range": {
        "type": "endDate", "startDate": "2026-11-24", "endDate": "2026-12-10"}}})  # fmt: skip
    found, link = msgraph.round(link)
    assert starts(found) == ["2026-11-24T09:00", "removed"]
    anna.calendar.remove(master)
    found, _ = msgraph.round(link)
    assert {one["id"] for one in found} == {first[0]["id"], moved, gone, master} - {gone}
    assert msgraph.town.breaches == []


def test_lean_occurrences_come_with_their_series(msgraph: Graph, anna: Person) -> None:
    anna.calendar.put(WEEKLY)
    msgraph.town.lean_occurrences = True
    found, _ = msgraph.round(VIEW)
    assert [one["type"] for one in found] == ["seriesMaster"] + ["occurrence"] * 4
    assert {*found[1]} == {"@odata.etag", "id", "type", "start", "end", "seriesMasterId"}


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ({"type": "daily", "interval": 2}, ["11-24", "11-26", "11-28"]),
        ({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday", "friday"]}, ["11-24", "11-27", "12-01"]),
        ({"type": "weekly", "interval": 2, "daysOfWeek": ["tuesday", "sunday"], "firstDayOfWeek": "monday"},
         ["11-24", "11-29", "12-08"]),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 24}, ["11-24", "12-24", "01-24"]),
        ({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "last"},
         ["11-24", "12-29", "01-26"]),
        ({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "tuesday"], "index": "last"},
         ["11-30", "12-29", "01-26"]),
        ({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 24, "month": 11}, ["11-24", "11-24", "11-24"]),
        ({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "fourth", "month": 11},
         ["11-24", "11-23", "11-28"]),
    ],
)  # fmt: skip
def test_patterns(msgraph: Graph, anna: Person, pattern: dict[str, Any], days: list[str]) -> None:
    bounds = {"type": "numbered", "startDate": "2026-11-24", "numberOfOccurrences": 3}
    id_ = anna.calendar.put(EVENT | {"recurrence": {"pattern": pattern, "range": bounds}})
    path = f"/me/events/{of(id_)}/instances?startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-01-01T00:00:00Z"
    assert [one["start"]["dateTime"][5:10] for one in msgraph.get(path)["value"]] == days
    assert msgraph.town.breaches == []


def test_wall_clock_is_kept_over_a_change_of_offset(msgraph: Graph, anna: Person) -> None:
    event = EVENT | {name: {"dateTime": f"2026-03-24T{hour}:00:00", "timeZone": ZONE}
                     for name, hour in (("start", "10"), ("end", "11"))}  # fmt: skip
    anna.calendar.put(event | {"recurrence": WEEKLY["recurrence"] | {"range": {"type": "noEnd"}}})
    view = "/me/calendarView?startDateTime=2026-03-20T00:00:00Z&endDateTime=2026-04-02T00:00:00Z"
    assert starts(msgraph.get(view)["value"]) == ["2026-03-24T09:00", "2026-03-31T08:00"]


def test_times_are_told_in_the_preferred_zone(msgraph: Graph, anna: Person) -> None:
    id_ = anna.calendar.put(EVENT | {"originalStartTimeZone": "tzone://Microsoft/Custom"})
    path = f"/me/events/{of(id_)}"
    utc = msgraph.get(path)
    assert utc["start"] == {"dateTime": "2026-11-24T09:00:00.0000000", "timeZone": "UTC"}
    assert (utc["originalStartTimeZone"], utc["originalEndTimeZone"]) == ("tzone://Microsoft/Custom", ZONE)
    msgraph.prefer += ', outlook.timezone="Pacific Standard Time"'
    assert msgraph.get(path)["start"] == {
        "dateTime": "2026-11-24T01:00:00.0000000", "timeZone": "Pacific Standard Time",
    }  # fmt: skip
    msgraph.prefer = 'IdType="ImmutableId", outlook.timezone="Mars"'
    assert msgraph.ask("GET", path).status_code == 400


def test_all_day_is_midnight_in_every_zone(msgraph: Graph, anna: Person) -> None:
    days = {name: {"dateTime": f"2026-11-{day}T00:00:00", "timeZone": ZONE}
            for name, day in (("start", "24"), ("end", "25"))}  # fmt: skip
    made = msgraph.post("/me/events", EVENT | days | {"isAllDay": True})
    for name in ("UTC", "Pacific Standard Time"):
        msgraph.prefer = f'IdType="ImmutableId", outlook.timezone="{name}"'
        found = msgraph.get(f"/me/events/{of(made['id'])}")
        assert found["start"] == {"dateTime": "2026-11-24T00:00:00.0000000", "timeZone": name}
    assert msgraph.town.breaches == []


def test_rooms_and_guests_are_told(msgraph: Graph, anna: Person) -> None:
    guests = [
        {"emailAddress": {"name": "Bo", "address": "bo@example.com"},
         "status": {"response": "accepted", "time": "2026-11-20T10:00:00Z"}},
        {"emailAddress": {"name": "Blue room", "address": "blue@example.com"}, "type": "required"},
        {"emailAddress": {"name": "Beamer", "address": "beamer@example.com"}, "type": "resource"},
    ]  # fmt: skip
    organizer = {"emailAddress": {"name": "Bo", "address": "bo@example.com"}}
    id_ = anna.calendar.put(EVENT | {"attendees": guests, "organizer": organizer})
    found = msgraph.get(f"/me/events/{of(id_)}")
    assert [one["type"] for one in found["attendees"]] == ["required", "required", "resource"]
    assert [one["status"]["response"] for one in found["attendees"]] == ["accepted", "none", "none"]
    assert (found["isOrganizer"], found["organizer"]) == (False, organizer)
    assert msgraph.town.breaches == []


def test_further_calendars(msgraph: Graph, anna: Person) -> None:
    made = msgraph.post("/me/calendars", {"name": "Keepwarm"})
    assert code(msgraph.ask("POST", "/me/calendars", json={"name": "keepwarm"})) == "ErrorFolderExists"
    shared = anna.add_calendar("Team", can_edit=False, owner="bo@example.com")
    names = {one["name"]: one["canEdit"] for one in msgraph.get("/me/calendars")["value"]}
    assert names == {"Calendar": True, "Keepwarm": True, "Team": False}
    path = f"/me/calendars/{of(made['id'])}"
    event = msgraph.post(f"{path}/events", EVENT)
    query = VIEW.partition("?")[2]
    found, link = msgraph.round(f"{path}/calendarView/delta?{query}")
    assert [one["id"] for one in found] == [event["id"]]
    assert msgraph.round(VIEW)[0] == []
    assert msgraph.get(f"{path}/events")["value"][0]["id"] == event["id"]
    assert msgraph.get("/me/events")["value"] == []
    assert msgraph.ask("POST", f"/me/calendars/{of(shared.id)}/events", json=EVENT).status_code == 403
    assert msgraph.ask("DELETE", path).status_code == 204
    assert msgraph.ask("GET", link).status_code == 404
    assert msgraph.ask("DELETE", f"/me/calendars/{of(anna.calendar.id)}").status_code == 400
    assert [one.method for one in msgraph.town.history] == [
        "POST /me/calendars", "POST /me/calendars/{id}/events", "DELETE /me/calendars/{id}",
    ]  # fmt: skip
    assert msgraph.town.breaches == []


@pytest.mark.parametrize(("status", "tells"), [(409, True), (400, False)])
def test_transaction_is_taken_once(msgraph: Graph, status: int, *, tells: bool) -> None:
    msgraph.town.duplicate_status, msgraph.town.tells_existing_id = status, tells
    body = json.loads((FILE.parent / "examples" / "event-create-request.json").read_text())
    made = msgraph.post("/me/events", body)
    again = msgraph.ask("POST", "/me/events", json=body)
    assert (again.status_code, code(again)) == (status, "ErrorDuplicateTransactionId")
    assert again.json()["error"].get("@event.existingEventId") == (made["id"] if tells else None)
    assert msgraph.ask("DELETE", f"/me/events/{of(made['id'])}").status_code == 204
    assert msgraph.ask("GET", f"/me/events/{of(made['id'])}").status_code == 404
    assert msgraph.ask("POST", "/me/events", json=body).status_code == status
    msgraph.town.faults.add("POST /me/events", "doubled-transaction")
    assert msgraph.post("/me/events", body)["id"] != made["id"]
    assert msgraph.town.breaches == []


def test_marker_is_found_and_shown_only_on_request(msgraph: Graph, anna: Person) -> None:
    marked = [{"id": PROPERTY.replace("7c1f", "7C1F"), "value": "it's one"}]
    made = msgraph.post("/me/events", EVENT | {"singleValueExtendedProperties": marked})
    msgraph.post("/me/events", EVENT | {"singleValueExtendedProperties": [{"id": PROPERTY, "value": "two"}]})
    assert "singleValueExtendedProperties" not in msgraph.get(f"/me/events/{of(made['id'])}")
    test = f"singleValueExtendedProperties/any(ep: ep/id eq '{PROPERTY}' and ep/value eq 'it''s one')"
    expand = f"singleValueExtendedProperties($filter=id eq '{PROPERTY}')"
    (found,) = msgraph.get("/me/events", **{"$filter": test, "$expand": expand, "$select": "id"})["value"]
    assert found["singleValueExtendedProperties"] == [{"id": PROPERTY, "value": "it's one"}]
    assert {*found} == {"@odata.etag", "id", "singleValueExtendedProperties"}
    assert msgraph.town.history[0].more["properties"] == found["singleValueExtendedProperties"]
    assert msgraph.town.breaches == []


def test_attendees_would_be_mailed(msgraph: Graph) -> None:
    guests = [{"emailAddress": {"address": name}} for name in ("Bo@example.com", "anna@example.com")]
    msgraph.post("/me/events", EVENT | {"attendees": guests})
    assert msgraph.town.history[0].more["mailed"] == ["bo@example.com"]


def test_change_needs_the_etag_of_now(msgraph: Graph, anna: Person) -> None:
    made = msgraph.post("/me/events", EVENT | {"transactionId": "t1"})
    path, etag = f"/me/events/{of(made['id'])}", made["@odata.etag"]
    assert msgraph.ask("PATCH", path, json={"subject": "New"}, headers={"If-Match": etag}).json()["subject"] == "New"
    stale = msgraph.ask("PATCH", path, json={"subject": "Newer"}, headers={"If-Match": etag})
    assert (stale.status_code, code(stale)) == (412, "ErrorIrresolvableConflict")
    assert msgraph.ask("DELETE", path, headers={"If-Match": etag}).status_code == 412
    assert msgraph.town.breaches == []
    assert msgraph.ask("PATCH", path, json={"transactionId": "t2"}).status_code == 400


def test_contacts_are_followed(msgraph: Graph, anna: Person) -> None:
    bo = anna.contacts.put({"displayName": "Bo", "emailAddresses": [{"address": "bo@example.com", "name": "Bo"}]})
    kim = anna.contacts.put({"displayName": "Kim", "mobilePhone": "+31 6 12345678"})
    found, link = msgraph.round("/me/contacts/delta()?$select=displayName,emailAddresses")
    assert [(one["id"], one["displayName"]) for one in found] == [(bo, "Bo"), (kim, "Kim")]
    anna.contacts.remove(bo)
    anna.contacts.put({"id": kim, "displayName": "Kim E."})
    found, _ = msgraph.round(link)
    assert found[0] == {"id": bo, "@removed": {"reason": "deleted"}}
    assert found[1]["displayName"] == "Kim E."
    assert {*found[1]} == {"@odata.etag", "id", "displayName", "emailAddresses"}
    assert msgraph.get(f"/me/contacts/{of(kim)}")["displayName"] == "Kim E."
    anna.forget_delta("contacts", "resyncRequired")
    assert code(msgraph.ask("GET", link)) == "resyncRequired"
    assert msgraph.town.breaches == []
