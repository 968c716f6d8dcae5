"""Delta rounds over a calendar's view: single events, occurrences and exceptions in a window frozen in the token.

`calendar_api.py` calls this. PROVIDERS.md, section 4, Delta: MD api-reference/v1.0/api/event-delta.md. What lies
outside the window, or left it, comes as @removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.emulators.microsoft import deltas
from tests.emulators.microsoft.calendars import Calendar
from tests.emulators.microsoft.deltas import Round, Row
from tests.emulators.microsoft.event_shape import LEAN, shown
from tests.emulators.microsoft.values import Call, wrong
from tests.emulators.stand.values import Json


def window(query: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Refusal, a breach, without both bounds or with one that is no moment; without offset they are UTC."""
    found = []
    for name in ("startDateTime", "endDateTime"):
        try:
            at = datetime.fromisoformat(query[name])
        except (KeyError, ValueError) as exc:
            raise wrong(f"This request requires a time window: {name} is missing or no moment.") from exc
        found.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    if found[0] >= found[1]:
        raise wrong("The window ends before it starts.")
    return found[0], found[1]


def answered(call: Call, calendar: Calendar) -> Json:
    if not {"$deltatoken", "$skiptoken"} & call.query.keys():
        window(call.query)
    return deltas.answered(call, "calendar", f"calendar {calendar.key}", lambda found: _rows(call, calendar, found))


def _rows(call: Call, calendar: Calendar, found: Round) -> Iterator[Row]:
    for entry in calendar.changes.between(found.start, found.until):
        items = list(_items(call, calendar, entry.key, found))
        for place, item in enumerate(items):
            yield Row(place=[entry.number, place], shown=lambda item=item: _shown(call, item))  # type: ignore[misc]


def _items(call: Call, calendar: Calendar, key: str, found: Round) -> Iterator[Json | str]:
    """Events of the change that lie in the window, and keys of what is no more in it."""
    low, high = window(found.query)
    new, old = calendar.version(key, found.until), calendar.version(key, found.since)
    now = list(calendar.within(new, low, high))
    if new and new.get("recurrence") and now and call.town.lean_occurrences:
        yield new
    yield from now
    if found.first and not call.town.removes_at_first:
        return
    held = {one["_key"] for one in now}
    gone = [one["_key"] for one in calendar.within(old, low, high) if one["_key"] not in held]
    yield from gone
    if not now and key not in gone and not (gone and new):
        yield key


def _shown(call: Call, item: Json | str) -> Json:
    ids, immutable = call.person.ids, call.prefer.immutable
    if isinstance(item, str):
        return deltas.removed(ids.given(item, immutable=immutable))
    whole = shown(call, item)
    if item["type"] == "occurrence" and call.town.lean_occurrences:
        return deltas.chosen(whole, LEAN)
    return whole
