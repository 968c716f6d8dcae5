"""The room there is for follow-ups in the coming weeks: days, ceilings and free quarters of an hour.

Used by `planner` alone. A ``Room`` is the planner's scratch paper: it lives for one run and changes as it places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from keepwarm.followups.values import LENGTH
from keepwarm.pace import Pace, Span, is_quiet, is_working_day
from keepwarm.zones import local, to_utc, week_name

FIRST, LAST = time(9), time(17)  # ours: office hours, in which most people can be reached
LEAD = timedelta(hours=1)  # ours: nothing drops into the hour that has already begun
DAY = timedelta(days=1)


class Room:
    """Counts what is taken and answers where the next follow-up fits."""

    def __init__(self, now: datetime, pace: Pace, busy: Sequence[Span], away: Sequence[Span]) -> None:
        self.pace = pace
        self.earliest = now + LEAD
        self.busy = _merged([*busy, *away])
        self.begins = [start for start, _ in self.busy]
        self.weeks: Counter[str] = Counter()
        self.days: Counter[date] = Counter()
        self.taken: set[datetime] = set()
        self.shut: set[date] = set()
        today = local(now, pace.zone).date()
        days = (today + number * DAY for number in range(7 * pace.backlog_weeks))
        self.horizon = [day for day in days if is_working_day(day, pace)]

    def even(self, more: int) -> int:
        """How many a week, at most the ceiling, when what stands and ``more`` share the weeks evenly (at least one)."""
        wanted = sum(self.weeks[each] for each in {week_name(day) for day in self.horizon}) + more
        return min(self.pace.weekly_follow_ups, max(1, -(-wanted // self.pace.backlog_weeks)))

    def take(self, moment: datetime, count: int = 1) -> None:
        """Note a follow-up at this moment; ``count=-1`` takes it back."""
        day = local(moment, self.pace.zone).date()
        self.weeks[week_name(day)] += count
        self.days[day] += count
        if count > 0:
            self.taken.add(moment)
        else:
            self.taken.discard(moment)

    def is_free(self, moment: datetime) -> bool:
        """Whether a follow-up may stand there as far as the calendar goes."""
        place = bisect_right(self.begins, moment + LENGTH - timedelta(microseconds=1))
        return place == 0 or self.busy[place - 1][1] <= moment

    def find(self, days: Sequence[date], *, per_day: int, per_week: int) -> datetime | None:
        """The first moment with room on one of these days, None if there is none."""
        for day in days:
            if self.has_room(day, per_day=per_day, per_week=per_week):
                found = next((slot for slot in self._slots(day) if slot >= self.earliest), None)
                if found:
                    return found
                self.shut.add(day)
        return None

    def has_room(self, day: date, *, per_day: int, per_week: int) -> bool:
        """Whether the ceilings of day and week leave room; a day found full of meetings has none."""
        return day not in self.shut and self.days[day] < per_day and self.weeks[week_name(day)] < per_week

    def _slots(self, day: date) -> Iterator[datetime]:
        slot, end = to_utc(day, FIRST, self.pace.zone), to_utc(day, LAST, self.pace.zone)
        while slot + LENGTH <= end:
            clear = all(abs(slot - other) >= LENGTH for other in self.taken)
            if clear and self.is_free(slot) and not is_quiet(slot, self.pace):
                yield slot
            slot += LENGTH


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The same time, as spans in order that neither overlap nor are empty."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
