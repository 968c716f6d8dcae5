"""Reading Google Calendar. Called by the provider `google`; how it is asked stands in `events`.

A series and its exceptions are one resource: where a part changed, all of it is read by its iCalUID. What is gone is
told with the last page alone, so that a mass loss that is looked at twice (`keepwarm.store.resources`) is not forgotten
over the pages behind it.

Where Google fails at one series, the rest of its page is read, and that one another time; what it fails at again and
again is set aside (RELIABILITY.md A4), and keeps what is stored of it.

Follows G/workspace/calendar/api/guides/sync, read November 2026 (PROVIDERS.md section 2).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from integrations.base import Opening
from integrations.google.answers import Told, objects, text
from integrations.google.asevent import aliases, is_cancelled, uid_of
from integrations.google.calendarlist import entries, is_marked, is_our_calendar
from integrations.google.calls import STRANGE, Calls
from integrations.google.events import Events
from integrations.google.points import Point, opened
from integrations.google.resources import Resource, page_of, read_alone, read_series, unread
from integrations.wire.http import BUSY
from integrations.wire.ical.zones import known_id
from integrations.wire.plain import mail_address, plain
from integrations.wire.within import FEW, Fails
from keepwarm.errors import TryAgainLater, Unreadable
from keepwarm.texts import mark
from keepwarm.types import Page, Place, Stream, StreamKind

ANEW = timedelta(days=30)  # a calendar is read in full then: series reach 400 days only (`ical.series`); ours
BLOCK = 25  # series read between two pages handed on: some seconds of requests; ours
ROLES = frozenset({"owner", "writer", "writerWithoutPrivateAccess", "reader"})
MADE_UP = "@group.v.calendar.google.com"  # holidays, birthdays, numbers of weeks, sports

FAILS = mark("Google failed at this event again and again, so it was left out.")


class Calendars:
    """The calendars that one account can read."""

    def __init__(self, calls: Calls, opening: Opening) -> None:
        self._calls, self._opening = calls, opening
        told = (*opening.owner_addresses, str(opening.settings.get("address", "")))
        self._own = frozenset(filter(None, map(mail_address, told)))

    def places(self) -> list[Place]:
        """Those whose events can be read, in Google's order. Usual are the owner's own and those that they look at."""
        return [
            Place(
                ref=text(each, "id"),
                name=plain(text(each, "summaryOverride") or text(each, "summary")) or text(each, "id"),
                kind=StreamKind.CALENDAR,
                ours=is_our_calendar(each),
                usual=_is_usual(each),
            )
            for each in entries(self._calls)
            if text(each, "id") and text(each, "accessRole") in ROLES
        ]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`; a page of Google's may come in several, a block of series each."""
        point = opened(stream.cursor, self._calls.now.date(), anew=ANEW)
        own = mail_address(stream.place_ref)  # a first calendar is named by the address of whose it is
        me = own if own in self._own else ""
        return _Pass(self._calls, stream.place_ref, point, zone=self._opening.zone, me=me).pages()


def _is_usual(entry: Told) -> bool:
    """The owner's own: whom a colleague meets, the owner has not met."""
    seen = entry.get("primary") is True or entry.get("selected") is True
    own = text(entry, "accessRole") == "owner"
    return seen and own and not is_marked(entry) and not text(entry, "id").endswith(MADE_UP)


