"""What people do in their own Outlook, in as few words as a test needs. Called by the lives and tests of this ring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests import make
from tests.emulators.microsoft.calendars import Calendar
from tests.emulators.microsoft.zones import local
from tests.emulators.stand.values import Json
from tests.rings.microsoft.home import Home

ZONE, WINDOWS = ZoneInfo("Europe/Amsterdam"), "W. Europe Standard Time"
HOUR = timedelta(hours=1)
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)


def at(moment: datetime) -> Json:
    """As a client with that zone writes it."""
    return {"dateTime": f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}", "timeZone": WINDOWS}


def event(start: datetime, guests: Sequence[str] = (), *, me: str = "", **more: Any) -> Json:
    """An hour, with these people, who accepted."""
    people = [make.person(who).address for who in guests]
    told = {"attendees": [_guest(each) for each in (me, *people)]} if people else {}
    return {"subject": "A talk", "start": at(start), "end": at(start + HOUR)} | told | more


def _guest(address: str) -> Json:
    reply = {"response": "accepted", "time": "0001-01-01T00:00:00Z"}
    return {"type": "required", "emailAddress": {"name": address, "address": address}, "status": reply}


def rule(start: datetime, times: int, every: str = "daily") -> Json:
    day = start.astimezone(ZONE)
    days = {"daysOfWeek": [f"{day:%A}".lower()]} if every == "weekly" else {}
    bounds = {"type": "numbered", "startDate": f"{day:%Y-%m-%d}", "numberOfOccurrences": times}
    return {"pattern": {"type": every, "interval": 1} | days, "range": bounds}


def series(start: datetime, *, times: int = 8, every: str = "daily", **more: Any) -> Json:
    return event(start, **more) | {"recurrence": rule(start, times, every)}


def occurrence(calendar: Calendar, person: Any, series_id: str, number: int, *, every: str = "daily") -> str:
    """The id of the n-th occurrence as it was first planned, from 0; empty where it is gone or there is none."""
    master = calendar.find(person.key(series_id))
    assert master
    day = local(master["start"]).date() + timedelta(days=number * (7 if every == "weekly" else 1))
    key = f"{master['_key']}.{day:%Y%m%d}"
    return str(person.ids.given(key)) if calendar.find(key) else ""


def receives(home: Home, who: str, number: int, *, folder: str = "inbox", silent: bool = False) -> str:
    """A mail from somebody; ``number`` makes its Message-ID."""
    found = {"From": who, "To": home.address, "Subject": "Hello", "Message-ID": f"<m{number}@lantern.example>"}
    return str(home.person.receives(found, folder=folder, at=home.moment, silent=silent))


def sends(home: Home, who: str, number: int, *, silent: bool = False) -> str:
    """A mail to somebody, written by hand."""
    found = {"From": home.address, "To": who, "Subject": "Hello", "Message-ID": f"<m{number}@town.example>"}
    return str(home.person.sends(found, at=home.moment, silent=silent))


def person(name: str, *addresses: str) -> Json:
    return {"displayName": name, "emailAddresses": [{"name": name, "address": each} for each in addresses]}


def spoilt_event(start: datetime) -> Json:
    """An event whose hour nobody can read."""
    return event(start) | {"_raw": {"start": {"dateTime": "soon", "timeZone": "UTC"}}}


def drops(calendar: Calendar, person: Any, occurrence_id: str) -> None:
    """Takes one occurrence out: Exchange keeps that in the series, which is told as changed."""
    series_id = person.ids.given(person.key(occurrence_id).partition(".")[0])
    calendar.remove(occurrence_id)
    calendar.put({"id": series_id})
    unless_empty(calendar, person, series_id)


def unless_empty(calendar: Calendar, person: Any, series_id: str) -> None:
    """A series of which nothing is left goes, too: Exchange keeps none."""
    head = person.key(series_id)
    if not any(each["_key"].partition(".")[0] == head for each in calendar.view(*EVER)):
        calendar.remove(series_id)
