"""Two moments that a message can offer, free in the owner's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from keepwarm.pace import Pace, Span, is_quiet, is_working_day
from keepwarm.zones import local, to_utc

TALK = timedelta(minutes=30)  # a free moment has room for twenty minutes and the way there
AHEAD = 2  # working days before the first moment that is offered: somebody has to read it first
APART = 2  # days between the two
CLOCKS = (time(10), time(11), time(14), time(15, 30), time(9), time(13), time(16, 30))  # ours: the kindest hours first
WEEKS = 4


def free_moments(now: datetime, pace: Pace, busy: Sequence[Span], away: Sequence[Span]) -> tuple[datetime, ...]:
    """Two moments on different days in which the owner's calendar is free, UTC; fewer where the weeks ahead are full.

    On working days, outside quiet hours, not before the day after tomorrow's working day.
    """
    found: list[datetime] = []
    earliest, left = local(now, pace.zone).date(), AHEAD
    for number in range(1, 7 * WEEKS):
        day = earliest + timedelta(days=number)
        if not is_working_day(day, pace):
            continue
        left -= 1
        if left >= 0 or (found and day - local(found[0], pace.zone).date() < timedelta(days=APART)):
            continue
        clocks = CLOCKS if not found else (*CLOCKS[2:], *CLOCKS[:2])  # a morning, then an afternoon
        moments = (to_utc(day, clock, pace.zone) for clock in clocks)
        free = next((at for at in moments if not is_quiet(at, pace, away) and _free(at, busy)), None)
        if free is not None:
            found.append(free)
        if len(found) == 2:
            break
    return tuple(found)


def _free(at: datetime, busy: Sequence[Span]) -> bool:
    return all(end <= at or start >= at + TALK for start, end in busy)
