"""The cursor of a list of changes: calendars and contacts remember the same things. Called by both.

A pass reads pages from a sync token, or everything without one. Google gives the next token with the last page alone;
until then the pass can go on from any page (RELIABILITY.md C4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from integrations.google.calls import Reply
from integrations.wire.points import point_of, text_of
from integrations.wire.within import Trying
from keepwarm.errors import CursorExpired

DEAD = frozenset({400, 410})  # how a token or a page is refused that is too old, or was made with other parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Trying):
    """``token``: what this pass began with, empty for everything; ``full``: the day of the last pass over everything.

    ``page``: the page to go on with, empty for the first; ``read``: its series that were (`wire.within`).
    """

    token: str = ""
    full: str = ""
    page: str = ""

    @property
    def everything(self) -> bool:
        return not self.token

    def text(self) -> str:
        return text_of(self)

    def done(self, token: str) -> Point:
        """Where the next pass begins."""
        return Point(token=token, full=self.full)

    def refused(self, reply: Reply) -> bool:
        """Whether an answer says that the token or the page is dead."""
        return reply.status in DEAD and bool(self.token or self.page)


def opened(cursor: str, today: date, *, anew: timedelta | None = None) -> Point:
    """Where to go on; from the beginning where the last full pass is older than ``anew``.

    Raises CursorExpired for text that is no cursor of ours.
    """
    point = point_of(Point, cursor)
    try:
        old = bool(point.full) and anew is not None and today - date.fromisoformat(point.full) > anew
    except ValueError as error:
        raise CursorExpired from error
    if old and not point.page:
        point = Point()
    return replace(point, full=point.full or today.isoformat())
