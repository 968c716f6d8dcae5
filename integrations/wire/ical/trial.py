"""Whether a repetition rule ever happens, tried over the first years of its calendar. Called by `rules`.

The libraries search for the next match of a rule until the year 9999, seconds of work for a 30 February.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
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
    looked = 0
    for days in _periods(rule, start):
        looked += len(days)
        found = sum(_picked(rule, day, start) for day in days) * times
        if found and (not places or min(abs(place) for place in places) <= found):
            return True
        if looked > _TRIED:
            return False
    return False


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


def _picked(rule: Parts, day: date, start: date) -> bool:
    """Whether the filters of the rule let a day through (RFC 5545, 3.3.10, with the defaults of a bare rule)."""
    if "BYMONTH" in rule and str(day.month) not in rule["BYMONTH"].split(","):
        return False
    bare = not any(name in rule for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    if bare and rule["FREQ"] in {"MONTHLY", "YEARLY"}:
        return day.day == start.day and ("BYMONTH" in rule or rule["FREQ"] == "MONTHLY" or day.month == start.month)
    last = calendar.monthrange(day.year, day.month)[1]
    year = 365 + calendar.isleap(day.year)
    number = day.timetuple().tm_yday
    return (
        _among(rule, "BYMONTHDAY", {day.day, day.day - last - 1})
        and _among(rule, "BYYEARDAY", {number, number - year - 1})
        and _among(rule, "BYWEEKNO", {day.isocalendar().week, day.isocalendar().week - 53, day.isocalendar().week - 54})
        and _weekday_fits(rule, day)
    )


def _among(rule: Parts, name: str, values: set[int]) -> bool:
    return name not in rule or any(int(value) in values for value in rule[name].split(","))


def _weekday_fits(rule: Parts, day: date) -> bool:
    if "BYDAY" not in rule:
        return True
    ordinals = rule["FREQ"] == "MONTHLY" or (rule["FREQ"] == "YEARLY" and "BYWEEKNO" not in rule)
    by_month = rule["FREQ"] == "MONTHLY" or "BYMONTH" in rule
    at, long = day.day, calendar.monthrange(day.year, day.month)[1]
    if not by_month:
        at, long = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    places = {(at - 1) // 7 + 1, -((long - at) // 7 + 1)}
    for text in rule["BYDAY"].split(","):
        number, name = text[:-2], text[-2:]
        if _WEEKDAYS[day.weekday()] == name and (not number or not ordinals or int(number) in places):
            return True
    return False
