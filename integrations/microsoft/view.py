"""The events of one calendar at Graph, in a window, as they are asked for. Called by `calendars`.

What changed is told by delta over the calendar's view, which takes no $select: descriptions of single events travel
with it, which nothing here can keep away. They are asked for as plain text, never looked at, kept or logged. Everything
else is asked for by name, without them.

Follows M/graph/api/event-delta, event-list-instances and calendar-list-calendarview, read November 2026 (PROVIDERS.md
section 4). Not verified on a real account: that a view may reach over `calendars.BACK` and `AHEAD` (1,825 days are said
to be the most); that odata.maxpagesize counts for every link of a round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import quote, urlencode

from integrations.microsoft.batch import MOST, fetch
from integrations.microsoft.calls import Calls, Reply, refusal
from integrations.microsoft.deltas import GONE, LOST, TROUBLE, Params, Refused, changes, failure, listed
from integrations.microsoft.points import Point
from integrations.wire.answers import Told, text
from integrations.wire.within import Fails
from keepwarm.errors import Rejected
from keepwarm.texts import mark

SIZES = (50, 10, 1)  # events of a page, the later where they are long; ours
NAMES = 1000  # ids of one answer, the most there may be
MOMENTS = "%Y-%m-%dT%H:%M:%SZ"
UTC_TIMES = 'outlook.timezone="UTC"'
_PREFER = (UTC_TIMES, 'outlook.body-content-type="text"')
SELECT = (
    "id,type,seriesMasterId,iCalUId,subject,start,end,isAllDay,isCancelled,isDraft,showAs,location,locations,organizer,"
    "attendees,responseStatus,originalStart,originalStartTimeZone,transactionId"
)

NOT_THERE = mark("This calendar is no longer at Microsoft. What was read is kept; choose another one under Accounts.")


class View:
    """The events of one calendar, for a pass that goes on from a point."""

    def __init__(self, calls: Calls, calendar: str, point: Point) -> None:
        self._calls, self._point = calls, point
        self._path = f"/me/calendars/{quote(calendar, safe='')}"

    def changed(self) -> Iterator[tuple[str, Told, str]]:
        """Pages from the point on, as `deltas.changes`. Raises CursorExpired, Rejected without such a calendar."""
        point, path = self._point, f"{self._path}/calendarView/delta()"
        first = _between(*point.window)
        try:
            yield from changes(self._calls, path, first, point.page or point.link, sizes=SIZES, prefer=_PREFER)
        except Refused as error:
            raise _unless_absent(error) from error

    def names(self) -> frozenset[str]:
        """The names of all resources (`resources`) that there are now. Raises as `changed` does."""
        try:
            return frozenset(filter(None, map(ref_of, self._named(*self._point.window))))
        except Refused as error:
            raise _unless_absent(error) from error

    def series(self, master: str) -> list[Told] | None:
        """All that a series has in the window, occurrences and exceptions; None where there is no such series.

        Raises Refused, Fails.
        """
        path = f"/me/events/{quote(master, safe='')}/instances"
        asked = (*_between(*self._point.window), ("$select", SELECT))
        try:
            return list(listed(self._calls, path, asked, sizes=SIZES, prefer=_PREFER))
        except Refused as error:
            if error.absent:
                return None
            raise

    def looked_up(self, ids: Iterable[str]) -> Iterator[tuple[str, Told | Fails | None]]:
        """Each event as it is now, wherever it lies; None where it is gone, empty where nobody can read it.

        Where Graph fails at one of them, what is to be raised of it.
        """
        left, query = list(ids), urlencode({"$select": SELECT})
        while left:
            asked = {each: f"/me/events/{quote(each, safe='')}?{query}" for each in islice(left, MOST)}
            answered = fetch(self._calls, asked)
            for name, reply in answered.items():
                yield name, self._seen(reply)
            left = left[len(answered) :]

    def holds(self, event: Told, start: datetime) -> bool:
        """Whether what begins then lies in this calendar, not in another one of the person's. Raises as `series`."""
        around = self._named(start - timedelta(days=1), start + timedelta(days=1))  # days begin where one wakes up
        return any(text(each, "id") == text(event, "id") for each in around)

    def _named(self, start: datetime, end: datetime) -> Iterator[Told]:
        asked = (*_between(start, end), ("$select", "id,type,seriesMasterId"))
        return listed(self._calls, f"{self._path}/calendarView", asked, sizes=(NAMES,), prefer=(UTC_TIMES,))

    def _seen(self, reply: Reply) -> Told | Fails | None:
        if reply.status in TROUBLE:
            return failure(reply, self._calls)
        if not reply.good and reply.status not in LOST:
            raise refusal(reply, self._calls.now)
        return None if reply.status in GONE else reply.told if reply.good else {}


def ref_of(event: Told) -> str:
    """The name of the resource that an event belongs to: its series, or itself."""
    return text(event, "seriesMasterId") or text(event, "id")


def _between(start: datetime, end: datetime) -> Params:
    return ("startDateTime", f"{start:{MOMENTS}}"), ("endDateTime", f"{end:{MOMENTS}}")


def _unless_absent(error: Refused) -> Rejected:
    return Rejected(NOT_THERE) if error.absent else error