class _Pass:
    """One pass over what changed in a calendar since a point.

    ``several``: it takes more than one page, so that what is gone is told by naming what there is. ``read`` holds the
    versions of all parts of series that were read; ``failing`` what Google failed at, by state (`_state`). ``me``: the
    owner's address, if the calendar is their own.
    """

    def __init__(self, calls: Calls, calendar: str, point: Point, *, zone: str, me: str) -> None:
        self._calls, self._point, self._zone, self._me = calls, point, zone, me
        self._events = Events(calls, calendar, point)
        self._several = bool(point.page or point.read)
        self._gone: list[str] = []
        self._read: set[tuple[str, str]] = set()
        self._failing: dict[str, Fails] = {}
        self._aliases: frozenset[str] = frozenset()

    def pages(self) -> Iterator[Page]:
        """With the addresses by which the owner was asked."""
        for page in self._pages():
            yield replace(page, own=tuple(sorted(self._aliases)))

    def _pages(self) -> Iterator[Page]:
        for at, told, after in self._events.changed():
            here = replace(self._point if at == self._point.page else self._point.turned(), page=at)
            self._several = self._several or bool(after)
            self._zone = known_id(text(told, "timeZone")) or self._zone
            self._aliases |= aliases(objects(told, "items"), self._me)
            alone, series = _sorted(objects(told, "items"))
            found = [self._noted(self._alone(each)) for each in alone]
            here, found = yield from self._blocks(here, found, series)
            on = replace(here.turned(), page=after)
            yield page_of(found, cursor=on.text()) if after else self._end(found, told)

    def _blocks(
        self, here: Point, found: list[Resource], series: Mapping[str, Sequence[Told]]
    ) -> Generator[Page, None, tuple[Point, list[Resource]]]:
        """The series of a page behind what was ``found`` in it; where it is then, and what was not handed on yet.

        Raises the first failure of Google's that counts, once all else is told.
        """
        told_so = {_state(parts): master for master, parts in sorted(series.items()) if self._is_new(parts)}
        todo = here.left(told_so)
        while todo:
            block, todo = todo[:BLOCK], todo[BLOCK:]
            for state, read in self._all_of({each: told_so[each] for each in block}, series):
                here, found = here.moved([state]), [*found, *read]
            here, aside = here.weighed(self._failing, self._calls.now, others=True)  # it gave the list that names these
            found += [unread(told_so[each], each, Unreadable(FAILS)) for each in aside]
            refused = [error for state, error in self._failing.items() if state not in aside]
            self._failing.clear()
            if todo or refused:
                yield page_of(found, cursor=here.text())
                found = []
            if refused:
                raise refused[0]
        return here, found

    def _end(self, found: Sequence[Resource], told: Told) -> Page:
        """The last page, with what is gone: by name, or by the names of all that there is."""
        token = text(told, "nextSyncToken")
        if not token:
            raise TryAgainLater(BUSY, STRANGE)
        page = replace(page_of(found, cursor=self._point.done(token).text()), last=True)
        if self._point.everything or self._several:
            return replace(page, everything=self._events.names())
        return replace(page, whole=(*page.whole, *dict.fromkeys(self._gone)))

    def _noted(self, found: Resource) -> Resource:
        if found.gone:
            self._gone.append(found.ref)
        return found

    def _alone(self, event: Told) -> Resource:
        return read_alone(event, zone=self._zone, now=self._calls.now, me=self._me)

    def _all_of(
        self, masters: Mapping[str, str], series: Mapping[str, Sequence[Told]]
    ) -> Iterator[tuple[str, list[Resource]]]:
        """Series (state → master) that Google gives, by state; those behind a few at which it fails wait."""
        for state, master in masters.items():
            try:
                yield state, [self._noted(each) for each in self._series(master, series[master])]
            except Fails as error:
                self._failing[state] = error
                if len(self._failing) == FEW:
                    return

    def _series(self, master: str, seen: Sequence[Told]) -> list[Resource]:
        """A series as it stands now; or each of its parts, where its master is not in this calendar."""
        try:
            held = self._parts(master, seen)
        except Unreadable as error:
            return [unread(master, seen, error)]
        self._read |= {_version(each) for each in (*seen, *held.values())}
        parts = [each for each in held.values() if text(each, "recurringEventId") == master]
        whole = held.get(master, {})
        if whole and not is_cancelled(whole):
            return [read_series(whole, parts, zone=self._zone, now=self._calls.now, me=self._me)]
        return [Resource(ref=master, gone=True), *map(self._alone, parts)]

    def _parts(self, master: str, seen: Sequence[Told]) -> dict[str, Told]:
        """All parts of a series by id, also cancelled ones. Raises Unreadable where they are withheld, Fails."""
        held = {text(each, "id"): each for each in seen}
        uid = next(filter(None, map(uid_of, seen)), "")
        if not uid:
            held[master] = self._events.one(master)
            uid = uid_of(held[master])
        if uid:
            held |= self._events.alike(uid)
        if master not in held:
            held[master] = self._events.one(master)
        return held

    def _is_new(self, parts: Sequence[Told]) -> bool:
        return any(_version(each) not in self._read for each in parts)


def _sorted(items: Sequence[Told]) -> tuple[list[Told], dict[str, list[Told]]]:
    """The events that stand alone, and the parts of series by their master's id."""
    alone, series = list[Told](), dict[str, list[Told]]()
    for each in items:
        master = text(each, "recurringEventId") or (text(each, "id") if each.get("recurrence") else "")
        if master:
            series.setdefault(master, []).append(each)
        else:
            alone.append(each)
    return alone, series


def _state(parts: Sequence[Told]) -> str:
    """What a series is told to be: a name of its own once a part of it changed."""
    return "\n".join(sorted("\t".join(_version(each)) for each in parts))


def _version(event: Told) -> tuple[str, str]:
    return text(event, "id"), text(event, "etag")
