"""Events as Google tells them and as they are put into the emulator; readers of them; what pages say.

Called by the tests of calendars in this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.base import Opening
from integrations.google.calendars import Calendars
from integrations.google.calls import Calls
from keepwarm.types import CalendarEvent, Page, Stream, StreamKind
from tests.emulators.google import Google, Person

ZONE = "Europe/Amsterdam"
START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
Open = Callable[..., Opening]


def reader(town: Google, person: Person, opening: Open, **changes: Any) -> Calendars:
    opened = opening(town, person, "calendar", **changes)
    return Calendars(Calls(opened), opened)


def stream(person: Person, cursor: str = "") -> Stream:
    return Stream(
        id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=person.address, cursor=cursor
    )


def at(moment: datetime, zone: str = ZONE) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": zone}


def meeting(**fields: Any) -> dict[str, Any]:
    guests = [
        {"email": "me@example.org", "self": True, "responseStatus": "accepted"},
        {"email": "ann@example.com", "displayName": "Ann Example", "responseStatus": "needsAction"},
    ]
    given = {"summary": "A talk", "start": at(START), "end": at(START + timedelta(hours=1)), "attendees": guests}
    return given | fields


def weekly(**fields: Any) -> dict[str, Any]:
    return meeting(**{"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]} | fields)


def exception(master: str, week: int, **fields: Any) -> dict[str, Any]:
    original = START + timedelta(weeks=week)
    given = meeting(start=at(original), end=at(original + timedelta(hours=1)))
    return given | {"recurringEventId": master, "originalStartTime": at(original)} | fields


def found(pages: list[Page]) -> dict[tuple[str, str], CalendarEvent]:
    items = [each for page in pages for each in page.items]
    return {(each.uid, each.occurrence): each for each in items if isinstance(each, CalendarEvent)}


def read(calendars: Calendars, person: Person, cursor: str = "") -> list[Page]:
    return list(calendars.changes(stream(person, cursor)))


def gone(before: list[Page], after: list[Page]) -> set[str]:
    """The resources of an earlier reading that a later one says are no more."""
    there = {each.resource_ref for each in found(before).values()}
    told = {each.resource_ref for each in found(after).values()}
    last = after[-1]
    missing = there - last.everything if last.everything is not None else set()
    return missing | ({ref for page in after for ref in page.whole} & there - told)
