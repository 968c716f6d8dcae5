"""Calendar over HTTP: one function for each method emulated. `desk.py` calls them under the town's lock.

PROVIDERS.md, section 2. With calendar.app.created alone only the client's own calendars are there.
"""

from __future__ import annotations

from typing import Any

from tests.emulators.google import channels, event_lists
from tests.emulators.google.calendars import KEPT, Calendar
from tests.emulators.google.event_rules import hold
from tests.emulators.google.pages import paged
from tests.emulators.google.values import Call, Handler, Json, Refusal

OWN_APP = "https://www.googleapis.com/auth/calendar.app.created"
NARROW = frozenset(  # these read less than whole events, which is not emulated
    f"https://www.googleapis.com/auth/calendar.events.{name}" for name in ("freebusy", "public.readonly")
)
WRITERS = ("owner", "writer")
READERS = (*WRITERS, "reader")


def calendar_of(call: Call, *, write: bool = False) -> Calendar:
    """The calendar in the path; Refusal where it is not there, not the client's, or not to be written."""
    name = call.path["calendarId"]
    found = call.person.calendars.get(call.person.calendar.id if name == "primary" else name)
    scopes = (call.scopes & call.method.scopes) - NARROW
    if found is None or not scopes or (scopes == {OWN_APP} and not found.app):
        raise Refusal(404, "notFound", "Not Found")
    if found.access not in (WRITERS if write else READERS):
        message = "You need to have writer access to this calendar."
        raise Refusal(403, "requiredAccessLevel", message, domain="calendar")
    return found


def calendar_list(call: Call) -> Json:
    if call.query.get("syncToken"):
        raise Refusal(501, "notImplemented", "sync of the calendar list is not emulated", breach=True)
    rows = [
        _entry(call, one) for one in call.person.calendars.values() if _at_least(one, call.query.get("minAccessRole"))
    ]
    taken, token, _ = paged(call, lambda: (rows, None), call.query.get("maxResults", 100))
    given = {"kind": "calendar#calendarList", "etag": '"p0"', "items": list(taken)}
    return given | ({"nextPageToken": token} if token else {})


def _at_least(calendar: Calendar, role: str | None) -> bool:
    order = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
    return order.index(calendar.access) >= order.index(role or order[0])


def _entry(call: Call, calendar: Calendar) -> Json:
    given = _head(calendar) | {"kind": "calendar#calendarListEntry", "accessRole": calendar.access, "selected": True}
    return given | ({"primary": True} if calendar is call.person.calendar else {})


def _head(calendar: Calendar) -> Json:
    return {
        "kind": "calendar#calendar", "etag": '"c0"', "id": calendar.id, "summary": calendar.summary,
        "timeZone": calendar.zone,
    } | ({"description": calendar.description} if calendar.description else {})  # fmt: skip


def calendar_list_got(call: Call) -> Json:
    return _entry(call, calendar_of(call))


def calendar_got(call: Call) -> Json:
    return _head(calendar_of(call))


def calendar_made(call: Call) -> Json:
    made = call.person.add_calendar(
        call.body["summary"], app=True, zone=call.body.get("timeZone", "UTC"),
        description=call.body.get("description", ""),
    )  # fmt: skip
    call.town.effect(call, made.id)
    return _head(made)


def calendar_gone(call: Call) -> None:
    calendar = calendar_of(call, write=True)
    if calendar is call.person.calendar:
        raise Refusal(400, "invalid", "Cannot delete the primary calendar", domain="calendar")
    del call.person.calendars[calendar.id]
    call.town.effect(call, calendar.id)


def events(call: Call) -> Json:
    return event_lists.listed(call, calendar_of(call))


def instances(call: Call) -> Json:
    calendar = calendar_of(call)
    return event_lists.instances(call, calendar, _event(call, calendar))


def _event(call: Call, calendar: Calendar) -> Json:
    found = calendar.find(call.path["eventId"])
    if found is None:
        raise Refusal(404, "notFound", "Not Found")
    return found


