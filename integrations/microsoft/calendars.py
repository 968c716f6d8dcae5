"""Reading calendars at Graph. Called by the provider `microsoft`; how they are asked stands in `view`.

A pass follows delta over a window of `BACK` and `AHEAD` days: the past too, since meetings are history of a relation,
and as far as a series of a file is read (`ical.series`). The window stands still inside Graph's link, so each week a
full pass begins in another one; what merely left the window is not told of.

Where a part of a series changed, all of it is read: delta names the series and what it has left, in lean words, and
never an occurrence that was taken out or moved away (microsoftgraph/microsoft-graph-docs#4501, #5520, #7632, and
AvengeMedia/dankcalendar#95 for a series moved to another day). So a series is one resource, as everywhere here.

What is said to be removed is looked up: delta says so of events outside the window, too, when somebody touches them
(#6599). What is gone is told with the last page alone, so that a mass loss that is looked at twice
(`keepwarm.store.resources`) is not forgotten over the pages behind it.

Where Graph fails at one series or event, the rest of its page is read, and the page once more another time; what it
fails at again and again is set aside (RELIABILITY.md A4), and keeps what is stored of it.

Follows M/graph/delta-query-events, read November 2026 (PROVIDERS.md section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from integrations.base import Opening
from integrations.microsoft.asevent import moment_of
from integrations.microsoft.calendarlist import entries
from integrations.microsoft.calls import Calls
from integrations.microsoft.deltas import Refused, delta_link
from integrations.microsoft.points import Point, opened_window
from integrations.microsoft.resources import Reader, unread
from integrations.microsoft.view import View
from integrations.wire.answers import Told, text
from integrations.wire.plain import mail_address
from integrations.wire.resources import Resource, page_of
from integrations.wire.within import FEW, Fails
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import Page, Place, Stream, StreamKind

BACK = AHEAD = timedelta(days=400)  # as `ical.series.WINDOW`
ANEW = timedelta(days=7)  # PROVIDERS.md section 4, Delta
EDGE = timedelta(days=1)  # of the window: whole days begin where their owner wakes up

FAILS = mark("Microsoft failed at this event again and again, so it was left out.")


class Calendars:
    """The calendars that one account can read."""

    def __init__(self, calls: Calls, opening: Opening) -> None:
        self._calls, self._zone = calls, opening.zone
        told = (*opening.owner_addresses, str(opening.settings.get("address", "")))
        self._own = frozenset(filter(None, map(mail_address, told)))

    def places(self) -> list[Place]:
        """In Graph's order. Usual are the owner's own: whom a colleague meets, the owner has not met."""
        return [
            Place(
                ref=each.ref,
                name=each.name or each.ref,
                kind=StreamKind.CALENDAR,
                ours=each.ours,
                usual=each.own and not each.ours,
            )
            for each in entries(self._calls, self._own)
        ]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`. Where a series may have lost something, all of it is read again."""
        point = self._point(stream.cursor)
        news = self._pass(stream, point)
        yield from news.pages()
        if news.here.unsure:
            yield from self._pass(stream, self._point("")).pages()

    def _point(self, cursor: str) -> Point:
        return opened_window(cursor, self._calls.now.date(), back=BACK, ahead=AHEAD, anew=ANEW)

    def _pass(self, stream: Stream, point: Point) -> _Pass:
        reader = Reader(zone=self._zone, own=self._own, now=self._calls.now)
        return _Pass(View(self._calls, stream.place_ref, point), reader, point, self._point("").text())


