"""Recurring events as their instances. `calendars.py` expands with it.

Instances keep wall-clock time in the event's zone. Ids: the series' id, "_", and the original start (UTC, or a date).
RFC 5545, 3.3.10 and 3.8.5, by dateutil.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.emulators.google.values import Json

MOST = 730  # instances of one endless series; the real limit is not published
DROPPED = ("recurrence", "recurringEventId", "originalStartTime")


def start_of(event: Json) -> datetime | None:
    """When it starts, or None for a cancelled one that has no start; all-day events start at midnight UTC."""
    return moment(event["start"]) if "start" in event else None


def end_of(event: Json) -> datetime | None:
    return moment(event["end"]) if "end" in event else start_of(event)


def moment(at: Json) -> datetime:
    """Of an EventDateTime, aware."""
    if at.get("date"):
        return datetime.combine(date.fromisoformat(at["date"]), time(), UTC)
    found = datetime.fromisoformat(at["dateTime"])
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(at.get("timeZone", "UTC")))


def instance_id(series: str, original: Json) -> str:
    """Of the instance that was to start at ``original`` (an EventDateTime)."""
    if original.get("date"):
        return f"{series}_{original['date'].replace('-', '')}"
    return f"{series}_{moment(original).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def instances(event: Json, *, after: datetime | None = None, before: datetime | None = None) -> Iterator[Json]:
    """The instances of a series in order, as if none had been changed: those that end after ``after`` and start before
    ``before``, at most `MOST`."""
    all_day = bool(event["start"].get("date"))
    zone = UTC if all_day else ZoneInfo(event["start"].get("timeZone", "UTC"))
    first, length = moment(event["start"]).astimezone(zone), moment(event["end"]) - moment(event["start"])
    rule = rrulestr(
        "\n".join(_local(line, zone) for line in event["recurrence"]), dtstart=first.replace(tzinfo=None), forceset=True
    )
    every = (naive.replace(tzinfo=zone) for naive in rule)
    starts = takewhile(lambda start: before is None or start < before, every)
    for start in islice((start for start in starts if after is None or start + length >= after), MOST):
        yield _instance(event, start, start.astimezone(UTC) + length, all_day=all_day)


def _instance(event: Json, start: datetime, end: datetime, *, all_day: bool) -> Json:
    zone = {} if all_day else {"timeZone": event["start"].get("timeZone", "UTC")}
    at = {"date": start.date().isoformat()} if all_day else {"dateTime": start.isoformat()} | zone
    until = (
        {"date": end.date().isoformat()} if all_day else {"dateTime": end.astimezone(start.tzinfo).isoformat()} | zone
    )
    kept = {name: part for name, part in event.items() if name not in DROPPED}
    id_ = instance_id(event["id"], at)
    return kept | {"id": id_, "start": at, "end": until, "recurringEventId": event["id"], "originalStartTime": at}


def _local(line: str, zone: ZoneInfo | object) -> str:
    """A line of the rule with all its moments as wall-clock time of the series."""
    line = re.sub(r"^(EXDATE|RDATE);[^:]*:", r"\1:", line)

    def wall(found: re.Match[str]) -> str:
        at = datetime.strptime(found.group(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"{at.astimezone(zone):%Y%m%dT%H%M%S}"  # type: ignore[arg-type]

    return re.sub(r"\d{8}T\d{6}Z", wall, line)


def overlaps(event: Json, low: datetime | None, high: datetime | None) -> bool:
    """Whether it ends after ``low`` and starts before ``high``; what has no times always does."""
    start, end = start_of(event), end_of(event)
    if start is None or end is None:
        return True
    return (low is None or end > low or (end == start >= low)) and (high is None or start < high)


def around(id_: str) -> tuple[datetime, datetime] | None:
    """Two moments between which the instance of that id was to start; None where the id is no instance's."""
    found = re.fullmatch(r".+_(\d{8})(T\d{6}Z)?", id_)
    if not found:
        return None
    day = datetime.strptime(found.group(1), "%Y%m%d").replace(tzinfo=UTC)
    return day - timedelta(days=1), day + timedelta(days=2)


def next_year(now: datetime) -> datetime:
    """How far endless series are expanded where no end is asked."""
    return now + timedelta(days=365)
