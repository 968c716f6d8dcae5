"""events.list and events.instances: full and incremental, expanded or not, in pages. `calendar_api.py` calls this.

PROVIDERS.md, section 2, Sync.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.emulators.google.calendars import Calendar
from tests.emulators.google.pages import opened, paged, prints
from tests.emulators.google.series import overlaps, start_of
from tests.emulators.google.values import Call, Json, Refusal, instant, sealed

WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "sharedExtendedProperty", "q", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip  # not together with syncToken: its description
NO_TOKEN = frozenset(WITH_TOKEN) - {"timeMin", "timeMax"}  # a first run with one of these gives no token
MAY_DIFFER = frozenset((
    "pageToken", "syncToken", "maxResults", "fields", "alt", "prettyPrint", "quotaUser", "key", "timeMin", "timeMax",
    "showDeleted",
))  # fmt: skip
TOKEN = "calendar.sync"


def listed(call: Call, calendar: Calendar) -> Json:
    since = _since(call, calendar)

    def make() -> tuple[list[Json], int]:
        return _all(call, calendar) if since is None else _changed(call, calendar, since), calendar.last

    taken, token, until = paged(call, make, call.query["maxResults"])
    given = _head(calendar, [_shown(row, incremental=since is not None) for row in taken])
    if token:
        given["nextPageToken"] = token
    elif not NO_TOKEN & call.query.keys():
        inside = {"of": TOKEN, "at": until, "generation": calendar.generation, "print": prints(call, MAY_DIFFER)}
        given["nextSyncToken"] = sealed(inside)
    return given


def _head(calendar: Calendar, items: list[Json]) -> Json:
    updated = max((one["updated"] for one in items if "updated" in one), default="1970-01-01T00:00:00.000Z")
    return {
        "kind": "calendar#events", "etag": f'"p{calendar.last:013d}"', "summary": calendar.summary, "updated": updated,
        "timeZone": calendar.zone, "accessRole": calendar.access, "defaultReminders": [], "items": items,
    }  # fmt: skip


def _since(call: Call, calendar: Calendar) -> int | None:
    """The number that the sync token stands for; None without one."""
    token = call.query.get("syncToken")
    if not token:
        return None
    if wrong := [name for name in WITH_TOKEN if name in call.query]:
        raise Refusal(400, "badRequest", f"Sync token cannot be used with {wrong[0]}", breach=True)
    if call.query.get("showDeleted") is False:
        raise Refusal(400, "badRequest", "Sync token cannot be used with showDeleted=false", breach=True)
    found = opened(token, of=TOKEN)
    if found["print"] != prints(call, MAY_DIFFER):
        raise Refusal(400, "badRequest", "The sync token was made with other parameters", breach=True)
    if found["generation"] != calendar.generation:
        raise Refusal(
            410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.", domain="calendar"
        )
    return int(found["at"])


def _all(call: Call, calendar: Calendar) -> list[Json]:
    """A full list, oldest event first, or as ``orderBy`` says."""
    query = call.query
    low, high = (_bound(query.get(name)) for name in ("timeMin", "timeMax"))
    single, deleted = query.get("singleEvents", False), query.get("showDeleted", False)
    rows: list[Json] = []
    for event in calendar.events.values():
        if single and event.get("recurrence"):
            rows += calendar.expand(event, low, high) if event["status"] != "cancelled" else ()
        elif not single or event.get("recurringEventId") not in calendar.events:
            rows.append(event)
    rows = [
        row for row in rows if _wanted(call, row, deleted=deleted, single=single) and _within(calendar, row, low, high)
    ]
    order = query.get("orderBy")
    if order == "startTime" and not single:
        raise Refusal(
            400, "badRequest", "The requested ordering is not available for the particular query.", breach=True
        )
    if order:
        rows.sort(key=lambda row: start_of(row) or instant(row["updated"]) if order == "startTime" else row["updated"])
    return rows


def _within(calendar: Calendar, row: Json, low: datetime | None, high: datetime | None) -> bool:
    """Of a series, whether any instance lies within."""
    if low is None and high is None:
        return True
    if row.get("recurrence") and row["status"] != "cancelled":
        return any(overlaps(one, low, high) for one in calendar.expand(row, low, high))
    return overlaps(row, low, high)


def _wanted(call: Call, row: Json, *, deleted: bool, single: bool) -> bool:
    query = call.query
    if (
        row["status"] == "cancelled"
        and not deleted
        and (single or "recurringEventId" not in row)
        and "updatedMin" not in query
    ):
        return False
    properties = row.get("extendedProperties", {})
    checks: list[bool] = [
        query.get("iCalUID", row["iCalUID"]) == row["iCalUID"],
        row["eventType"] in query.get("eventTypes", (row["eventType"],)),
        all(_has(properties.get("private", {}), pair) for pair in query.get("privateExtendedProperty", ())),
        all(_has(properties.get("shared", {}), pair) for pair in query.get("sharedExtendedProperty", ())),
        "updatedMin" not in query or instant(row["updated"]) >= instant(query["updatedMin"]),
        query.get("q", "").lower() in f"{row.get('summary', '')} {row.get('description', '')}".lower(),
    ]
    return all(checks)


def _has(properties: dict[str, Any], pair: str) -> bool:
    name, equals, value = pair.partition("=")
    if not equals:
        raise Refusal(400, "badRequest", "An extended property is asked without '='", breach=True)
    return properties.get(name) == value


def _changed(call: Call, calendar: Calendar, since: int) -> list[Json]:
    """Everything changed after ``since``; of a changed series its instances, where they are asked."""
    rows: dict[str, Json] = {}
    types = call.query.get("eventTypes")
    for event in calendar.changes(since):
        if types and event["eventType"] not in types:
            continue
        if call.query.get("singleEvents") and event.get("recurrence"):
            gone = {"status": "cancelled"} if event["status"] == "cancelled" else {}
            rows |= {one["id"]: one | gone for one in calendar.expand(event, None, None)}
        else:
            rows[event["id"]] = event
    return list(rows.values())


def _shown(row: Json, *, incremental: bool) -> Json:
    """Of what is cancelled, an incremental answer holds no more than it must."""
    if not incremental or row["status"] != "cancelled":
        return row
    return {name: row[name] for name in ("id", "status", "recurringEventId", "originalStartTime") if name in row}


def instances(call: Call, calendar: Calendar, series: Json) -> Json:
    low, high = (_bound(call.query.get(name)) for name in ("timeMin", "timeMax"))

    def make() -> tuple[list[Json], None]:
        return [
            one for one in calendar.expand(series, low, high)
            if overlaps(one, low, high) and (one["status"] != "cancelled" or call.query.get("showDeleted"))
            and call.query.get("originalStart") in (None, *one.get("originalStartTime", {}).values())
        ], None  # fmt: skip

    taken, token, _ = paged(call, make, call.query.get("maxResults", 250))
    return _head(calendar, list(taken)) | ({"nextPageToken": token} if token else {})


def _bound(text: str | None) -> datetime | None:
    return instant(text) if text else None
