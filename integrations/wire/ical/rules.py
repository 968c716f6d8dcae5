"""Repetition rules: what is refused before a library sees it, and the rule restated in wall time.

Called by `fields`, `zones` and `series`. A rule can be small and yet cost minutes: repeat each second, step by zero, or
describe a day that never comes (30 February; experiment E5). So each is measured here, and tried for life by `trial`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo

from integrations.wire.ical.trial import LAST_YEAR, Parts, comes_true, times_a_day
from keepwarm.errors import Unreadable
from keepwarm.texts import mark

DAILY_OR_SLOWER = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
YEARLY_ONLY = frozenset({"YEARLY"})
MAX_TIMES_A_DAY = 24  # product of BYHOUR, BYMINUTE, BYSECOND (E6)
MAX_DATES = 2000  # RDATE and EXDATE of one item together (E6)
FIRST_YEAR = 1900  # E6
# Occurrences that the rules of one event together may make from its start to our windows; at 7 microseconds each (2
# cores of 2026) most of the 250 ms that an item may take (RELIABILITY.md F1). Enough for a daily event since 1970.
MAX_STEPS = 26_000
MAX_PLACES = 31  # BYSETPOS; each costs the library a look at the whole period

_LISTS = {
    "BYSECOND": (0, 60), "BYMINUTE": (0, 59), "BYHOUR": (0, 23), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53), "BYMONTH": (1, 12), "BYSETPOS": (-366, 366),
}  # fmt: skip
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_YEAR = re.compile(r"(?<![\d])(\d{4})\d{4}(?=T|\b)")


def refuse_dates(lines: list[str]) -> None:
    """Raises Unreadable for more than `MAX_DATES` listed dates, or a year outside 1900 to 2200."""
    if sum(line.count(",") + 1 for line in lines) > MAX_DATES:
        raise Unreadable(mark("The event lists more than 2,000 separate dates."))
    refuse_years(lines)


def refuse_years(lines: list[str]) -> None:
    for line in lines:
        if any(not FIRST_YEAR <= int(year) <= LAST_YEAR for year in _YEAR.findall(line.rpartition(":")[2])):
            raise Unreadable(mark("The event lies before 1900 or after 2200."))


def rule_parts(text: str) -> Parts:
    """The parts of an RRULE by upper-case name; raises Unreadable for what is no rule."""
    if len(text) > 4000:
        raise Unreadable(mark("The repetition rule is too long."))
    parts = dict[str, str]()
    for piece in filter(None, text.upper().replace(" ", "").split(";")):
        name, equals, value = piece.partition("=")
        if not equals or name in parts:
            raise Unreadable(mark("The repetition rule cannot be read."))
        parts[name] = value
    return parts


def naive_rule(
    parts: Parts, start: date, tz: tzinfo, *, allowed: frozenset[str] = DAILY_OR_SLOWER, most: int = MAX_STEPS
) -> str:
    """The rule restated for a series in wall time that begins at ``start``.

    Raises Unreadable beyond the limits (``most`` occurrences on the way), and for a rule that never happens.
    """
    if parts.get("FREQ") not in allowed:
        raise Unreadable(
            mark("The event repeats more often than daily, which no meeting does.")
            if len(allowed) > 1
            else mark("Not a yearly rule.")
        )
    kept: Parts = {"FREQ": parts["FREQ"], "INTERVAL": str(_number(parts.get("INTERVAL", "1"), 1, 10_000))}
    for name, (low, high) in _LISTS.items():
        if name in parts:
            values = [_number(value, low, high) for value in parts[name].split(",")]
            if low < 0 and 0 in values:
                raise Unreadable(mark("The repetition rule holds an impossible number."))
            kept[name] = ",".join(str(value) for value in sorted(set(values)))
    if "BYDAY" in parts:
        kept["BYDAY"] = _weekdays(parts["BYDAY"])
    if parts.get("WKST") in _WEEKDAYS:
        kept["WKST"] = parts["WKST"]
    count = _number(parts.get("COUNT", "-1"), -1_000_000, 1_000_000)
    if count >= 0:  # some programs write -1 for "for ever"
        kept["COUNT"] = str(count)
    elif until := _until(parts.get("UNTIL", ""), start, tz):
        kept["UNTIL"] = until
    _refuse_costly(kept, start, most)
    if not comes_true(kept, start):
        raise Unreadable(mark("The repetition rule describes a day that never comes."))
    return ";".join(f"{name}={value}" for name, value in kept.items())


def _number(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,7}", text) or not low <= int(text) <= high:
        raise Unreadable(mark("The repetition rule holds an impossible number."))
    return int(text)


def _weekdays(text: str) -> str:
    days = text.split(",")
    if len(days) > 60 or not all(_BYDAY.fullmatch(day) for day in days):
        raise Unreadable(mark("The repetition rule names an unknown weekday."))
    return ",".join(dict.fromkeys(day.lstrip("+") for day in days))


def _until(text: str, start: date, tz: tzinfo) -> str:
    """The last moment in wall time, of the type of ``start``; empty for none or one past 2200 ("for ever" to some)."""
    if not text:
        return ""
    found = _UNTIL.fullmatch(text)
    if not found:
        raise Unreadable(mark("The repetition rule ends at an unreadable date."))
    if int(found[1]) > LAST_YEAR:
        return ""
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        clock = time(int(found[4]), int(found[5]), min(int(found[6] or 0), 59)) if found[4] else time(23, 59, 59)
    except ValueError as wrong:
        raise Unreadable(mark("The repetition rule ends at an impossible date.")) from wrong
    last = datetime.combine(day, clock)
    if found[7]:
        last = last.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)
    return last.strftime("%Y%m%dT%H%M%S" if isinstance(start, datetime) else "%Y%m%d")


def _refuse_costly(rule: Parts, start: date, most: int) -> None:
    if rule.get("BYSETPOS", "").count(",") >= MAX_PLACES:
        raise Unreadable(mark("The repetition rule is too long."))
    if times_a_day(rule) > MAX_TIMES_A_DAY:
        raise Unreadable(mark("The event repeats more often within a day than we follow."))
    if steps_of(rule, start) > most:
        raise Unreadable(mark("The event has repeated too often since it began."))


def steps_of(rule: Parts, start: date) -> int:
    """How many occurrences at most lie on the way from the beginning of the series to the end of our windows."""
    periods = {"DAILY": 366, "WEEKLY": 53, "MONTHLY": 12, "YEARLY": 1}[rule["FREQ"]] / int(rule["INTERVAL"])
    years = max(2040 - start.year, 2)  # a round year beyond our windows, so that the answer does not depend on the day
    steps = int(periods * years * _days_picked(rule) * times_a_day(rule))
    return min(steps, int(rule.get("COUNT", steps)))


def _days_picked(rule: Parts) -> int:
    """How many days of one period the rule can pick at most."""
    picks = any(name in rule for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    if rule["FREQ"] == "DAILY" or not picks:
        return len(rule["BYMONTH"].split(",")) if rule["FREQ"] == "YEARLY" and "BYMONTH" in rule else 1
    if rule["FREQ"] == "WEEKLY":
        return len(rule.get("BYDAY", "").split(","))
    if rule["FREQ"] == "MONTHLY":
        return _most_days(rule)
    return _most_days(rule) * len(rule["BYMONTH"].split(",")) if "BYMONTH" in rule else 366


def _most_days(rule: Parts) -> int:
    """How many days of one month a rule can pick at most."""
    days = sum(1 if re.match(r"[+-]?\d", day) else 5 for day in rule.get("BYDAY", "").split(",") if day)
    dates = len(rule.get("BYMONTHDAY", "").split(",")) if "BYMONTHDAY" in rule else 31
    most = min(days or 31, dates)
    return min(most, len(rule["BYSETPOS"].split(","))) if "BYSETPOS" in rule else most
