"""One event group into occurrences: repetition by `recurring_ical_events`, exceptions over it. Called by `reading`.

The library is given plain wall times and the bare rule, so that an occurrence keeps its hour over a change of the
clock; zones are applied afterwards. An exception belongs to the *original* start, whatever it moved to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vRecur

from integrations.wire.ical.fields import Entry, Wall
from integrations.wire.ical.rules import naive_rule, rule_parts
from integrations.wire.ical.zones import midnight, moment
from keepwarm.types import CalendarEvent

WINDOW = timedelta(days=400)  # before now, after now, and from the beginning of a series (F4)
MAX_OCCURRENCES = 500  # a window (F4)
_STRETCH = 40  # days asked for at a time where an event repeats within a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The occurrences of one group in no particular order; ``cut`` tells that more exist in a window than we follow."""

    events: tuple[CalendarEvent, ...]
    cut: bool = False


def expand(master: Entry | None, exceptions: list[Entry], *, now: datetime) -> Expansion:
    """Every occurrence near now and near the beginning, and every exception wherever it lies. Keys are unique."""
    if master is None or not master.repeats:
        alone = [_event(one, _original(one, one), one) for one in exceptions]
        return Expansion(events=_unique([*([_event(master, None, master)] if master else []), *alone]))
    moved = {_original(one, master): one for one in exceptions}
    onwards = sorted(((start, one) for start, one in moved.items() if one.onwards), key=lambda pair: pair[0])
    walls, cut = _walls(master, now.replace(tzinfo=None))
    events = [_event(_placed(master, onwards, start, end), start, master) for start, end in walls if start not in moved]
    excluded = {_as_start(day, master) for day in master.exdates}
    events += [_event(one, start, master) for start, one in moved.items() if start not in excluded]
    return Expansion(events=_unique(events), cut=cut)


def _unique(events: list[CalendarEvent]) -> tuple[CalendarEvent, ...]:
    return tuple({event.occurrence: event for event in events}.values())


def _original(one: Entry, series: Entry) -> Wall:
    """The original start of an exception as the series writes its starts, whatever zone the exception was moved to."""
    start = one.original
    assert start is not None
    if isinstance(start, datetime) and one.zone != series.zone:
        start = moment(start, one.zone.tz).astimezone(series.zone.tz).replace(tzinfo=None)
    return _as_start(start, series)


def _as_start(start: Wall, series: Entry) -> Wall:
    """A date where the series is of dates; where it is not, a bare date gets the hour of its beginning."""
    if not isinstance(series.start, datetime):
        return date(start.year, start.month, start.day)
    return start if isinstance(start, datetime) else datetime.combine(start, series.start.time())


def _placed(master: Entry, onwards: list[tuple[Wall, Entry]], start: Wall, end: Wall) -> Entry:
    """The master moved to one of its occurrences; or the latest change "from here on", moved along."""
    since, change = next(((since, one) for since, one in reversed(onwards) if since < start), (start, master))
    if change is master or change.all_day != master.all_day:
        return replace(master, start=start, end=end)
    begin = change.start + (start - since)
    return replace(change, start=begin, end=begin + (change.end - change.start))


def _walls(master: Entry, now: datetime) -> tuple[list[tuple[Wall, Wall]], bool]:
    """Starts and ends of the occurrences as wall time, unique by start, and whether a window was cut."""
    query = recurring_ical_events.of(_bare(master))
    today = now.date()
    first = date(master.start.year, master.start.month, master.start.day)
    windows = [(today - WINDOW, today), (today, today + WINDOW)]
    if first < today - WINDOW:
        windows.insert(0, (first, first + WINDOW))
    elif first > today + WINDOW:
        windows = [(first, first + WINDOW)]
    found, cut = dict[Wall, Wall](), False
    for begin, last in windows:
        inside = dict[Wall, Wall]()
        for start, end in _between(query, begin, last, dense=_dense(master)):
            if start not in found:
                inside[start] = end
            if len(inside) > MAX_OCCURRENCES:
                cut = True
                inside.popitem()
                break
        found |= inside
    return list(found.items()), cut


def _dense(master: Entry) -> bool:
    return bool(master.rdates) or any(
        "BYHOUR" in rule or "BYMINUTE" in rule or "BYSECOND" in rule for rule in master.rules
    )


def _between(query: Any, begin: date, last: date, *, dense: bool) -> Iterator[tuple[Wall, Wall]]:
    step = timedelta(days=_STRETCH) if dense else WINDOW
    while begin < last:
        until = min(begin + step, last)
        for one in query.between(begin, until):
            yield one["DTSTART"].dt, one["DTEND"].dt
        begin = until


def _bare(master: Entry) -> Calendar:
    """A calendar of the master alone, in wall time, with checked rules."""
    event = Event()
    event.add("UID", "series")
    event.add("DTSTART", master.start)
    event.add("DTEND", master.end)
    rules = [naive_rule(rule_parts(rule), master.start, master.zone.tz) for rule in master.rules]
    if rules:
        event["RRULE"] = [vRecur.from_ical(rule) for rule in rules]
    if master.rdates:
        event["RDATE"] = vDDDLists([(one[0], one[1]) if isinstance(one, tuple) else one for one in master.rdates])
    if master.exdates:
        event["EXDATE"] = vDDDLists(list(master.exdates))
    calendar = Calendar()
    calendar.add_component(event)
    return calendar


def _event(entry: Entry, original: Wall | None, series: Entry) -> CalendarEvent:
    """The finished value. The key is the original start: an instant in UTC, or a date."""
    tz = entry.zone.tz
    if isinstance(entry.start, datetime) and isinstance(entry.end, datetime):
        start = moment(entry.start, tz)
        end = start + entry.exact if entry.exact is not None else moment(entry.end, tz)
    else:
        start, end = midnight(entry.start, tz), midnight(entry.end, tz)
    return CalendarEvent(
        uid=entry.uid,
        occurrence=_key(original, series),
        title=entry.title,
        start_at=start,
        end_at=max(start, end),
        zone=entry.zone.name,
        zone_guessed=entry.zone.guessed,
        all_day=entry.all_day,
        recurring=original is not None,
        cancelled=entry.cancelled,
        busy=entry.busy,
        location=entry.location,
        participants=entry.participants,
    )


def _key(original: Wall | None, series: Entry) -> str:
    if original is None:
        return ""
    if not isinstance(original, datetime):
        return original.isoformat()
    return moment(original, series.zone.tz).strftime("%Y-%m-%dT%H:%M:%SZ")
