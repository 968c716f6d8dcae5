"""The emulated Calendar: sync, series, the rules of writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.emulators.asking import EVENT, EVENTS, Client, reason
from tests.emulators.google import Person


def test_incremental_sync_tells_every_change(client: Client, robin: Person) -> None:
    kept, gone = robin.calendar.put(EVENT), robin.calendar.put(EVENT)
    series = robin.calendar.put(EVENT | {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    first = client.get(EVENTS, maxResults=2)
    assert "nextSyncToken" not in first
    last = client.get(EVENTS, maxResults=2, pageToken=first["nextPageToken"])
    robin.calendar.remove(gone)
    robin.calendar.remove(f"{series}_20261125T090000Z")
    robin.calendar.move(kept, {"date": "2026-11-30"}, {"date": "2026-12-01"})
    found = client.get(EVENTS, syncToken=last["nextSyncToken"])
    original = {"dateTime": "2026-11-25T10:00:00+01:00", "timeZone": "Europe/Amsterdam"}
    exception = {"id": f"{series}_20261125T090000Z", "status": "cancelled", "recurringEventId": series}
    assert found["items"][:2] == [{"id": gone, "status": "cancelled"}, exception | {"originalStartTime": original}]
    assert found["items"][2]["start"] == {"date": "2026-11-30"}
    assert client.get(EVENTS, syncToken=found["nextSyncToken"])["items"] == []
    assert client.town.breaches == []


def test_sync_token_is_refused(client: Client, robin: Person) -> None:
    token = client.get(EVENTS)["nextSyncToken"]
    for more in ("timeMin=2026-11-24T10:00:00Z", "showDeleted=false", "singleEvents=true"):
        assert client.ask("GET", f"{EVENTS}?syncToken={token}&{more}").status_code == 400
    assert len(client.town.breaches) == 3
    robin.calendar.forget_tokens()
    answer = client.ask("GET", f"{EVENTS}?syncToken={token}")
    assert (answer.status_code, reason(answer)) == (410, "fullSyncRequired")


def test_instances_keep_wall_clock_and_exceptions(client: Client, robin: Person) -> None:
    start = {"dateTime": "2026-10-24T10:00:00+02:00", "timeZone": "Europe/Amsterdam"}
    end = start | {"dateTime": "2026-10-24T11:00:00+02:00"}
    rule = ["RRULE:FREQ=DAILY;UNTIL=20261027T080000Z"]
    series = robin.calendar.put({"summary": "Daily", "start": start, "end": end, "recurrence": rule})
    robin.calendar.remove(f"{series}_20261026T090000Z")
    found = client.get(f"{EVENTS}/{series}/instances")["items"]
    assert [one["start"]["dateTime"] for one in found] == ["2026-10-24T10:00:00+02:00", "2026-10-25T10:00:00+01:00"]
    moment = datetime(2026, 10, 25, 15, tzinfo=UTC)
    robin.calendar.move(f"{series}_20261025T090000Z", moment, moment + timedelta(hours=1))
    window = {"timeMin": "2026-10-25T00:00:00Z", "timeMax": "2026-10-26T00:00:00Z"}
    agenda = client.get(EVENTS, singleEvents="true", orderBy="startTime", **window)["items"]
    assert [one["start"]["dateTime"] for one in agenda] == ["2026-10-25T15:00:00+00:00"]
    assert client.town.breaches == []


def test_second_insert_is_a_duplicate_even_after_deletion(client: Client, robin: Person) -> None:
    event = EVENT | {"id": "0123456789abcdef", "extendedProperties": {"private": {"keepwarm": "k1"}}}
    assert client.ask("POST", EVENTS, json=event).status_code == 200
    assert client.get(EVENTS, privateExtendedProperty="keepwarm=k1")["items"][0]["id"] == event["id"]
    robin.calendar.remove("0123456789abcdef")
    again = client.ask("POST", EVENTS, json=event)
    assert (again.status_code, reason(again)) == (409, "duplicate")
    assert client.get(f"{EVENTS}/0123456789abcdef")["status"] == "cancelled"
    assert client.ask("DELETE", f"{EVENTS}/0123456789abcdef").status_code == 410
    client.town.faults.add("calendar.events.insert", "doubled-id")
    assert client.ask("POST", EVENTS, json=event).status_code == 200
    assert [effect.key for effect in client.town.history] == ["0123456789abcdef"] * 2


def test_changes_need_the_right_etag(client: Client, robin: Person) -> None:
    id_ = robin.calendar.put(EVENT | {"description": "old"})
    guests = [{"email": "bo@elsewhere.example"}, {"email": robin.address}]
    stale = client.ask("PATCH", f"{EVENTS}/{id_}", json={"summary": "x"}, headers={"If-Match": '"0"'})
    assert (stale.status_code, reason(stale)) == (412, "conditionNotMet")
    path = f"{EVENTS}/{id_}?sendUpdates=externalOnly"
    patched = client.ask("PATCH", path, json={"description": None, "attendees": guests}).json()
    assert "description" not in patched
    assert client.town.history[0].more["mailed"] == ["bo@elsewhere.example"]
    updated = client.ask("PUT", f"{EVENTS}/{id_}", json=EVENT, headers={"If-Match": patched["etag"]}).json()
    assert "attendees" not in updated
    assert client.ask("DELETE", f"{EVENTS}/{id_}").status_code == 204
    assert client.town.breaches == []


def test_app_scope_reaches_own_calendars_alone(client: Client, robin: Person) -> None:
    client.token = robin.grant("calendar.app.created", "calendar.events.readonly")["access_token"]
    assert client.ask("POST", EVENTS, json=EVENT).status_code == 404
    made = client.ask("POST", "/calendar/v3/calendars", json={"summary": "Keepwarm"}).json()
    path = f"/calendar/v3/calendars/{made['id']}"
    assert client.ask("POST", f"{path}/events", json=EVENT).status_code == 200
    assert client.get(EVENTS)["items"] == []
    assert client.ask("DELETE", path).status_code == 204
    assert client.ask("GET", path).status_code == 404
    assert client.town.breaches == []


def test_old_endless_series_reaches_today(client: Client, robin: Person) -> None:
    start = {"dateTime": "2019-01-01T09:00:00+01:00", "timeZone": "Europe/Amsterdam"}
    end = start | {"dateTime": "2019-01-01T09:15:00+01:00"}
    series = robin.calendar.put({"summary": "Daily", "start": start, "end": end, "recurrence": ["RRULE:FREQ=DAILY"]})
    window = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}
    assert [one["id"] for one in client.get(EVENTS, singleEvents="true", **window)["items"]] == [
        f"{series}_20261124T080000Z"
    ]
    assert client.get(f"{EVENTS}/{series}_20261124T080000Z")["recurringEventId"] == series
    assert client.town.breaches == []
