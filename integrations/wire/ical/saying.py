"""Events of providers that speak JSON, said as VEVENT lines. Called by ``asevent`` of google and microsoft.

Foreign text stays inside its line, whatever it holds (RFC 5545, sections 3.1 and 3.3.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from keepwarm.texts import mark

LONGEST = 2_000  # characters of a text; the reader keeps 300
HIDDEN = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTES = str.maketrans({'"': "'"})
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})

NO_START = mark("The event has no start.")
NO_TIME = mark("The event starts or ends at a time that cannot be read.")


def as_calendar(events: Iterable[Sequence[str]]) -> bytes:
    """One VCALENDAR with these events, each the lines from BEGIN to END, in order."""
    lines = [line for event in events for line in event]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def bare(told: str) -> str:
    """One line of it, as it may stand anywhere outside quotes."""
    return HIDDEN.sub(" ", told[:LONGEST]).strip()


def escaped(told: str) -> str:
    """One line of it, as the value of a text."""
    return bare(told).translate(_ESCAPES)


def person(part: str, address: str, name: str, *says: str) -> str:
    """An ORGANIZER or ATTENDEE; ``says``: parameters such as ``PARTSTAT=ACCEPTED``, those that are empty left out."""
    shown = bare(name).translate(_QUOTES)
    parameters = [f'CN="{shown}"' if shown else "", *says]
    return f"{part}{''.join(f';{each}' for each in parameters if each)}:mailto:{bare(address)}"


def on_day(name: str, day: date) -> str:
    return f"{name};VALUE=DATE:{day:%Y%m%d}"


def at_moment(name: str, at: datetime, zone: str) -> str:
    """Wall time in a zone by its IANA id; ``at`` without a zone is that already. Raises OverflowError."""
    wall = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    return f"{name}:{wall:%Y%m%dT%H%M%SZ}" if zone == "UTC" else f"{name};TZID={zone}:{wall:%Y%m%dT%H%M%S}"
