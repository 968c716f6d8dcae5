"""The calendar that we make at Google, and our events in it. Called by the provider `google`.

Idempotent by id: an event's id is made from its UID. It is looked for before it is inserted, always, since Google does
not promise to notice an id that is taken (RELIABILITY.md B2), and changed only as we saw it (If-Match). Google keeps
what was deleted: what the owner took away is never made again (B3), what we took away bears our mark and may come back.

Follows calendar v3 (20261030), read November 2026 (PROVIDERS.md section 2, Creating events).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from integrations.google.answers import Told, objects, paged, text
from integrations.google.asevent import is_cancelled, is_ours
from integrations.google.calendarlist import MARKER, entries, is_our_calendar
from integrations.google.calls import STRANGE, Calls, Reply
from integrations.google.events import events_of
from integrations.google.hosts import CALENDAR
from integrations.google.ourevent import REMOVED, TITLE, body_of, change_of, found, id_of, removed_by_us, says
from integrations.wire.http import BUSY
from integrations.wire.ical.zones import known_id
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import FoundEvent, OurEvent

ABSENT = frozenset({404, 410})
REFUSED = frozenset({403, 404, 410})  # how Google answers a change of what was deleted (B3)
MEANWHILE_CHANGED = 412
TAKEN = 409
ATTEMPTS = 3  # to write, each after another look
PATIENCE = timedelta(minutes=1)  # after somebody else wrote at the same moment
MAKING = "calendar"  # what one worker alone does for an account
PATCH = 3  # units (G/workspace/calendar/api/guides/performance)
_QUIET = {"sendUpdates": "none"}
_LISTED = {"maxResults": "2500", "fields": "kind,nextPageToken,items(id,status,extendedProperties/private)"}

MEANWHILE = mark("The event is being changed by somebody else at this moment; we look again by ourselves.")
NOT_THERE = mark("Our calendar is no longer at Google; we make another by ourselves.")
ANOTHERS = mark(
    "Google does not let us write into the calendar Keepwarm: another installation made it. Delete it at Google, and we"
    " make a new one."
)


class OurCalendar:
    """The calendar of this account that is ours, wherever it is asked for: a look at the account's list finds it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._seen: dict[str, Any] = {}  # the hours of events by id, as `get_event` told them

    def ensure_calendar(self) -> str:
        """The id of our own calendar, made if there is none. Raises TryAgainLater where it may have been made."""
        ours = _ours(entries(self._calls, hidden=True))
        if ours:
            return ours[0]
        with self._calls.alone(MAKING):  # else two workers make two, and each keeps its own
            return self._looked_and_made()

    def _looked_and_made(self) -> str:
        """A worker that took very long may meet another all the same: of two the first by id stays."""
        listed = list(entries(self._calls, hidden=True))
        ours = _ours(listed)
        if ours:
            return ours[0]
        made = self._made(next((text(each, "timeZone") for each in listed if each.get("primary") is True), ""))
        first = min([made, *_ours(entries(self._calls, hidden=True))])
        if first != made:
            self._call("DELETE", _calendar(made), ok=ABSENT)
        return first

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        """As `integrations.base.CalendarWriter.put_event`.

        Raises TryAgainLater where it stands at another hour than at the first look: the owner moved it meanwhile.
        """
        wanted = body_of(event)
        seen = self._seen.pop(wanted["id"], None)
        for _ in range(ATTEMPTS):
            held = self._held(calendar_ref, wanted["id"])
            away = held is None or removed_by_us(held)
            if (away and event.written) or (held is not None and is_cancelled(held) and not away):
                return FoundEvent(remote_ref=wanted["id"], deleted_by_user=True)
            if held is not None and not away and says(held, wanted):
                return found(held)
            seen = seen or _hours(held)
            if not away and _hours(held) != seen:
                break
            there = self._insert(calendar_ref, wanted) if held is None else self._change(calendar_ref, held, wanted)
            if there is not None:
                return there
        raise TryAgainLater(PATIENCE, MEANWHILE)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        """What stands there now, None if nothing does; what the owner deleted is told."""
        held = self._held(calendar_ref, id_of(uid))
        if held is None or removed_by_us(held):
            return None
        self._seen[id_of(uid)] = _hours(held)
        return FoundEvent(remote_ref=id_of(uid), deleted_by_user=True) if is_cancelled(held) else found(held)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        """Remove it; absent is success."""
        self._remove(calendar_ref, id_of(uid))

    def remove_all(self) -> None:
        """Our calendars with all that is in them; where something else stands in one, only our events."""
        for ref in _ours(entries(self._calls, hidden=True)):
            there = [each for each in self._listed(ref) if not is_cancelled(each)]
            ours = [text(each, "id") for each in there if is_ours(each)]
            if len(ours) == len(there):
                self._call("DELETE", _calendar(ref), ok=ABSENT)
                continue
            for each in ours:
                self._remove(ref, each)

    def _made(self, zone: str) -> str:
        body = {"summary": TITLE, "description": MARKER} | ({"timeZone": zone} if known_id(zone) else {})
        ref = text(self._call("POST", f"{CALENDAR}/calendars", body=body).told, "id")
        if not ref:
            raise TryAgainLater(BUSY, STRANGE)
        return ref

    # One event

    def _held(self, calendar: str, event_id: str) -> Told | None:
        """The event as it stands there, cancelled or not; None without one."""
        reply = self._call("GET", _event(calendar, event_id), ok=ABSENT)
        if not reply.good:
            return None
        if text(reply.told, "id") != event_id:
            raise TryAgainLater(BUSY, STRANGE)
        return reply.told

    def _insert(self, calendar: str, wanted: Mapping[str, Any]) -> FoundEvent | None:
        """None where the id is taken by now."""
        reply = self._call("POST", events_of(calendar), params=_QUIET, body=wanted, ok={*ABSENT, TAKEN})
        if reply.status in ABSENT:
            raise self._unwritable(calendar)
        return found(reply.told) if reply.good and reply.told else None

    def _unwritable(self, calendar: str) -> Exception:
        """Why there is no such calendar for us: it is gone, or it is not this client's (calendar.app.created)."""
        stands = calendar in _ours(entries(self._calls, hidden=True))
        return Rejected(ANOTHERS) if stands else TryAgainLater(PATIENCE, NOT_THERE)

    def _change(self, calendar: str, held: Told, wanted: dict[str, Any]) -> FoundEvent | None:
        """None where it stands otherwise by now."""
        reply = self._patch(calendar, held, change_of(wanted), ok=REFUSED if is_cancelled(held) else ABSENT)
        if reply.status in REFUSED and is_cancelled(held):
            return FoundEvent(remote_ref=wanted["id"], deleted_by_user=True)  # nothing brings it back
        return found(reply.told) if reply.good and reply.told else None

    def _remove(self, calendar: str, event_id: str) -> None:
        """Marked first, so that it is not taken for what the owner deleted."""
        marked = {"extendedProperties": {"private": {REMOVED: "1"}}}
        for _ in range(ATTEMPTS):
            held = self._held(calendar, event_id)
            if held is None or is_cancelled(held):
                return
            if self._patch(calendar, held, marked, ok=ABSENT).good:
                self._call("DELETE", _event(calendar, event_id), params=_QUIET, ok=ABSENT)
                return
        raise TryAgainLater(PATIENCE, MEANWHILE)

    # What is asked

    def _patch(self, calendar: str, held: Told, body: Mapping[str, Any], *, ok: Collection[int]) -> Reply:
        self._calls.spend("calendar", PATCH - 1)
        address, etag = _event(calendar, text(held, "id")), text(held, "etag")
        return self._call("PATCH", address, params=_QUIET, body=body, etag=etag, ok={*ok, MEANWHILE_CHANGED})

    def _listed(self, calendar: str) -> Iterator[Told]:
        def ask(page: str) -> Told:
            return self._call("GET", events_of(calendar), params=_LISTED | ({"pageToken": page} if page else {})).told

        for _, told, _ in paged(ask):
            yield from objects(told, "items")

    def _call(self, method: str, address: str, *, params: Mapping[str, str] | None = None, **more: Any) -> Reply:
        self._calls.spend("calendar", 1)
        return self._calls.call(method, address, (params or {}).items(), **more)


def _hours(held: Told | None) -> Any:
    return held and (held.get("start"), held.get("end"))


def _ours(listed: Any) -> list[str]:
    """Of the calendars that are ours the first by id is written to."""
    return sorted(text(each, "id") for each in listed if is_our_calendar(each) and text(each, "id"))


def _calendar(ref: str) -> str:
    return f"{CALENDAR}/calendars/{quote(ref, safe='')}"


def _event(calendar: str, event_id: str) -> str:
    return f"{events_of(calendar)}/{quote(event_id, safe='')}"