class _Pass:
    """One pass over what changed in a calendar since a point.

    ``here``: where it is, and whether it is unsure: something is gone, and Graph does not say whether it was an
    occurrence, or of which series; ``anew`` is the cursor that begins with everything. ``several``: it takes more than
    one page, so that what is gone is told by naming what there is. ``done`` holds the series that were read; ``told``
    all resources that stand; ``failing`` what Graph failed at in this page, and ``given`` whether it gave another.
    """

    def __init__(self, view: View, reader: Reader, point: Point, anew: str = "") -> None:
        self._view, self._reader, self.here, self._anew = view, reader, point, anew
        self._several = bool(point.page)
        self._gone, self._told, self._done = dict[str, None](), set[str](), set[str]()
        self._failing, self._given = dict[str, Fails](), False

    def pages(self) -> Iterator[Page]:
        for _, told, after in self._view.changed():
            self._several = self._several or bool(after)
            found, before = [*self._read(told["value"])], self.here.failing
            refused = self._failed(found)
            self._note(found)
            if refused:  # what could be read is told once, however often the page is read again
                yield page_of(found if self.here.failing != before else (), cursor=self.here.text())
                raise refused
            self.here = replace(self.here, page=after)
            yield page_of(found, cursor=self.here.text()) if after else self._end(found, told)

    def _note(self, found: Iterable[Resource]) -> None:
        """What is gone, unless it is told to be there later on."""
        for each in found:
            if each.gone:
                self._gone[each.ref] = None
            else:
                self._told.add(each.ref)
                self._gone.pop(each.ref, None)

    def _failed(self, found: list[Resource]) -> Fails | None:
        """Why the page is to be read again; None where Graph failed at nothing, or too often: that is set aside."""
        self.here, aside = self.here.weighed(self._failing, self._reader.now, others=self._given)
        found += [unread(each, each, Unreadable(FAILS)) for each in aside]
        left = [error for name, error in self._failing.items() if name not in aside]
        self._failing, self._given = {}, False
        return left[0] if left else None

    def _end(self, found: Iterable[Resource], told: Told) -> Page:
        """The last page, with what is gone: by name, and by the names of all that there is where pages went before."""
        unsure = self.here.unsure
        cursor = self._anew if unsure else self.here.done(delta_link(told)).text()
        page = replace(page_of(found, cursor=cursor), last=not unsure)
        page = replace(page, whole=(*page.whole, *self._gone))
        if not self.here.everything and not self._several:
            return page
        start, end = self.here.window
        return replace(page, everything=self._view.names() | self._told, span=(start + EDGE, end - EDGE))

    def _read(self, listed: Sequence[Any]) -> Iterator[Resource]:
        """What a page tells, but for what Graph fails at. In a first round only what is listed, too, can be lost."""
        removed = dict.fromkeys(text(each, "id") for each in listed if isinstance(each, dict) and "@removed" in each)
        there = {text(each, "id") for each in listed if isinstance(each, dict) and "@removed" not in each}
        doubtful = [each for each in removed if each and (not self.here.everything or each in there)]
        series = dict[str, list[Told]]()
        for each in listed:
            if not isinstance(each, dict):
                yield unread("", each, ValueError())
            elif text(each, "id") not in removed:
                if master := _master(each):
                    series.setdefault(master, []).append(each)
                else:
                    yield self._reader.alone(each)
        for name, held in self._view.looked_up(self.here.left(doubtful)):
            if isinstance(held, dict) and (master := _master(held)):
                series.setdefault(master, [])
            else:
                yield from self._tried(name, partial(self._looked_at, name, held))
        for master in self.here.left(series):
            if master not in self._done:
                self._done.add(master)
                yield from self._tried(master, partial(self._series, master, series[master]))

    def _tried(self, name: str, read: Callable[[], Resource]) -> Iterator[Resource]:
        """What is read; nothing where Graph fails at it, or failed at a few others just now."""
        if len(self._failing) == FEW:
            return
        try:
            yield read()
        except Fails as error:
            self._failing[name] = error
        else:
            self._given = True

    def _series(self, master: str, seen: Sequence[Told]) -> Resource:
        """A series as it stands in the window; what was seen of it where it is not there itself."""
        try:
            held = self._view.series(master)
        except Refused as error:
            return unread(master, seen, error)
        parts = (
            [each for each in seen if text(each, "iCalUId") and text(each, "id") != master] if held is None else held
        )
        return self._reader.series(master, parts) if parts else Resource(ref=master, gone=True)

    def _looked_at(self, name: str, held: Told | Fails | None) -> Resource:
        """An event that is said to be removed: it is gone, lies in another calendar, or outside the window."""
        if isinstance(held, Fails):
            raise held
        if held is None:
            self.here = replace(self.here, unsure=not self.here.everything)
            return Resource(ref=name, gone=True)
        try:
            here = self._view.holds(held, moment_of(held, "start"))
        except (ValueError, OverflowError, Refused) as error:
            return unread(name, held, error)
        return replace(self._reader.alone(held), ref=name) if here else Resource(ref=name, gone=True)


def _master(event: Told) -> str:
    """The id of the series that an event belongs to, or is; empty for one that stands alone."""
    return text(event, "seriesMasterId") or (text(event, "id") if text(event, "type") == "seriesMaster" else "")
