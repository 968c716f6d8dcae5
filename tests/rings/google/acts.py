"""What people do in their own Google, in as few words as a test needs. Called by the lives and tests of this ring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests import make
from tests.emulators.google.calendars import Calendar
from tests.emulators.google.series import instances
from tests.emulators.google.values import Json
from tests.rings.google.home import Home

ZONE = "Europe/Amsterdam"
HOUR = timedelta(hours=1)


def at(moment: datetime) -> Json:
    return {"dateTime": moment.isoformat(), "timeZone": ZONE}


def event(start: datetime, guests: Sequence[str] = (), *, me: str = "", **more: Any) -> Json:
    """An hour, with these people, who accepted."""
    people = [{"email": make.person(who).address, "responseStatus": "accepted"} for who in guests]
    own = [{"email": me, "self": True, "responseStatus": "accepted"}] if people else []
    told = {"attendees": [*own, *people]} if people else {}
    return {"summary": "A talk", "start": at(start), "end": at(start + HOUR)} | told | more


def series(start: datetime, *, times: int = 8, every: str = "DAILY", **more: Any) -> Json:
    return event(start, **more) | {"recurrence": [f"RRULE:FREQ={every};COUNT={times}"]}


def occurrence(calendar: Calendar, series_id: str, number: int) -> str:
    """The id of the n-th occurrence as it was first planned, from 0."""
    return str(list(instances(calendar.events[series_id]))[number]["id"])


def receives(home: Home, who: str, number: int, *, labels: tuple[str, ...] = ("INBOX",), silent: bool = False) -> str:
    """A mail from somebody; ``number`` makes its Message-ID."""
    found = {"From": who, "To": home.address, "Subject": "Hello", "Message-ID": f"<m{number}@lantern.example>"}
    return str(home.person.receives(found, labels=labels, at=home.moment, silent=silent))


def sends(home: Home, who: str, number: int, *, silent: bool = False) -> str:
    """A mail to somebody, written by hand."""
    found = {"From": home.address, "To": who, "Subject": "Hello", "Message-ID": f"<m{number}@town.example>"}
    return str(home.person.sends(found, at=home.moment, silent=silent))


def person(name: str, *addresses: str) -> Json:
    return {"names": [{"displayName": name}], "emailAddresses": [{"value": each} for each in addresses]}


def spoilt_event(start: datetime) -> Json:
    """An event whose rule nobody can read."""
    return event(start) | {"recurrence": ["RRULE:FREQ=NEVER;COUNT=2"]}
