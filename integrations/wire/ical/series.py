"""One event group into occurrences: repetition by `dateutil`, exceptions over it. Called by `reading`.

The library is given plain wall times and the bare rule, so that an occurrence keeps its hour over a change of the
clock; zones are applied afterwards. It is walked once, from the beginning to the end of the last window. An exception
belongs to the *original* start, whatever it moved to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from heapq import merge

from dateutil.rrule import rrulestr

from integrations.wire.ical.fields import Entry, Wall
from integrations.wire.ical.rules import MAX_STEPS, naive_rule, rule_parts, steps_of
from integrations.wire.ical.zones import midnight, moment
from keepwarm.types import CalendarEvent

WINDOW = timedelta(days=400)  # before now, after now, and from the beginning of a series (F4)
MAX_OCCURRENCES = 500  # a window (F4)


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
    windows = _windows(_clock(master.start), now.replace(hour=0, minute=0, second=0, microsecond=0))
    periods = () if master.all_day else (one for one in master.rdates if isinstance(one, tuple))
    lengths = {_clock(start): length for start, length in periods}
    usual, room, cut = master.end - master.start, [MAX_OCCURRENCES] * len(windows), False
    found = list[tuple[Wall, Wall]]()
    for start in _starts(master):
        if start >= windows[-1][1]:
            break
        end = start + lengths.get(start, usual)
        inside = [at for at, (begin, last) in enumerate(windows) if start < last and (end > begin or start >= begin)]
        free = next((at for at in inside if room[at]), None)
        if free is None:
            cut = cut or bool(inside)
            continue
        room[free] -= 1
        found.append((_as_start(start, master), _as_start(end, master)))
    return found, cut


def _windows(first: datetime, today: datetime) -> list[tuple[datetime, datetime]]:
    """400 days from the beginning of the series, before today and after it: those that there are, in order."""
    if first > today + WINDOW:
        return [(first, first + WINDOW)]
    early = [(first, first + WINDOW)] if first < today - WINDOW else []
    return [*early, (today - WINDOW, today), (today, today + WINDOW)]


def _starts(master: Entry) -> Iterator[datetime]:
    """Every start of the series in order, each once, without what is excluded. Perhaps without end."""
    begin = _clock(master.start)
    rules = [rrulestr(text, dtstart=begin) for text in _naive(master)]
    ends = [rule._until for rule in rules if rule._until]  # noqa: SLF001 - the library tells it no other way
    alone = sorted(_clock(one[0] if isinstance(one, tuple) else one) for one in master.rdates)
    if not ends or begin <= max(ends):
        alone.insert(0, begin)
        alone.sort()
    whole_days = {day for day in master.exdates if not isinstance(day, datetime)}
    moments = {_clock(_as_start(day, master)) for day in master.exdates if isinstance(day, datetime)}
    last = None
    for start in merge(alone, *rules):
        if start != last and start not in moments and start.date() not in whole_days:
            yield start
        last = start


def _naive(master: Entry) -> list[str]:
    """The rules restated; together they may take as many steps as one alone."""
    texts, left = list[str](), MAX_STEPS
    for rule in master.rules:
        texts.append(naive_rule(rule_parts(rule), master.start, master.zone.tz, most=left))
        left -= steps_of(rule_parts(texts[-1]), master.start)
    return texts


def _clock(wall: Wall) -> datetime:
    """A date as its first moment: all is compared as moments of one clock."""
    return wall if isinstance(wall, datetime) else datetime.combine(wall, time())


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
