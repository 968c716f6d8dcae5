"""The months and weeks that pictures over time have as columns, by the owner's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from keepwarm.zones import local, to_utc

MONTHS = 12
WEEKS = 13  # a quarter of a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One column: from its first ``day`` to just before ``end``, which for the last one is now. Moments are UTC."""

    day: date
    start: datetime
    end: datetime


def last_months(now: datetime, zone: str, count: int = MONTHS) -> list[Span]:
    """The last months in order, the one that runs included."""
    days = [local(now, zone).date().replace(day=1)]
    while len(days) < count:
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    return _spans(days, now, zone)


def last_weeks(now: datetime, zone: str, count: int = WEEKS) -> list[Span]:
    """The same by week; each begins on a Monday."""
    today = local(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    return _spans([monday - timedelta(weeks=number) for number in range(count)], now, zone)


def _spans(days: list[date], now: datetime, zone: str) -> list[Span]:
    """``days``: the newest first."""
    starts = [to_utc(day, time(), zone) for day in days]
    ends = [now, *starts[:-1]]
    return [
        Span(day=day, start=start, end=end) for day, start, end in reversed(list(zip(days, starts, ends, strict=True)))
    ]
