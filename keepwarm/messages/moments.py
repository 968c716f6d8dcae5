"""Two moments that a message can offer, free in the owner's calendar, and not the same two for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice

from keepwarm.pace import Pace, Span, is_quiet, is_working_day
from keepwarm.zones import local, to_utc

TALK = timedelta(minutes=30)  # a free moment has room for twenty minutes and the way there
AHEAD = 2  # working days before the first moment that is offered: somebody has to read it first
APART = timedelta(days=2)  # between the two
CLOCKS = (time(10), time(11), time(14), time(15, 30), time(9), time(13), time(16, 30))  # ours: the kindest hours first
AFTERNOON = (*CLOCKS[2:], *CLOCKS[:2])  # a morning, then an afternoon
WEEKS = 4
SPREAD = 5  # days on which the first may fall: as many as one writes to in a week (`keepwarm.pace`)

Day = tuple[date, frozenset[time]]  # its free clocks, one at least


def free_moments(
    now: datetime, pace: Pace, busy: Sequence[Span], away: Sequence[Span], turn: int = 0
) -> tuple[datetime, ...]:
    """Two moments on different days in which the owner's calendar is free, UTC; fewer where the weeks ahead are full.

    On working days, outside quiet hours, not before the day after tomorrow's working day. ``turn`` tells apart those
    who are written to: each has a weekday and an hour of their own, also when they are written to on another day, so
    that in an empty calendar no moment is offered to more than two of any 35 turns in a row.
    """
    days = list(islice(_free_days(now, pace, busy, away), SPREAD + 2))  # enough for so many pairs
    pairs = list(_pairs(days))[:SPREAD]
    if not pairs:
        return tuple(to_utc(day, _clock(CLOCKS, free, turn), pace.zone) for day, free in days[:1])
    rounds, weekday = divmod(turn, SPREAD)
    (one, early), (two, late) = min(pairs, key=lambda pair: (pair[0][0].weekday() - weekday) % 7)
    clocks = (one, _clock(CLOCKS, early, rounds)), (two, _clock(AFTERNOON, late, rounds))
    return tuple(to_utc(day, clock, pace.zone) for day, clock in clocks)


def _free_days(now: datetime, pace: Pace, busy: Sequence[Span], away: Sequence[Span]) -> Iterator[Day]:
    """The days on which something can be offered, in order."""
    left = AHEAD
    for number in range(1, 7 * WEEKS):
        day = local(now, pace.zone).date() + timedelta(days=number)
        if not is_working_day(day, pace):
            continue
        left -= 1
        moments = {clock: to_utc(day, clock, pace.zone) for clock in CLOCKS} if left < 0 else {}
        free = [clock for clock, at in moments.items() if not is_quiet(at, pace, away) and _free(at, busy)]
        if free:
            yield day, frozenset(free)


def _pairs(days: Sequence[Day]) -> Iterator[tuple[Day, Day]]:
    """Each day with the first one far enough after it that is nobody else's second."""
    taken: set[date] = set()
    for one in days:
        two = next((each for each in days if each[0] - one[0] >= APART and each[0] not in taken), None)
        if two is not None:
            taken.add(two[0])
            yield one, two


def _clock(order: Sequence[time], free: frozenset[time], turn: int) -> time:
    """Another one of the free clocks at each turn, the first in order first."""
    fit = [clock for clock in order if clock in free]
    return fit[turn % len(fit)]


def _free(at: datetime, busy: Sequence[Span]) -> bool:
    return all(end <= at or start >= at + TALK for start, end in busy)
