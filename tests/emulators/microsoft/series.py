"""Recurring events as their occurrences: a patternedRecurrence by dateutil. `calendars.py` expands with it.

Occurrences keep wall-clock time in the zone of the series. M/graph/api/resources/recurrencepattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any

from dateutil import rrule

from tests.emulators.microsoft.zones import local, moment, zone
from tests.emulators.stand.values import Json

MOST = 2000  # occurrences looked at; the real limit is not published
DAYS = dict(
    zip(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU),
        strict=True,
    )
)
INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
KINDS = {
    "daily": rrule.DAILY, "weekly": rrule.WEEKLY, "absoluteMonthly": rrule.MONTHLY, "relativeMonthly": rrule.MONTHLY,
    "absoluteYearly": rrule.YEARLY, "relativeYearly": rrule.YEARLY,
}  # fmt: skip


def occurrences(event: Json, low: datetime, high: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """Day, start and end of each that ends after ``low`` and starts before ``high``, in order; aware."""
    first, length = local(event["start"]), moment(event["end"]) - moment(event["start"])
    home = zone(event["start"].get("timeZone") or "UTC") or UTC
    starts = (at.replace(tzinfo=home) for at in _rule(event["recurrence"], first))
    for start in takewhile(lambda at: at < high, islice(starts, MOST)):
        end = (start.astimezone(UTC) + length).astimezone(home)
        if end > low or start == end >= low:
            yield start.date(), start, end


def _rule(recurrence: Json, first: datetime) -> rrule.rrule:
    pattern, bounds = recurrence["pattern"], recurrence["range"]
    kind = pattern["type"]
    days = [DAYS[day] for day in pattern.get("daysOfWeek") or ()]
    by: dict[str, Any] = {"interval": pattern.get("interval") or 1, "dtstart": first}
    if kind == "weekly":
        by |= {"byweekday": days, "wkst": DAYS[pattern.get("firstDayOfWeek") or "sunday"]}
    if kind.startswith("relative"):
        index = INDEXES[pattern.get("index") or "first"]
        by |= {"byweekday": [day(index) for day in days]} if len(days) == 1 else {"byweekday": days, "bysetpos": index}
    if kind.startswith("absolute"):
        by["bymonthday"] = pattern.get("dayOfMonth") or first.day
    if kind.endswith("Yearly"):
        by["bymonth"] = pattern.get("month") or first.month
    if bounds["type"] == "numbered":
        by["count"] = bounds["numberOfOccurrences"]
    elif bounds["type"] == "endDate":
        by["until"] = datetime.combine(date.fromisoformat(bounds["endDate"]), time.max)
    return rrule.rrule(KINDS[kind], **by)


def around(day: date) -> tuple[datetime, datetime]:
    """Two moments between which the occurrence of that day starts, in whatever zone."""
    begin = datetime.combine(day, time(), UTC)
    return begin - timedelta(days=1), begin + timedelta(days=2)
