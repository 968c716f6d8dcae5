"""Calendars for the tests beside this: everything invented."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.wire.ical import read_calendar
from keepwarm.types import Broken, CalendarEvent, Skipped

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / ".." / "shared" / "data"


def corpus(folder: str) -> list[Path]:
    """The shared fixture files of one kind; skips where they are absent, but for CI, where that fails."""
    files = sorted(path for path in (SHARED / folder).rglob("*") if path.is_file())
    if not files and os.environ.get("CI") != "true":
        pytest.skip("the shared data set is not beside this checkout")
    assert files, "the shared data set is missing"
    return files


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Coffee", *lines, "END:VEVENT"))


def calendar(*parts: str) -> bytes:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", "")).encode()


def read(data: bytes, zone: str = "Europe/Amsterdam") -> list[CalendarEvent | Skipped | Broken]:
    return list(read_calendar(data, zone=zone, now=NOW))


def events(data: bytes, zone: str = "Europe/Amsterdam") -> list[CalendarEvent]:
    """All events; fails for anything else."""
    found = read(data, zone)
    assert all(isinstance(one, CalendarEvent) for one in found), found
    return [one for one in found if isinstance(one, CalendarEvent)]


def one_event(*lines: str, zone: str = "Europe/Amsterdam", around: tuple[str, ...] = ()) -> CalendarEvent:
    (found,) = events(calendar(*around, event("one@example.org", *lines)), zone)
    return found
