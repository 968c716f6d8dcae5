"""The cursor of a list of changes: calendars and contacts remember the same things. Called by both.

A pass follows links of Graph's, from that which the last pass ended with, or from the beginning without one. Links are
opaque, and kept whole. Until the last page the pass can go on from any page (RELIABILITY.md C4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from integrations.wire.points import point_of, text_of
from integrations.wire.within import Trying
from keepwarm.errors import CursorExpired


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Trying):
    """``link``: what this pass began with, empty for everything; ``page``: the page to go on with, empty for the first.

    Of a calendar also the days: ``full``, that of the last pass over everything, and those from and before which the
    window reaches, which Graph freezes in the link. ``unsure``: something is gone in this pass of which nobody can say
    what it was; ``read`` (`wire.within`) is what Graph failed at too often in it.
    """

    link: str = ""
    page: str = ""
    full: str = ""
    start: str = ""
    end: str = ""
    unsure: bool = False

    @property
    def everything(self) -> bool:
        return not self.link

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From one midnight, UTC, to another."""
        first, last = (datetime.combine(date.fromisoformat(each), time(), UTC) for each in (self.start, self.end))
        return first, last

    def text(self) -> str:
        return text_of(self)

    def done(self, link: str) -> Point:
        """Where the next pass begins."""
        return Point(link=link, full=self.full, start=self.start, end=self.end)


def opened(cursor: str) -> Point:
    """Where to go on without a window. Raises CursorExpired for text that is no cursor of ours."""
    return point_of(Point, cursor)


def opened_window(cursor: str, today: date, *, back: timedelta, ahead: timedelta, anew: timedelta) -> Point:
    """The same in a window around the day of the last full pass; from the beginning where that is older than ``anew``.

    Raises CursorExpired for text that is no cursor of ours.
    """
    point = point_of(Point, cursor)
    fresh = Point(full=f"{today}", start=f"{today - back}", end=f"{today + ahead}")
    if not cursor:
        return fresh
    try:
        old = today - date.fromisoformat(point.full) > anew
        moved = point.window  # only that it can be read
    except ValueError as error:
        raise CursorExpired from error
    return fresh if (old and not point.page) or moved[0] >= moved[1] else point
