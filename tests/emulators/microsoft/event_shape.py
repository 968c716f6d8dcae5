"""An event as Graph shows it. `calendar_api.py` and `event_rounds.py` ask here. PROVIDERS.md, section 4."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.emulators.microsoft import odata, zones
from tests.emulators.microsoft.deltas import chosen
from tests.emulators.microsoft.values import Call, Refusal, wrong
from tests.emulators.stand.values import Json

NEVER = "0001-01-01T00:00:00Z"
BASIC_HIDES = frozenset(("body", "bodyPreview", "attachments", "extensions"))
READS = frozenset(("Calendars.Read", "Calendars.ReadWrite"))
LEAN = frozenset(("id", "type", "start", "end", "seriesMasterId"))  # of an occurrence in a round
PROPERTIES = "singleValueExtendedProperties"


def shown(call: Call, event: Json, names: Iterable[str] | None = None) -> Json:
    """The named properties, or all that come unasked; times in the preferred zone."""
    given = _head(call, event) | _times(call, event) | _rest(call, event)
    if not call.scopes & READS:
        given = {name: part for name, part in given.items() if name not in BASIC_HIDES}
    wanted = {*names} if names else None
    if wanted and PROPERTIES in wanted:
        given[PROPERTIES] = event.get(PROPERTIES, [])
    return chosen(given | event.get("_raw", {}), wanted) | _expanded(call, event)


def etag(event: Json) -> str:
    return f'W/"DwAAABYAAAB{event["_number"]}"'


def _head(call: Call, event: Json) -> Json:
    key, ids = event["_key"], call.person.ids
    head, dot, _ = key.partition(".")
    return {
        "@odata.etag": etag(event), "id": ids.given(key, immutable=call.prefer.immutable),
        "createdDateTime": _stamp(event["_made"]), "lastModifiedDateTime": _stamp(event["_at"]),
        "changeKey": f"DwAAABYAAAB{event['_number']}", "type": event["type"], "iCalUId": event["iCalUId"],
        "seriesMasterId": ids.given(head, immutable=call.prefer.immutable) if dot else None,
        "originalStart": event.get("originalStart"),
        "webLink": f"https://outlook.example/calendar/{event['_number']}",
    }  # fmt: skip


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"


def _times(call: Call, event: Json) -> Json:
    name = call.prefer.zone
    if zones.zone(name) is None:
        raise wrong("The time zone of Prefer is not known.", "TimeZoneNotSupportedException")
    start, end = event["start"], event["end"]
    if event.get("isAllDay"):
        times = {"start": zones.midnight(start, name), "end": zones.midnight(end, name)}
    else:
        times = {"start": zones.shown(zones.moment(start), name), "end": zones.shown(zones.moment(end), name)}
    return times | {
        "originalStartTimeZone": event.get("originalStartTimeZone") or start.get("timeZone") or "UTC",
        "originalEndTimeZone": event.get("originalEndTimeZone") or end.get("timeZone") or "UTC",
    }


def _rest(call: Call, event: Json) -> Json:
    owner: Json = {"emailAddress": {"name": call.person.name, "address": call.person.address}}
    organizer = event.get("organizer") or owner
    own = str((organizer.get("emailAddress") or {}).get("address")).lower() in call.person.addresses
    reply = {"response": "organizer" if own else "none", "time": NEVER}
    body = event.get("body") or {"contentType": "html", "content": ""}
    plain: dict[str, Any] = {
        "transactionId": None, "categories": [], "subject": "", "importance": "normal", "sensitivity": "normal",
        "showAs": "busy", "isAllDay": False, "isCancelled": False, "isReminderOn": True,
        "reminderMinutesBeforeStart": 15, "hasAttachments": False, "responseRequested": True, "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown", "onlineMeetingUrl": None, "onlineMeeting": None, "isDraft": False,
        "allowNewTimeProposals": True, "hideAttendees": False, "recurrence": None, "responseStatus": reply,
        "location": {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"}, "locations": [],
    }  # fmt: skip
    given = {name: event[name] if event.get(name) is not None else part for name, part in plain.items()}
    return given | {
        "organizer": organizer, "isOrganizer": own, "body": body, "bodyPreview": str(body.get("content") or "")[:255],
        "attendees": [{"type": "required", "status": {"response": "none", "time": NEVER}} | one
                      for one in event.get("attendees") or ()],
    }  # fmt: skip


def _expanded(call: Call, event: Json) -> Json:
    """The marker properties, where they are expanded with a filter on their id."""
    found: Json = {}
    for part in call.query.get("$expand", ()):
        name, test = odata.expanded(part)
        if name != PROPERTIES:
            raise Refusal(501, "notImplemented", f"$expand of {name} is not emulated", breach=True)
        if test is None or test.names != {"id"}:
            raise wrong("Extended properties are expanded with a filter on their id only.")
        found[name] = [one for one in event.get(PROPERTIES) or () if test.test({"id": one["id"]})]
    return found
