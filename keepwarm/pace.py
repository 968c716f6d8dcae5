"""When may something go out: quiet hours, working days, the weekly hour of the digest, the two moments before a talk.

Called by `keepwarm.followups`, by `workers.prepare` before it writes an outbox row and by `workers.deliver` before it
sends one. Pure: ``now`` is passed in. Spans of absence (``away``) are UTC and leave their end out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from keepwarm.zones import local, monday_of, to_utc

Span = tuple[datetime, datetime]

DAY = timedelta(days=1)
BRIEF_DEADLINE = timedelta(minutes=30)  # RELIABILITY.md section 4, point 6
NOTE_DEADLINE = timedelta(minutes=5)  # the same
NOTE_BEFORE = timedelta(hours=1)  # PRODUCT.md section 4, "Brief"
BRIEF_IS_NOTE = timedelta(hours=2)  # ours: a full list this shortly before the start needs no second mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One owner's rhythm of being addressed. Defaults: PRODUCT.md section 4. Weekdays count from Monday, 0."""

    zone: str = "UTC"
    country: str = ""  # ISO 3166-1 alpha-2; empty or unknown: weekends only
    region: str = ""  # ISO 3166-2 part; empty or unknown: the country's own days
    quiet_from: time = time(20)
    quiet_to: time = time(8)
    weekend: frozenset[int] = frozenset({5, 6})
    weekly_people: int = 5
    daily_nudges: int = 1
    weekly_nudges: int = 5
    weekly_follow_ups: int = 3
    backlog_weeks: int = 8
    digest_weekday: int = 1
    digest_time: time = time(8, 30)
    brief_time: time = time(16)

    def __post_init__(self) -> None:
        if len(self.weekend) > 6:
            raise ValueError("a week needs at least one working day")


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefTimes:
    """When the question list and the short note go out; None: not at all. A moment behind us means: at once."""

    brief_at: datetime | None = None
    note_at: datetime | None = None


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays of a year; empty for a country that nobody knows."""
    for part in dict.fromkeys((region.strip() or None, None)):
        try:
            return frozenset(holidays.country_holidays(country.strip().upper(), subdiv=part, years=year))
        except (NotImplementedError, KeyError, ValueError):
            continue
    return frozenset()


def is_holiday(day: date, pace: Pace) -> bool:
    return bool(pace.country) and day in public_holidays(pace.country, pace.region, day.year)


def is_working_day(day: date, pace: Pace) -> bool:
    """Neither weekend nor public holiday."""
    return day.weekday() not in pace.weekend and not is_holiday(day, pace)


def previous_working_day(day: date, pace: Pace) -> date:
    """The last working day before ``day``."""
    day -= DAY
    while not is_working_day(day, pace):
        day -= DAY
    return day


def is_quiet(moment: datetime, pace: Pace, away: Sequence[Span] = ()) -> bool:
    """Whether nothing unasked should reach the owner then: evening and night, days off, absence."""
    here = local(moment, pace.zone)
    return (
        _in_quiet_hours(here.time(), pace)
        or not is_working_day(here.date(), pace)
        or any(start <= moment < end for start, end in away)
    )


def _in_quiet_hours(clock: time, pace: Pace) -> bool:
    if pace.quiet_from <= pace.quiet_to:
        return pace.quiet_from <= clock < pace.quiet_to
    return clock >= pace.quiet_from or clock < pace.quiet_to


def next_open(moment: datetime, pace: Pace, away: Sequence[Span] = ()) -> datetime:
    """The first moment from this one on that is not quiet."""
    while is_quiet(moment, pace, away):
        moment = max((end for start, end in away if start <= moment < end), default=_next_change(moment, pace))
    return moment


def _next_change(moment: datetime, pace: Pace) -> datetime:
    """The next moment at which a quiet time can end: the end of quiet hours or a midnight."""
    today = local(moment, pace.zone).date()
    ends = (to_utc(day, clock, pace.zone) for day in (today, today + DAY) for clock in (pace.quiet_to, time(0)))
    return min(end for end in ends if end > moment)


def digest_at(week: str, pace: Pace) -> datetime:
    """When the digest of a local ISO week ("2026-W48") goes out, UTC; always within that week.

    On a day off it moves to the next working day of the week, else to the last one before. An owner who chose a day of
    the weekend gets it then.
    """
    monday = monday_of(week)
    order = (*range(pace.digest_weekday, 7), *range(pace.digest_weekday - 1, -1, -1))
    days = [monday + number * DAY for number in order]
    chosen = next((day for day in days if _fits_digest(day, pace)), days[0])
    return to_utc(chosen, pace.digest_time, pace.zone)


def _fits_digest(day: date, pace: Pace) -> bool:
    if pace.digest_weekday in pace.weekend:
        return not is_holiday(day, pace)
    return is_working_day(day, pace)


def brief_times(
    start: datetime, booked_at: datetime | None, now: datetime, pace: Pace, away: Sequence[Span] = ()
) -> BriefTimes:
    """When the question list (the working day before) and the short note (an hour before) of a talk go out.

    ``booked_at`` is when the talk became known with this start, None for long ago. What comes too late to be of use is
    None; a short note right after a full list is left out.
    """
    eve = previous_working_day(local(start, pace.zone).date(), pace)
    planned = (to_utc(eve, pace.brief_time, pace.zone), start - NOTE_BEFORE)
    known = [max(moment, booked_at or moment) for moment in planned]
    brief = _held(known[0], now, start - BRIEF_DEADLINE, pace, away)
    note = _held(known[1], now, start - NOTE_DEADLINE, pace, away)
    if brief is not None and max(brief, now) > start - BRIEF_IS_NOTE:
        note = None
    return BriefTimes(brief_at=brief, note_at=note)


def _held(ready: datetime, now: datetime, deadline: datetime, pace: Pace, away: Sequence[Span]) -> datetime | None:
    """``ready``, or the end of a quiet time that still leaves room; None once the deadline has passed."""
    if max(ready, now) > deadline:
        return None
    if not is_quiet(max(ready, now), pace, away):
        return ready
    later = next_open(max(ready, now), pace, away)
    return later if later <= deadline else ready
