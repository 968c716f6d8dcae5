"""Calendars and events over HTTP. `desk.py` calls this under the town's lock. PROVIDERS.md, section 4."""

from __future__ import annotations

from tests.emulators.microsoft import event_rounds
from tests.emulators.microsoft.calendars import Calendar
from tests.emulators.microsoft.deltas import chosen
from tests.emulators.microsoft.event_rules import hold
from tests.emulators.microsoft.event_shape import PROPERTIES, etag, shown
from tests.emulators.microsoft.lists import GUID, Names, listed
from tests.emulators.microsoft.values import Call, Handler, Refusal, missing, wrong
from tests.emulators.stand.values import Json


def calendar_of(call: Call) -> Calendar:
    """The one in the path, or the primary."""
    id_ = call.path.get("calendar-id")
    if id_ is None:
        return call.person.calendar
    found = call.person.calendars.get(call.person.ids.key(id_) or "")
    if found is None:
        raise missing()
    return found


def event_of(call: Call) -> tuple[Calendar, Json]:
    """The event in the path, from whichever calendar it is in unless the path names one."""
    key = call.person.key(call.path["event-id"])
    calendars = [calendar_of(call)] if "calendar-id" in call.path else list(call.person.calendars.values())
    for calendar in calendars:
        if found := calendar.find(key):
            return calendar, found
    raise missing()


def _calendar(call: Call, calendar: Calendar) -> Json:
    primary = calendar is call.person.calendar
    return {
        "id": calendar.id, "name": calendar.name, "color": "auto", "hexColor": "", "isDefaultCalendar": primary,
        "changeKey": "x0", "canShare": calendar.can_edit, "canViewPrivateItems": True, "canEdit": calendar.can_edit,
        "allowedOnlineMeetingProviders": [], "defaultOnlineMeetingProvider": "unknown", "isTallyingResponses": primary,
        "isRemovable": not primary, "owner": {"name": calendar.owner, "address": calendar.owner},
    }  # fmt: skip


def calendars(call: Call) -> Json:
    rows = list(call.person.calendars.values())
    return listed(call, rows, lambda one, names: chosen(_calendar(call, one), names))


def calendar_got(call: Call) -> Json:
    return chosen(_calendar(call, calendar_of(call)), call.query.get("$select"))


def calendar_made(call: Call) -> Json:
    name = call.body.get("name")
    if not name or call.body.keys() - {"name", "color", "hexColor"}:
        raise wrong("A calendar is made with its name and color.")
    if any(one.name.lower() == name.lower() for one in call.person.calendars.values()):
        raise Refusal(409, "ErrorFolderExists", "A folder with the specified name already exists.")
    made = call.person.add_calendar(name)
    call.town.effect(call, made.id)
    return _calendar(call, made)


def calendar_gone(call: Call) -> None:
    calendar = calendar_of(call)
    if calendar is call.person.calendar:
        raise Refusal(400, "ErrorCannotDeleteObject", "The default calendar cannot be deleted.")
    del call.person.calendars[calendar.key]
    call.town.effect(call, calendar.id)


def view(call: Call) -> Json:
    low, high = event_rounds.window(call.query)
    return listed(call, calendar_of(call).view(low, high), lambda event, names: shown(call, event, names))


def view_delta(call: Call) -> Json:
    return event_rounds.answered(call, calendar_of(call))


def instances(call: Call) -> Json:
    calendar, master = event_of(call)
    low, high = event_rounds.window(call.query)
    if not master.get("recurrence"):
        raise Refusal(400, "ErrorInvalidRequest", "The event is no series.")
    rows = [one for one in calendar.view(low, high) if one["_key"].partition(".")[0] == master["_key"]]
    return listed(call, rows, lambda event, names: shown(call, event, names))


def events(call: Call) -> Json:
    """Single events and series."""
    rows = [one for one in calendar_of(call).events if one["type"] != "exception"]

    def found(event: Json, names: Names) -> Json:
        return shown(call, event, names)

    return listed(call, rows, found)


def event_got(call: Call) -> Json:
    return shown(call, event_of(call)[1], call.query.get("$select"))


