"""Our own event as Graph holds it: what we write, what of it matters, what we tell of it. Called by `ours`.

Private, shown as free, never with people, with a reminder that rings and asks nobody for an answer. It bears two
properties of ours: its UID, by which it is found, and a digest of its text. What Graph makes of a text is never read
back: it comes as HTML, and differs each time.

A transaction is named after the event, the calendar it is for and its version, so that one which was lost is the same
at the next try, and one for another calendar is not; it begins with `asevent.OURS`.

Follows event and singleValueLegacyExtendedProperty of Graph v1.0, read November 2026 (PROVIDERS.md section 4). Not
verified on a real account: that IANA names are taken for ``timeZone`` of every zone; that Graph takes any UUID for a
transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from integrations.microsoft.asevent import OURS, as_event
from integrations.wire.answers import Told, number, objects, text
from integrations.wire.ical import read_our_event
from integrations.wire.ical.saying import as_calendar
from integrations.wire.ours import found_event, key_of, unreadable_event
from keepwarm.errors import Unreadable
from keepwarm.types import FoundEvent, OurEvent

_PLACE = "String {4f1d6f0a-7c35-4be2-9d0e-6b6565707761} Name "  # a set of properties of our own
KEY, SAID = f"{_PLACE}KeepwarmKey", f"{_PLACE}KeepwarmText"
SELECT = "id,subject,start,end,isAllDay,isReminderOn,reminderMinutesBeforeStart,originalStartTimeZone"
LONGEST = 40_320  # minutes before the start at which a reminder may ring: four weeks, as elsewhere


def body_of(event: OurEvent) -> dict[str, Any]:
    """The event as it is changed to; for its making `transaction_of` comes to it."""
    linked = urlsplit(event.url).scheme in {"http", "https"}
    content = "\n\n".join(filter(None, (event.description, event.url if linked else "")))
    return {
        "subject": event.title,
        "body": {"contentType": "text", "content": content},
        "start": _moment(event.start_at, event.zone),
        "end": _moment(event.end_at, event.zone),
        "isAllDay": False,
        "showAs": "free",
        "sensitivity": "private",
        "responseRequested": False,
        "isReminderOn": True,
        "reminderMinutesBeforeStart": min(max(event.reminder_minutes, 0), LONGEST),
        "singleValueExtendedProperties": [
            {"id": KEY, "value": event.uid},
            {"id": SAID, "value": key_of(content)},
        ],
    }


def transaction_of(event: OurEvent, calendar: str) -> str:
    key = key_of(f"{event.uid}\n{calendar}\n{event.sequence}")
    return f"{OURS}{key[:3]}-8{key[3:6]}-{key[6:18]}"  # UUID version 8: RFC 9562, section 5.8


def property_of(event: Told, name: str) -> str:
    """One of ours, empty where the event does not bear it. Ids come back in whatever case."""
    held = objects(event, "singleValueExtendedProperties")
    return next((text(each, "value") for each in held if text(each, "id").lower() == name.lower()), "")


def says(held: Told, wanted: Told) -> bool:
    """Whether they say the same, however Graph writes it down."""
    try:
        return _matters(held) == _matters(wanted)
    except Unreadable:  # foreign by now: whatever is wrong with it, it differs
        return False


def found(held: Told) -> FoundEvent:
    """What we tell of an event that stands there; without times where nobody can read it any more."""
    ref, version = text(held, "id"), text(held, "@odata.etag")
    try:
        return found_event(ref, as_calendar([as_event(held, zone="UTC")]), version=version)
    except Unreadable:
        return unreadable_event(ref, version=version)


def _matters(event: Told) -> tuple[Any, ...]:
    there = read_our_event(as_calendar([as_event(event, zone="UTC")]))
    rings = event.get("isReminderOn") is True, number(event, "reminderMinutesBeforeStart", most=LONGEST)
    ours = property_of(event, KEY), property_of(event, SAID)
    return there.start_at, there.end_at, there.title, event.get("isAllDay") is True, rings, ours


def _moment(at: datetime, zone: str) -> dict[str, str]:
    """Wall time; in UTC where the clock shows it a second time."""
    wall = at.astimezone(ZoneInfo(zone))
    wall, name = (at.astimezone(UTC), "UTC") if wall.fold else (wall, zone)
    return {"dateTime": f"{wall:%Y-%m-%dT%H:%M:%S}", "timeZone": name}
