"""Events as Graph tells them and as they are put into the emulator; readers of them; what a store makes of pages.

Called by the tests of calendars in this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.base import Opening
from integrations.microsoft.calendars import Calendars
from integrations.microsoft.calls import Calls
from keepwarm.types import CalendarEvent, Page, Stream, StreamKind
from tests.emulators.microsoft import Microsoft, Person

ZONE = "Europe/Amsterdam"
WINDOWS = "W. Europe Standard Time"
START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SERIES = "040000008200E00074C5B7101A82E00800000000A1B2C3D4E5F60708000000000000000010000000" + "AB" * 16
Open = Callable[..., Opening]


def reader(town: Microsoft, person: Person, opening: Open, **changes: Any) -> Calendars:
    opened = opening(town, person, "calendar", **changes)
    return Calendars(Calls(opened), opened)


def stream(person: Person, cursor: str = "", place: str = "") -> Stream:
    ref = place or person.calendar.id
    return Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=ref, cursor=cursor)


def at(moment: datetime, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone}


def whom(address: str, name: str = "", reply: str = "none", **more: Any) -> dict[str, Any]:
    return {
        "type": "required", "emailAddress": {"address": address, "name": name or address},
        "status": {"response": reply, "time": "0001-01-01T00:00:00Z"},
    } | more  # fmt: skip


def meeting(**fields: Any) -> dict[str, Any]:
    """As it is put into the emulator."""
    given = {
        "subject": "A talk", "start": at(START), "end": at(START + timedelta(hours=1)),
        "originalStartTimeZone": WINDOWS,
        "attendees": [whom("me@example.org", reply="accepted"), whom("ann@example.com", "Ann", "notResponded")],
        "organizer": {"emailAddress": {"name": "Ann", "address": "ann@example.com"}},
    }  # fmt: skip
    return given | fields


def weekly(count: int = 4, first: datetime = START, **fields: Any) -> dict[str, Any]:
    local = first + timedelta(hours=1)  # winter in Amsterdam
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [f"{local:%A}".lower()]}
    bounds = {"type": "numbered", "startDate": f"{local:%Y-%m-%d}", "numberOfOccurrences": count}
    times = {"start": at(local, WINDOWS), "end": at(local + timedelta(hours=1), WINDOWS)}
    return meeting(**times | {"recurrence": {"pattern": pattern, "range": bounds}} | fields)


def told(**fields: Any) -> dict[str, Any]:
    """An event as Graph tells it."""
    return {"id": "abc", "type": "singleInstance", "iCalUId": SERIES} | meeting(**fields)


def found(pages: list[Page]) -> dict[tuple[str, str], CalendarEvent]:
    items = [each for page in pages for each in page.items]
    return {(each.uid, each.occurrence): each for each in items if isinstance(each, CalendarEvent)}


def read(calendars: Calendars, person: Person, cursor: str = "") -> list[Page]:
    return list(calendars.changes(stream(person, cursor)))


class Book:
    """What the store makes of pages (`keepwarm.store.resources`) without its second look: key → resource and start."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[str, datetime]] = {}

    def hears(self, pages: list[Page]) -> Book:
        for page in pages:
            items = [each for each in page.items if isinstance(each, CalendarEvent)]
            keys = {(each.uid, each.occurrence) for each in items}
            self.rows |= {(each.uid, each.occurrence): (each.resource_ref, each.start_at) for each in items}
            gone = {key for key, (ref, _) in self.rows.items() if ref in page.whole and key not in keys}
            if page.everything is not None:
                low, high = page.span or (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
                inside = {ref for ref, start in self.rows.values() if low <= start < high}
                lost = inside - page.everything
                gone |= {key for key, (ref, _) in self.rows.items() if ref in lost}
            for key in gone:
                del self.rows[key]
        return self

    @property
    def starts(self) -> list[datetime]:
        return sorted(start for _, start in self.rows.values())
