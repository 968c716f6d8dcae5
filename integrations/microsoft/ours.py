"""The calendar that we make at Graph, and our events in it. Called by the provider `microsoft`.

Found by our property before anything is inserted, always; inserted with a transaction that Graph takes once alone
(RELIABILITY.md B1, B5), and changed only as we saw it (If-Match). Graph forgets what was deleted: an event that was
written and is not there any more was taken away by the owner, and is never made again (B3). One that Graph knows as
inserted and that stands nowhere was taken away too, between our writing and our noting it.

Follows M/graph/api/calendar-post-events and event resource, read November 2026 (PROVIDERS.md section 4). Not verified
on a real account: for how long Graph remembers a transaction, and whether of deleted events too; whether the old id
comes with the refusal; that the filter on a property finds what was written a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from integrations.microsoft.calendarlist import TITLE, Entry, entries, ours
from integrations.microsoft.calls import STRANGE, Calls, Reply, refusal
from integrations.microsoft.deltas import Refused, listed
from integrations.microsoft.ourevent import KEY, SAID, SELECT, body_of, found, property_of, says, transaction_of
from integrations.microsoft.view import UTC_TIMES
from integrations.wire.answers import Told, text
from integrations.wire.http import BUSY
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import FoundEvent, OurEvent

ABSENT = frozenset({404, 410})
CONFLICTS = frozenset({400, 409})  # with a code that says which; clients report either (PROVIDERS.md section 4)
MEANWHILE_CHANGED = 412
TAKEN, DUPLICATE = "ErrorFolderExists", "ErrorDuplicateTransactionId"
EXISTING = "@event.existingEventId"
ATTEMPTS = 3  # to write, each after another look
PATIENCE = timedelta(minutes=1)  # after somebody else wrote at the same moment
MAKING = "calendar"  # what one worker alone does for an account
SIZES = (100,)  # events of one answer, without texts
_WITH = f"singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{SAID}')"

MEANWHILE = mark("The event is being changed by somebody else at this moment; we look again by ourselves.")
NOT_THERE = mark("Our calendar is no longer at Microsoft; we make another by ourselves.")
ANOTHERS = mark(
    "At Microsoft a calendar Keepwarm stands that we cannot write to. Rename or delete it there, and we make ours."
)


class OurCalendar:
    """The calendar of this account that is ours, wherever it is asked for: a look at the account's list finds it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._seen: dict[str, Any] = {}  # the hours of events by UID, as `get_event` told them

    def ensure_calendar(self) -> str:
        """The id of our own calendar, made if there is none. Raises TryAgainLater where it may have been made."""
        there = self._ours()
        if there:
            return there[0]
        with self._calls.alone(MAKING):  # else two workers make two, and each keeps its own
            return self._looked_and_made()

    def _looked_and_made(self) -> str:
        """A worker that took very long may meet another all the same: of two the first by id stays."""
        there = self._ours()
        if there:
            return there[0]
        reply = self._calls.call("POST", "/me/calendars", body={"name": TITLE}, ok=CONFLICTS)
        if not reply.good and reply.code != TAKEN:
            raise refusal(reply, self._calls.now)
        made = text(reply.told, "id") if reply.good else ""
        there = sorted({*filter(None, [made]), *ours(entries(self._calls))})
        if not there:
            raise Rejected(ANOTHERS) if reply.code == TAKEN else TryAgainLater(BUSY, STRANGE)
        if made and there[0] != made:
            self._calls.call("DELETE", _calendar(made), ok=ABSENT)
        return there[0]

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        """As `integrations.base.CalendarWriter.put_event`.

        Raises TryAgainLater where it stands at another hour than at the first look: the owner moved it meanwhile.
        """
        wanted, seen, known = body_of(event), self._seen.pop(event.uid, None), ""
        for _ in range(ATTEMPTS):
            held = self._one(known) if known else self._held(calendar_ref, event.uid)
            if held is None and (event.written or known):
                return FoundEvent(remote_ref=known, deleted_by_user=True)
            if held is not None and says(held, wanted):
                return found(held)
            seen = seen or _hours(held)
            if held is not None and _hours(held) != seen:
                break
            reply = self._insert(calendar_ref, event, wanted) if held is None else self._change(held, wanted)
            if reply.good and text(reply.told, "id"):
                return found(reply.told)
            if reply.code == DUPLICATE:
                known = text(reply.told, "error", EXISTING) or self._standing(calendar_ref, event.uid)
                if not known:
                    return FoundEvent(remote_ref="", deleted_by_user=True)
        raise TryAgainLater(PATIENCE, MEANWHILE)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        """What stands there now, None if nothing does: Graph does not remember what was deleted."""
        held = self._held(calendar_ref, uid)
        if held is None:
            return None
        self._seen[uid] = _hours(held)
        return found(held)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        """Remove it; absent is success."""
        for each in self._marked(calendar_ref, uid):
            self._remove(text(each, "id"))

    def remove_all(self) -> None:
        """Our calendars with all that is in them; where something else stands in one, only our events."""
        for ref in self._ours():
            there = list(self._listed(ref))
            mine = [text(each, "id") for each in there if property_of(each, KEY)]
            if len(mine) == len(there):
                self._calls.call("DELETE", _calendar(ref), ok=ABSENT)
                continue
            for each in mine:
                self._remove(each)

    # The calendar

    def _ours(self) -> list[str]:
        """Those of our name; where the owner gave it another, those in which events of ours stand."""
        there = entries(self._calls)
        return ours(there) or sorted(each.ref for each in there if self._bears(each))

    def _bears(self, entry: Entry) -> bool:
        if entry.main or not entry.own:
            return False
        return next(self._listed(entry.ref, f"ep/id eq '{KEY}' and ep/value ne null", size=1), None) is not None

    # One event

    def _held(self, calendar: str, uid: str) -> Told | None:
        """The event as it stands there; None without one. Of several, made by two workers at once, the first stays."""
        there = self._marked(calendar, uid)
        for each in there[1:]:
            self._remove(text(each, "id"))
        return there[0] if there else None

    def _marked(self, calendar: str, uid: str) -> list[Told]:
        name = uid.replace("'", "''")
        there = self._listed(calendar, f"ep/id eq '{KEY}' and ep/value eq '{name}'")
        return sorted((each for each in there if property_of(each, KEY) == uid), key=lambda each: text(each, "id"))

    def _standing(self, calendar: str, uid: str) -> str:
        return next((text(each, "id") for each in self._marked(calendar, uid)), "")

    def _one(self, event_id: str) -> Told | None:
        asked = (("$select", SELECT), ("$expand", _WITH))
        reply = self._calls.get(_event(event_id), asked, prefer=(UTC_TIMES,), ok=ABSENT)
        if reply.good and text(reply.told, "id") != event_id:
            raise TryAgainLater(BUSY, STRANGE)
        return reply.told if reply.good else None

    def _insert(self, calendar: str, event: OurEvent, wanted: dict[str, Any]) -> Reply:
        """The answer, if it is good or says that it was inserted already."""
        body = wanted | {"transactionId": transaction_of(event, calendar)}
        path = f"{_calendar(calendar)}/events"
        reply = self._calls.call("POST", path, body=body, prefer=(UTC_TIMES,), ok=CONFLICTS | ABSENT)
        if reply.status in ABSENT:
            raise TryAgainLater(PATIENCE, NOT_THERE)
        if not reply.good and reply.code != DUPLICATE:
            raise refusal(reply, self._calls.now)
        return reply

    def _change(self, held: Told, wanted: dict[str, Any]) -> Reply:
        """The answer, if it is good or says that it stands otherwise by now."""
        path, etag = _event(text(held, "id")), text(held, "@odata.etag")
        return self._calls.call(
            "PATCH", path, body=wanted, prefer=(UTC_TIMES,), etag=etag, ok={*ABSENT, MEANWHILE_CHANGED}
        )

    def _remove(self, event_id: str) -> None:
        self._calls.call("DELETE", _event(event_id), ok=ABSENT)

    def _listed(self, calendar: str, bearing: str = "", *, size: int = SIZES[0]) -> Iterator[Told]:
        """The events in a calendar that bear such a property, or all; none where there is no such calendar."""
        asked = [("$select", SELECT), ("$expand", _WITH)]
        asked += [("$filter", f"singleValueExtendedProperties/any(ep: {bearing})")] if bearing else []
        try:
            yield from listed(self._calls, f"{_calendar(calendar)}/events", asked, sizes=(size,), prefer=(UTC_TIMES,))
        except Refused as error:
            if not error.absent:
                raise


def _hours(held: Told | None) -> Any:
    return held and (held.get("start"), held.get("end"))


def _calendar(ref: str) -> str:
    return f"/me/calendars/{quote(ref, safe='')}"


def _event(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"
