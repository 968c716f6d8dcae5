"""The events of one calendar at Google, as they are asked for. Called by `calendars`.

What is asked is one setting for good, or a sync token is void: series as series (``singleEvents=false``), what was
deleted too, all event types, from the beginning: older meetings are touches, so there is no ``timeMin``. Descriptions,
attachments and calls are never fetched.

Follows events.list and events.get of calendar v3 (20261030), read November 2026 (PROVIDERS.md section 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import quote

from integrations.google.answers import Told, objects, paged, text
from integrations.google.asevent import is_cancelled
from integrations.google.calls import Calls, refusal
from integrations.google.hosts import CALENDAR
from integrations.google.points import Point
from integrations.wire.http import BUSY
from integrations.wire.within import Fails
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater, Unreadable
from keepwarm.texts import mark

PAGE = 250  # events of one answer: with `GUESTS` of each it stays below what one answer may hold (`http.ANSWER`)
GUESTS = 50  # of one event; of a larger one nobody is told (PROVIDERS.md section 11: no contacts from more than 20)
NAMES = 2500  # ids of one answer, the most there may be
TROUBLE = frozenset(range(500, 600))
MOST = 10  # answers of one series: five times the exceptions that the reader takes (`ical.reading.MAX_PARTS`)

_EVENT = (
    "id,etag,status,eventType,iCalUID,sequence,summary,location,transparency,start,end,recurrence,recurringEventId,"
    "originalStartTime,organizer(email,displayName,self),"
    "attendees(email,displayName,self,responseStatus,resource,optional),"
    "attendeesOmitted,extendedProperties/private"
)
_READING = {
    "singleEvents": "false",
    "showDeleted": "true",
    "maxAttendees": str(GUESTS),
    "maxResults": str(PAGE),
    "fields": f"kind,timeZone,nextPageToken,nextSyncToken,items({_EVENT})",
}
_NAMING = {"maxResults": str(NAMES), "fields": "kind,nextPageToken,items(id,status,recurringEventId)"}

NOT_THERE = mark("This calendar is no longer at Google. What was read is kept; choose another one under Accounts.")
WITHHELD = mark("The server lists this entry, but does not hand it out.")


def events_of(calendar: str) -> str:
    """Where the events of a calendar are."""
    return f"{CALENDAR}/calendars/{quote(calendar, safe='')}/events"


class Events:
    """The events of one calendar, for a pass that goes on from a point."""

    def __init__(self, calls: Calls, calendar: str, point: Point) -> None:
        self._calls, self._address, self._point = calls, events_of(calendar), point

    def changed(self) -> Iterator[tuple[str, Told, str]]:
        """Pages from the point on, as `answers.paged`. Raises CursorExpired, Rejected without such a calendar."""
        asked = _READING | {"syncToken": self._point.token}
        return paged(lambda page: self._list(asked | {"pageToken": page}), self._point.page)

    def names(self) -> frozenset[str]:
        """The names of all resources (`resources`) that there are now. Raises as `changed` does."""
        live, parts = set[str](), dict[str, str]()
        for _, told, _ in paged(lambda page: self._list(_NAMING | {"pageToken": page})):
            for each in objects(told, "items"):
                if not is_cancelled(each) and text(each, "recurringEventId"):
                    parts[text(each, "id")] = text(each, "recurringEventId")
                elif not is_cancelled(each):
                    live.add(text(each, "id"))
        return frozenset(live | {name for name, master in parts.items() if master not in live})

    def alike(self, uid: str) -> dict[str, Told]:
        """All that bear an iCalUID by their ids, also what is cancelled. Raises Unreadable where refused, Fails."""

        def ask(page: str) -> Told:
            reply = self._get(self._address, _READING | {"iCalUID": uid, "pageToken": page})
            if reply is None:
                raise Unreadable(WITHHELD)
            return reply

        return {text(each, "id"): each for _, told, _ in islice(paged(ask), MOST) for each in objects(told, "items")}

    def one(self, event_id: str) -> Told:
        """An event, also if it is cancelled; empty where there is none. Raises Fails."""
        asked = {"maxAttendees": str(GUESTS), "fields": _EVENT}
        return self._get(f"{self._address}/{quote(event_id, safe='')}", asked) or {}

    def _get(self, address: str, params: Mapping[str, str]) -> Told | None:
        """What is told; None where that one item is refused. Raises Fails where Google has trouble with it."""
        self._spend()
        reply = self._calls.get(address, _given(params), ok={400, 404, 410, 414} | TROUBLE)
        if reply.status in TROUBLE:
            error = refusal(reply, self._calls.now)
            raise Fails(error.after, error.says) if isinstance(error, TryAgainLater) else Fails(BUSY)
        return reply.told if reply.good else None

    def _list(self, params: Mapping[str, str]) -> Told:
        self._spend()
        reply = self._calls.get(self._address, _given(params), ok={400, 404, 410})
        if self._point.refused(reply):
            raise CursorExpired
        if reply.status == 404:
            raise Rejected(NOT_THERE)
        if not reply.good:
            raise refusal(reply, self._calls.now)
        return reply.told

    def _spend(self) -> None:
        self._calls.spend("calendar", 1, bulk=self._point.everything)


def _given(params: Mapping[str, str]) -> list[tuple[str, str]]:
    return [pair for pair in params.items() if pair[1]]
