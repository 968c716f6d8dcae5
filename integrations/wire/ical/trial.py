"""Whether a repetition rule ever happens, tried over the first years of its calendar. Called by `rules`.

The libraries search for the next match of a rule until the year 9999, seconds of work for a 30 February.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LAST_YEAR = 2200  # E6
_TRIED = 12_000  # days looked at: 28 years hold every pairing of date and weekday, but for the year 2100
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Parts = dict[str, str]


def comes_true(rule: Parts, start: date) -> bool:
    """Whether the rule matches any day within the first 12,000 looked at (28 years of days, or as many periods)."""
    if not any(name.startswith("BY") for name in rule):
        return True
    times = times_a_day(rule)
    places = [int(place) for place in rule.get("BYSETPOS", "").split(",") if place]
    picks = Picks.of(rule)
    looked = 0
    for days in _periods(rule, start):
        looked += len(days)
        found = sum(_picked(picks, day, start) for day in days) * times
        if found and (not places or min(abs(place) for place in places) <= found):
            return True
        if looked > _TRIED:
            return False
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """The filters of a rule, read once: a rule may list hundreds of numbers, and thousands of days are asked."""

    frequency: str
    numbers: dict[str, frozenset[int]]
    weekdays: frozenset[tuple[str, int]]  # with their ordinal, 0 for none

    @classmethod
    def of(cls, rule: Parts) -> Picks:
        lists = [name for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO") if name in rule]
        return cls(
            frequency=rule["FREQ"],
            numbers={name: frozenset(map(int, rule[name].split(","))) for name in lists},
            weekdays=frozenset((text[-2:], int(text[:-2] or 0)) for text in rule.get("BYDAY", "").split(",") if text),
        )


def times_a_day(rule: Parts) -> int:
    """How many times on one day the rule names."""
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(rule.get(name, "0").split(","))
    return times


def _periods(rule: Parts, start: date) -> Iterator[list[date]]:
    """The days of each successive year, month, week or day that the rule steps through, up to the year 2200."""
    step, at = int(rule["INTERVAL"]), date(start.year, start.month, start.day)
    if rule["FREQ"] in {"DAILY", "WEEKLY"}:
        long = 7 if rule["FREQ"] == "WEEKLY" else 1
        while at.year < LAST_YEAR:
            yield [at + timedelta(days=more) for more in range(long)]
            at += timedelta(days=long * step)
        return
    months = step * (12 if rule["FREQ"] == "YEARLY" else 1)
    index = start.year * 12 + (start.month - 1 if rule["FREQ"] == "MONTHLY" else 0)
    while index < LAST_YEAR * 12:
        year, month = divmod(index, 12)
        first = date(year, month + 1, 1)
        long = 365 + calendar.isleap(year) if rule["FREQ"] == "YEARLY" else calendar.monthrange(year, month + 1)[1]
        yield [first + timedelta(days=more) for more in range(long)]
        index += months


def _picked(picks: Picks, day: date, start: date) -> bool:
    """Whether the filters of the rule let a day through (RFC 5545, 3.3.10, with the defaults of a bare rule)."""
    if not _among(picks, "BYMONTH", (day.month,)):
        return False
    bare = not picks.weekdays and not picks.numbers.keys() - {"BYMONTH"}
    if bare and picks.frequency in {"MONTHLY", "YEARLY"}:
        monthly = "BYMONTH" in picks.numbers or picks.frequency == "MONTHLY"
        return day.day == start.day and (monthly or day.month == start.month)
    last = calendar.monthrange(day.year, day.month)[1]
    year = 365 + calendar.isleap(day.year)
    number = day.timetuple().tm_yday
    week = day.isocalendar().week
    return (
        _among(picks, "BYMONTHDAY", (day.day, day.day - last - 1))
        and _among(picks, "BYYEARDAY", (number, number - year - 1))
        and _among(picks, "BYWEEKNO", (week, week - 53, week - 54))
        and (not picks.weekdays or _weekday_fits(picks, day))
    )


def _among(picks: Picks, name: str, values: tuple[int, ...]) -> bool:
    return name not in picks.numbers or not picks.numbers[name].isdisjoint(values)


def _weekday_fits(picks: Picks, day: date) -> bool:
    name = _WEEKDAYS[day.weekday()]
    if (name, 0) in picks.weekdays:
        return True
    if picks.frequency not in {"MONTHLY", "YEARLY"} or (picks.frequency == "YEARLY" and "BYWEEKNO" in picks.numbers):
        return any(one == name for one, _ in picks.weekdays)  # an ordinal says nothing there
    at, long = day.day, calendar.monthrange(day.year, day.month)[1]
    if picks.frequency == "YEARLY" and "BYMONTH" not in picks.numbers:
        at, long = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    return not picks.weekdays.isdisjoint({(name, (at - 1) // 7 + 1), (name, -((long - at) // 7 + 1))})
