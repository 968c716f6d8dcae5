"""What Graph lists, page by page: changes since a link, and plain lists. Called by `view`, `calendarlist`, `contacts`.

Of a link any refusal but those of the whole account means that Graph has lost where we were: 410, or a 40x such as
syncStateNotFound (RELIABILITY.md C3). An answer without a list is none: it is never taken for an empty one (C5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from integrations.microsoft.calls import NO_MAILBOX, STRANGE, Calls, Reply, refusal
from integrations.wire.answers import Told, objects, text
from integrations.wire.http import ANSWER, BUSY, TOO_LONG
from integrations.wire.paging import paged
from integrations.wire.within import Fails
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater

NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"
LOST = frozenset(range(400, 500)) - {401, 403, 429}
TROUBLE = frozenset(range(500, 600))
GONE = frozenset({404, 410})
ALONE = 16 * ANSWER  # bytes of a page of one: whoever invites cannot stop a calendar with one long text; ours

Params = Sequence[tuple[str, str]]


def changes(
    calls: Calls, path: str, params: Params, link: str, *, sizes: Sequence[int], prefer: Iterable[str] = ()
) -> Iterator[tuple[str, Told, str]]:
    """Pages of a round from a link on, or a first round: the link of each, what it tells, the next one's (empty: last).

    ``sizes``: of a page; the later where the answer is longer than any we take. Raises CursorExpired for a dead link,
    Refused for a first call that Graph does not take.
    """

    def ask(at: str) -> Told:
        reply = _sized(calls, at or path, () if at else params, sizes=sizes, prefer=prefer)
        if at and reply.status in LOST:
            raise CursorExpired("Graph has lost where we were")
        return _list(reply, calls)

    return paged(ask, link, after=NEXT, strange=STRANGE)


def listed(
    calls: Calls, path: str, params: Params = (), *, sizes: Sequence[int], prefer: Iterable[str] = ()
) -> Iterator[Told]:
    """The objects of a list, in Graph's order. Raises Refused, Fails."""

    def ask(at: str) -> Told:
        return _list(_sized(calls, at or path, () if at else params, sizes=sizes, prefer=prefer), calls)

    for _, told, _ in paged(ask, after=NEXT, strange=STRANGE):
        yield from objects(told, "value")


class Refused(Rejected):
    """Graph does not take a question: there is no such thing. ``reply`` says how."""

    def __init__(self, reply: Reply, calls: Calls) -> None:
        super().__init__(str(refusal(reply, calls.now)))
        self.reply = reply

    @property
    def absent(self) -> bool:
        return self.reply.status in GONE and self.reason != NO_MAILBOX


def failure(reply: Reply, calls: Calls) -> Fails:
    """What to raise of an answer that is Graph's own trouble."""
    error = refusal(reply, calls.now)
    return Fails(error.after, error.says) if isinstance(error, TryAgainLater) else Fails(BUSY)


def delta_link(told: Told) -> str:
    """What the next round begins with. Raises TryAgainLater for a last page without it."""
    link = text(told, DELTA)
    if not link:
        raise TryAgainLater(BUSY, STRANGE)
    return link


def _sized(calls: Calls, path: str, params: Params, *, sizes: Sequence[int], prefer: Iterable[str]) -> Reply:
    for size in sizes:
        try:
            wishes = (*prefer, f"odata.maxpagesize={size}")
            return calls.call(
                "GET", path, params, prefer=wishes, ok=LOST | TROUBLE, limit=ANSWER if size > 1 else ALONE
            )
        except Rejected as error:
            if error.reason != TOO_LONG or size == sizes[-1]:
                raise
    raise AssertionError("there is always a size")


def _list(reply: Reply, calls: Calls) -> Told:
    if reply.status in TROUBLE:
        raise failure(reply, calls)
    if not reply.good:
        raise Refused(reply, calls)
    if not isinstance(reply.told.get("value"), list):
        raise TryAgainLater(BUSY, STRANGE)
    return reply.told
