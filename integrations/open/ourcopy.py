"""Our own events as a CalDAV server holds them: what of them matters, what we tell of them. Called by `calendars`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from icalendar import Calendar

from integrations.wire.ical import read_calendar, read_our_event
from keepwarm.errors import Unreadable
from keepwarm.types import CalendarEvent, FoundEvent, Skipped

MAX_OURS = 64 * 1024  # bytes of an event of ours that is looked at closely; we write about two thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What stands there. ``etag`` is empty where the server gives none."""

    href: str
    etag: str = ""
    body: bytes = field(default=b"", repr=False)

    def found(self) -> FoundEvent:
        """What we tell of it; without times where nobody can read it any more."""
        try:
            held = read_our_event(self.body)
        except Unreadable:
            return FoundEvent(remote_ref=self.href, fingerprint=_key(self.body))
        told = f"{held.start_at.isoformat()}\n{held.end_at.isoformat()}\n{held.title}"
        return FoundEvent(
            remote_ref=self.href, start_at=held.start_at, end_at=held.end_at, fingerprint=_key(told.encode())
        )

    def says(self, wanted: bytes) -> bool:
        """Whether it says what ``wanted`` does, however the server writes it down."""
        with suppress(Exception):  # foreign by now: whatever is wrong with it, it differs
            return _matters(self.body) == _matters(wanted)
        return False

    def is_for(self, uid: str) -> bool:
        with suppress(Unreadable):
            return read_our_event(self.body).uid == uid
        return False


def name_of(uid: str) -> str:
    """The file name of an event: the same for the same UID, and of letters that every server takes."""
    return f"{_key(uid.encode())}.ics"


def is_ours(body: bytes, now: datetime) -> bool:
    """Whether the resource holds our own events and nobody else's."""
    found = list(read_calendar(body, zone="UTC", now=now))
    ours = any(isinstance(each, Skipped) and each.reason == "ours" for each in found)
    return ours and not any(isinstance(each, CalendarEvent) for each in found)


def _matters(body: bytes) -> tuple[Any, ...]:
    if len(body) > MAX_OURS:
        raise Unreadable
    held = read_our_event(body)
    event: Any = Calendar.from_ical(body).walk("VEVENT")[0]
    texts = tuple(str(event.get(name, "")).strip() for name in ("SUMMARY", "DESCRIPTION", "URL"))
    rings = sorted(str(alarm["TRIGGER"].dt) for alarm in event.walk("VALARM") if "TRIGGER" in alarm)
    return held.start_at, held.end_at, texts, rings


def _key(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()
