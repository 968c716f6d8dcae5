"""Calendars over CalDAV (RFC 4791): read, and our own events written. Called by the provider `open`.

Idempotent by name: an event's resource is named after its UID, created with If-None-Match and changed with If-Match.
After a refused condition we look, never try blindly; what stands there is read again, since servers rewrite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from integrations.open.bodies import Found, Sort, bodies
from integrations.open.comparing import BLOCK, compare, entries
from integrations.open.dav import NOT_THERE, Dav, alike, as_collection
from integrations.open.davevents import delete, href_of, look, put
from integrations.open.davhomes import CALENDAR, MARKER, SEGMENT, calendars, homes, zone_in
from integrations.open.davxml import holding, question, saying
from integrations.open.ourcopy import is_ours
from integrations.wire.ical import read_calendar, write_event
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import FoundEvent, OurEvent, Page, Place, Stream, StreamKind

ANEW = timedelta(days=30)  # a calendar is compared in full then: series reach 400 days only (`ical.series`); ours
MULTIGET, DATA = "C:calendar-multiget", "C:calendar-data"
COLOUR = "#C2410C"  # ours
PATIENCE = timedelta(minutes=1)  # after somebody else wrote at the same moment
ATTEMPTS = 3  # to write, each after another look

NO_CALENDAR = mark("The server does not let us make a calendar. Make one there, and choose it under Accounts.")
MEANWHILE = mark("The event is being changed by somebody else at this moment; we look again by ourselves.")


class Calendars:
    """The calendars that an account can read, and the one that is ours.

    ``url`` may be any address of the account, empty for that of ``dav``; ``zone`` is the owner's, ``title`` the name of
    a calendar that we make, ``chosen`` the one to write to where we may make none.
    """

    def __init__(
        self, dav: Dav, url: str = "", *, zone: str, now: Callable[[], datetime], title: str, chosen: str = ""
    ) -> None:
        self._dav, self._url, self._now = dav, url, now
        self._zone, self._title, self._chosen = zone, title, chosen

    # Reading

    def places(self) -> Sequence[Place]:
        """Those that hold events, in the server's order; ours is among them, marked."""
        return [
            Place(ref=each.ref, name=each.name, kind=StreamKind.CALENDAR, ours=each.ours, usual=not each.ours)
            for each in calendars(self._dav, self._url)
            if each.events
        ]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`."""
        dav, path = self._dav.at(stream.place_ref)
        zone = ""

        def read(body: bytes) -> Iterator[Found]:
            nonlocal zone
            zone = zone or zone_in(dav, path) or self._zone  # asked for when something changed
            return read_calendar(body, zone=zone, now=self._now())

        sort = Sort(multiget=MULTIGET, data=DATA, read=read, anew=ANEW)
        return compare(dav, path, stream.cursor, sort, self._now())

    # CalendarWriter

    def ensure_calendar(self) -> str:
        """The reference to our own calendar, made if need be; the chosen one where the server lets us make none."""
        found = self._ours()
        if found is None:
            found = self._made() or self._ours() or self._chosen  # it may have been made at this moment
        if not found:
            raise Rejected(NO_CALENDAR)
        return as_collection(found)

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        """As `integrations.base.CalendarWriter.put_event`."""
        dav, place = self._dav.at(calendar_ref)
        wanted = write_event(event, stamp=self._now())
        for attempt in range(ATTEMPTS):
            held = look(dav, place, event.uid, everywhere=event.written or attempt > 0)
            if held is None and event.written:
                return FoundEvent(remote_ref=href_of(place, event.uid), deleted_by_user=True)
            if held is not None and held.says(wanted):
                return held.found()
            if put(dav, place, event.uid, wanted, held):
                there = look(dav, place, event.uid, everywhere=True)
                if there is not None:
                    return there.found()
        if dav.one(place, ("D:resourcetype",)) is None:
            raise Rejected(NOT_THERE)
        raise TryAgainLater(PATIENCE, MEANWHILE)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        """Remove it; absent is success."""
        dav, place = self._dav.at(calendar_ref)
        if delete(dav, href_of(place, uid)):
            return
        held = look(dav, place, uid, everywhere=True)
        if held is not None:
            delete(dav, held.href)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        """What stands there now, None if nothing does."""
        held = look(*self._dav.at(calendar_ref), uid, everywhere=True)
        return held.found() if held else None

    def remove_all(self, calendar_ref: str) -> None:
        """Delete every event of ours there, and the calendar too if we made it and nothing else is in it."""
        dav, path = self._dav.at(as_collection(calendar_ref))
        sort = Sort(multiget=MULTIGET, data=DATA, read=lambda _: ())
        held = entries(dav, path)
        for at in range(0, len(held), BLOCK):
            for href, body in bodies(dav, path, held[at : at + BLOCK], sort):
                if isinstance(body, bytes) and is_ours(body, self._now()):
                    delete(dav, href)
        made = self._ours()
        if made is not None and alike(made, calendar_ref) and not entries(dav, path):
            delete(dav, path)

    def remove_ours(self) -> None:
        """`remove_all` where we write; nothing where there is no such calendar, and none is made for it."""
        found = self._ours() or self._chosen
        if found:
            self.remove_all(found)

    def _ours(self) -> str | None:
        """The calendar that we made: one with our property before one that only has our name."""
        found = [each for each in calendars(self._dav, self._url) if each.ours and each.events]
        found.sort(key=lambda each: not each.marked)
        return found[0].ref if found else None

    def _made(self) -> str | None:
        """A new calendar, or the one of that name which a listing left out; None where the server makes none."""
        dav, home = self._dav.at(homes(self._dav, self._url, CALENDAR)[0])
        href = as_collection(home) + f"{SEGMENT}/"
        name = saying("D:displayname", self._title)
        events = holding("C:supported-calendar-component-set", '<C:comp name="VEVENT"/>')
        full = name + events + saying("A:calendar-color", COLOUR) + saying(MARKER, "1")
        for props in (full, name):  # Xandikos takes no property that it does not know
            asked = question("C:mkcalendar", holding("D:set", holding("D:prop", props)))
            if dav.call("MKCALENDAR", href, body=asked).status in {200, 201, 204}:
                return dav.ref(href)
        held = dav.one(href, ("D:resourcetype",))
        stands = held is not None and alike(held.href, href) and CALENDAR in held.names("D:resourcetype")
        return dav.ref(href) if stands else None
