"""What the descriptions of the Calendar documents ask of an event beyond its schema. `calendar_api.py` checks with it.

PROVIDERS.md, section 2, Creating events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.emulators.google.calendars import lasts
from tests.emulators.google.values import Json, Refusal

ID = re.compile(r"[0-9a-v]{5,1024}")  # Event.id: base32hex
NAME, VALUE, MOST = 44, 1024, 300  # G/workspace/calendar/api/guides/extended-properties
OVERRIDES, LONGEST = 5, 40_320  # Event.reminders: how many, minutes
CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"),
}
REPLIES = ("needsAction", "declined", "tentative", "accepted")


def hold(event: Json, *, new: bool) -> None:
    """Refusal, a breach, when the event breaks a rule; ``new`` for events.insert."""
    for problem in _problems(event, new=new):
        raise Refusal(400, "invalid", problem, breach=True)


def _problems(event: Json, *, new: bool) -> Iterator[str]:
    if new and "id" in event and not ID.fullmatch(event["id"]):
        yield "Invalid resource id value."
    if new and "id" in event and "iCalUID" in event:
        yield "id and iCalUID are given together"
    for name, choices in CHOICES.items():
        if event.get(name, choices[0]) not in choices:
            yield f"Invalid value for: {name}"
    yield from _times(event)
    yield from _properties(event)
    yield from _reminders(event.get("reminders") or {})
    for attendee in event.get("attendees") or ():
        if "@" not in attendee.get("email", ""):
            yield "Invalid attendee email."
        if attendee.get("responseStatus", REPLIES[0]) not in REPLIES:
            yield "Invalid attendee response status."
    if not (event.get("source") or {}).get("url", "https://").startswith(("https://", "http://")):
        yield "Invalid source url."


def _times(event: Json) -> Iterator[str]:
    if event.get("status") == "cancelled" and "start" not in event:
        return
    for name in ("start", "end"):
        at = event.get(name, {})
        if bool(at.get("date")) == bool(at.get("dateTime")):
            yield f"{name} needs either a date or a dateTime"
            return
        if at.get("dateTime") and not re.search(r"(Z|[+-]\d\d:\d\d)$", at["dateTime"]) and not at.get("timeZone"):
            yield f"{name} has neither an offset nor a timeZone"
            return
        if event.get("recurrence") and at.get("dateTime") and not at.get("timeZone"):
            yield "Missing time zone definition for a recurring event."
    if bool(event["start"].get("date")) != bool(event["end"].get("date")):
        yield "start and end are of different kinds"
    elif not lasts(event):
        yield "The specified time range is empty."
    for line in event.get("recurrence") or ():
        if not line.startswith(("RRULE:", "EXRULE:", "RDATE", "EXDATE")):
            yield "recurrence takes RRULE, EXRULE, RDATE and EXDATE only"


def _properties(event: Json) -> Iterator[str]:
    for part in (event.get("extendedProperties") or {}).values():
        if len(part) > MOST:
            yield "There are too many extended properties."
        if any(len(name) > NAME or len(value or "") > VALUE for name, value in part.items()):
            yield "An extended property is too long."


def _reminders(reminders: Json) -> Iterator[str]:
    overrides = reminders.get("overrides") or []
    if reminders.get("useDefault") and overrides:
        yield "Cannot specify both default reminders and overrides at the same time."
    if len(overrides) > OVERRIDES:
        yield "There are too many reminder overrides."
    for one in overrides:
        if one.get("method") not in ("email", "popup") or not 0 <= one.get("minutes", -1) <= LONGEST:
            yield "Invalid reminder override."
