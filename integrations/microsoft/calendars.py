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

Follows M/graph/delta-query-events, read November 2026 (PROVIDERS.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
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
from keepwarm.types import Page, Place, Stream, StreamKind

BACK = AHEAD = timedelta(days=400)  # as `ical.series.WINDOW`
ANEW = timedelta(days=7)  # PROVIDERS.md section 4, Delta
EDGE = timedelta(days=1)  # of the window: whole days begin where their owner wakes up


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
        if news.unsure:
            yield from self._pass(stream, self._point("")).pages()

    def _point(self, cursor: str) -> Point:
        return opened_window(cursor, self._calls.now.date(), back=BACK, ahead=AHEAD, anew=ANEW)

    def _pass(self, stream: Stream, point: Point) -> _Pass:
        reader = Reader(zone=self._zone, own=self._own, now=self._calls.now)
        return _Pass(View(self._calls, stream.place_ref, point), reader, point, self._point("").text())


class _Pass:
    """One pass over what changed in a calendar since a point.

    ``several``: it takes more than one page, so that what is gone is told by naming what there is. ``done`` holds the
    series that were read; ``told`` all resources that stand. ``unsure``: something is gone, and Graph does not say
    whether it was an occurrence, or of which series; ``anew`` is the cursor that begins with everything.
    """

    def __init__(self, view: View, reader: Reader, point: Point, anew: str = "") -> None:
        self._view, self._reader, self._point, self._anew = view, reader, point, anew
        self.unsure = False
        self._several = bool(point.page)
        self._gone, self._told, self._done = list[str](), set[str](), set[str]()

    def pages(self) -> Iterator[Page]:
        for _, told, after in self._view.changed():
            self._several = self._several or bool(after)
            found = list(self._read(told["value"]))
            self._told |= {each.ref for each in found if not each.gone}
            self._gone += [each.ref for each in found if each.gone]
            yield page_of(found, cursor=replace(self._point, page=after).text()) if after else self._end(found, told)

    def _end(self, found: Iterable[Resource], told: Told) -> Page:
        """The last page, with what is gone: by name, and by the names of all that there is where pages went before."""
        cursor = self._anew if self.unsure else self._point.done(delta_link(told)).text()
        page = replace(page_of(found, cursor=cursor), last=not self.unsure)
        page = replace(page, whole=(*page.whole, *dict.fromkeys(self._gone)))
        if not self._point.everything and not self._several:
            return page
        start, end = self._point.window
        return replace(page, everything=self._view.names() | self._told, span=(start + EDGE, end - EDGE))

    def _read(self, listed: Sequence[Any]) -> Iterator[Resource]:
        removed = dict.fromkeys(text(each, "id") for each in listed if isinstance(each, dict) and "@removed" in each)
        series = dict[str, list[Told]]()
        for each in listed:
            if not isinstance(each, dict):
                yield unread("", each, ValueError())
            elif text(each, "id") not in removed:
                if master := _master(each):
                    series.setdefault(master, []).append(each)
                else:
                    yield self._reader.alone(each)
        if not self._point.everything:
            for name, held in self._view.looked_up(filter(None, removed)):
                if held and (master := _master(held)):
                    series.setdefault(master, [])
                else:
                    yield self._looked_at(name, held)
        for master, parts in series.items():
            if master not in self._done:
                self._done.add(master)
                yield self._series(master, parts)

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

    def _looked_at(self, name: str, held: Told | None) -> Resource:
        """An event that is said to be removed: it is gone, lies in another calendar, or outside the window."""
        if held is None:
            self.unsure = True
            return Resource(ref=name, gone=True)
        try:
            here = self._view.holds(held, moment_of(held, "start"))
        except (ValueError, OverflowError, Refused) as error:
            return unread(name, held, error)
        return replace(self._reader.alone(held), ref=name) if here else Resource(ref=name, gone=True)


def _master(event: Told) -> str:
    """The id of the series that an event belongs to, or is; empty for one that stands alone."""
    return text(event, "seriesMasterId") or (text(event, "id") if text(event, "type") == "seriesMaster" else "")
