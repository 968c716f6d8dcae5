"""Our own event as Google holds it: what we write, what of it matters, what we tell of it. Called by `ours`.

Private, shown as free, never with people, with a reminder that rings. The id is made from our UID, in the letters that
Google takes (base32hex). Follows Event of calendar v3 (20261030), read November 2026 (PROVIDERS.md section 2).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from integrations.google.answers import Told, number, objects, text
from integrations.google.asevent import OURS, as_calendar, as_event, is_cancelled
from integrations.wire.ical import read_our_event
from integrations.wire.ours import found_event, key_of, unreadable_event
from keepwarm.errors import Unreadable
from keepwarm.types import FoundEvent, OurEvent

TITLE = "Keepwarm"
REMOVED = "keepwarm_removed"  # a private property: it was us who deleted it, so that it may come back
LONGEST = 40_320  # minutes before the start at which a reminder may ring
VALUE = 1024  # characters of a private property
_TAGS = str.maketrans({"<": "‹", ">": "›"})  # Google shows a description as HTML


def id_of(uid: str) -> str:
    return key_of(uid)


def body_of(event: OurEvent) -> dict[str, Any]:
    """The event as it is inserted."""
    minutes = min(max(event.reminder_minutes, 0), LONGEST)
    body = {
        "id": id_of(event.uid),
        "summary": event.title,
        "description": event.description.translate(_TAGS),
        "start": _moment(event, "start_at"),
        "end": _moment(event, "end_at"),
        "visibility": "private",
        "transparency": "transparent",
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]},
        "extendedProperties": {"private": {OURS: event.uid[:VALUE]}},
    }
    linked = urlsplit(event.url).scheme in {"http", "https"}
    return body | ({"source": {"title": TITLE, "url": event.url}} if linked else {})


def change_of(body: dict[str, Any]) -> dict[str, Any]:
    """The same as a change of what stands there: null takes a field away (RFC 7396); what it is silent of stays."""
    times = {name: body[name] | {"date": None} for name in ("start", "end")}
    private = {"private": body["extendedProperties"]["private"] | {REMOVED: None}}
    kept = {name: body[name] for name in body if name != "id"}
    return {"source": None, "status": "confirmed"} | kept | times | {"extendedProperties": private}


def says(held: Told, wanted: Told) -> bool:
    """Whether they say the same, however Google writes it down."""
    try:
        return _matters(held) == _matters(wanted)
    except Unreadable:  # foreign by now: whatever is wrong with it, it differs
        return False


def found(held: Told) -> FoundEvent:
    """What we tell of an event that stands there; without times where nobody can read it any more."""
    ref, version = text(held, "id"), text(held, "etag")
    try:
        said = as_calendar([as_event(held, zone="UTC")])
    except Unreadable:
        return unreadable_event(ref, version=version)
    return found_event(ref, said, version=version)


def removed_by_us(held: Told) -> bool:
    return is_cancelled(held) and bool(text(held, "extendedProperties", "private", REMOVED))


def _matters(event: Told) -> tuple[Any, ...]:
    there = read_our_event(as_calendar([as_event(event, zone="UTC")]))
    texts = (there.title, text(event, "description").strip(), text(event, "source", "url"))
    overrides = objects(event.get("reminders"), "overrides")
    rings = sorted(number(each, "minutes", most=LONGEST) for each in overrides if text(each, "method") == "popup")
    private = text(event, "extendedProperties", "private", OURS), text(event, "extendedProperties", "private", REMOVED)
    return there.start_at, there.end_at, texts, rings, private


def _moment(event: OurEvent, name: str) -> dict[str, Any]:
    at = getattr(event, name).astimezone(ZoneInfo(event.zone))
    return {"dateTime": at.isoformat(), "timeZone": event.zone}