def event_made(call: Call) -> Json:
    calendar, transaction = _writable(calendar_of(call)), call.body.get("transactionId")
    hold(call.body, old=None)
    known = call.person.transactions.get(transaction) if transaction else None
    if known and call.kind != "doubled-transaction":
        existing = {"@event.existingEventId": call.person.ids.given(known, immutable=call.prefer.immutable)}
        raise Refusal(
            call.town.duplicate_status, "ErrorDuplicateTransactionId",
            "Your request can't be completed. The TransactionId is already used.",
            more=existing if call.town.tells_existing_id else None,
        )  # fmt: skip
    stored = calendar.keep(_normal(call.body))
    if transaction:
        call.person.transactions[transaction] = stored["_key"]
    return _noted(call, calendar, stored)


def _writable(calendar: Calendar) -> Calendar:
    if not calendar.can_edit:
        raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    return calendar


def _normal(body: Json) -> Json:
    """Property ids with their GUID in lower case, as they are compared."""
    given = dict(body)
    if body.get(PROPERTIES):
        lower = [one | {"id": GUID.sub(lambda found: found.group().lower(), one["id"])} for one in body[PROPERTIES]]
        given[PROPERTIES] = lower
    return given


def _noted(call: Call, calendar: Calendar, event: Json) -> Json:
    """Puts the effect into the town's history, with who is mailed about it: all attendees, always."""
    others = [str(one["emailAddress"]["address"]).lower() for one in event.get("attendees") or ()]
    mailed = [one for one in others if one not in call.person.addresses]
    call.town.effect(
        call, call.person.ids.given(event["_key"]), calendar=calendar.id, attendees=others, mailed=mailed,
        transaction=event.get("transactionId"), properties=event.get(PROPERTIES) or [],
    )  # fmt: skip
    return shown(call, event)


def _changeable(call: Call) -> tuple[Calendar, Json]:
    """The event, whose etag must be the one in If-Match (or "*") where that is sent."""
    calendar, found = event_of(call)
    _writable(calendar)
    if call.asked.headers.get("if-match", "*") not in ("*", etag(found)):
        raise Refusal(412, "ErrorIrresolvableConflict", "The change key passed in the request does not match.")
    return calendar, found


def event_changed(call: Call) -> Json:
    """Properties are replaced whole; extended ones are added to."""
    calendar, old = _changeable(call)
    body = _normal(call.body)
    if PROPERTIES in body:
        new = {one["id"] for one in body[PROPERTIES]}
        body[PROPERTIES] = [one for one in old.get(PROPERTIES) or () if one["id"] not in new] + body[PROPERTIES]
    hold(call.body, old=old)
    return _noted(call, calendar, calendar.keep(old | body, key=old["_key"]))


def event_gone(call: Call) -> None:
    """Into the deleted items, where this emulator no longer shows it."""
    calendar, found = _changeable(call)
    calendar.cancel(found["_key"])
    _noted(call, calendar, found)


HANDLERS: dict[str, Handler] = {
    "GET /me/calendar": calendar_got,
    "GET /me/calendars": calendars,
    "POST /me/calendars": calendar_made,
    "GET /me/calendars/{id}": calendar_got,
    "DELETE /me/calendars/{id}": calendar_gone,
    "GET /me/calendarView": view,
    "GET /me/calendars/{id}/calendarView": view,
    "GET /me/calendarView/delta": view_delta,
    "GET /me/calendars/{id}/calendarView/delta": view_delta,
    "GET /me/events": events,
    "GET /me/calendars/{id}/events": events,
    "POST /me/events": event_made,
    "POST /me/calendars/{id}/events": event_made,
    "GET /me/events/{id}/instances": instances,
    **{f"GET {path}": event_got for path in ("/me/events/{id}", "/me/calendars/{id}/events/{id}")},
    **{f"PATCH {path}": event_changed for path in ("/me/events/{id}", "/me/calendars/{id}/events/{id}")},
    **{f"DELETE {path}": event_gone for path in ("/me/events/{id}", "/me/calendars/{id}/events/{id}")},
}