def event_got(call: Call) -> Json:
    return _event(call, calendar_of(call))


def event_made(call: Call) -> Json:
    calendar = calendar_of(call, write=True)
    hold(call.body, new=True)
    id_ = call.body.get("id")
    if id_ in calendar.events and not (call.fault and call.fault.kind == "doubled-id"):
        raise Refusal(409, "duplicate", "The requested identifier already exists.")
    stored = calendar.keep(call.body | {"id": id_ or f"{call.town.number():026x}"})
    return _noted(call, calendar, stored)


def _noted(call: Call, calendar: Calendar, event: Json) -> Json:
    """Puts the effect into the town's history, with who would have been mailed about it."""
    asked = call.query.get("sendUpdates") or ("all" if call.query.get("sendNotifications") else "none")
    others = [one["email"] for one in event.get("attendees", ()) if not one.get("self")]
    mailed = (
        others if asked == "all" else [one for one in others if asked == "externalOnly" and not call.town.lives(one)]
    )
    given = call.query.get("sendUpdates")
    call.town.effect(call, event["id"], calendar=calendar.id, send_updates=given, attendees=others, mailed=mailed)
    return event


def _changeable(call: Call, calendar: Calendar) -> Json:
    """The event, whose etag must be the one in If-Match (or "*") where that is sent."""
    found = _event(call, calendar)
    if call.headers.get("if-match", "*") not in ("*", found.get("etag")):
        raise Refusal(412, "conditionNotMet", "Precondition Failed", domain="global")
    return found


def event_patched(call: Call) -> Json:
    """JSON merge patch (RFC 7396); lists are replaced whole."""
    calendar = calendar_of(call, write=True)
    old = _changeable(call, calendar)
    return _written(call, calendar, old, _merged(old, call.body))


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(new, dict) or not isinstance(old, dict):
        return {name: part for name, part in new.items() if part is not None} if isinstance(new, dict) else new
    gone = {name for name, part in new.items() if part is None}
    changed = {name: _merged(old.get(name), part) for name, part in new.items() if part is not None}
    return {name: part for name, part in old.items() if name not in gone} | changed


def event_updated(call: Call) -> Json:
    calendar = calendar_of(call, write=True)
    old = _changeable(call, calendar)
    return _written(call, calendar, old, call.body | {name: old[name] for name in KEPT if name in old})


def _written(call: Call, calendar: Calendar, old: Json, new: Json) -> Json:
    if new.get("id", old["id"]) != old["id"] or new.get("iCalUID", old["iCalUID"]) != old["iCalUID"]:
        raise Refusal(400, "invalid", "id and iCalUID cannot be changed", breach=True)
    hold(new, new=False)
    moved = any(old.get(name) != new.get(name) for name in ("start", "end", "recurrence"))
    if "sequence" not in call.body:
        new |= {"sequence": old.get("sequence", 0) + moved}
    return _noted(call, calendar, calendar.keep(new))


def event_gone(call: Call) -> None:
    calendar = calendar_of(call, write=True)
    found = _changeable(call, calendar)
    if found["status"] == "cancelled":
        raise Refusal(410, "deleted", "Resource has been deleted")
    calendar.cancel(found)
    _noted(call, calendar, found)


HANDLERS: dict[str, Handler] = {
    "calendar.calendarList.list": calendar_list,
    "calendar.calendarList.get": calendar_list_got,
    "calendar.calendars.get": calendar_got,
    "calendar.calendars.insert": calendar_made,
    "calendar.calendars.delete": calendar_gone,
    "calendar.events.list": events,
    "calendar.events.instances": instances,
    "calendar.events.get": event_got,
    "calendar.events.insert": event_made,
    "calendar.events.patch": event_patched,
    "calendar.events.update": event_updated,
    "calendar.events.delete": event_gone,
    "calendar.events.watch": lambda call: channels.watch(call, calendar_of(call)),
    "calendar.channels.stop": channels.stop,
}
