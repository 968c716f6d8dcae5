"""A Gmail mailbox → pages of messages. Called by `Google`.

A first pass lists all mail, the newest first, after the id of the history at that moment was noted; from then on the
history tells what is new (RELIABILITY.md C1). Every message costs twenty units, so a pass takes as long as the quota
makes it: whoever reads may stop after any page, for want of units or of time, and goes on from its cursor. What the
owner deletes later was a touch all the same (docs/decisions/0015); mails are known by Message-ID, so one that is read
twice is stored once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from integrations.base import Opening
from integrations.google.batch import COST, MOST, fetch
from integrations.google.calls import Calls, Reply, refusal
from integrations.google.headers import QUERY, item
from integrations.google.listing import Cursor, Listed, page, pinned, resumed
from integrations.wire.http import BUSY
from integrations.wire.mime.items import NO_MAIL, broken
from keepwarm.errors import TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken, Message, Page, Place, Skipped, Stream, StreamKind

PLACE = "mail"
NAME = mark("Mail")
TRIES = 5  # for a mail at which Gmail fails while it gives others (RELIABILITY.md A4)
TRIES_ALONE = 24  # where it gives no others either: a day, as the engine's waits grow to an hour; ours

TWICE = mark("Gmail gave the same part of its list again; we go on by ourselves.")
FAILS = mark("Gmail failed at this mail again and again, so it was left out.")

Thing = Message | Skipped | Broken


class Mailbox:
    """The mail of one account, as one place."""

    def __init__(self, calls: Calls, opening: Opening) -> None:
        del opening  # nothing in it is about mail alone
        self._calls = calls

    def places(self) -> Sequence[Place]:
        return [Place(ref=PLACE, name=NAME, kind=StreamKind.MAIL)]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`.

        A list that names a page for the second time is given up with TryAgainLater, after what it held was read: it is
        never followed in a circle (RELIABILITY.md C4).
        """
        cursor = Cursor.of(stream.cursor) or Cursor(history=pinned(self._calls), way="all")
        found, cursor = resumed(self._calls, cursor if cursor.way else replace(cursor, way="news"))
        seen = {cursor.token}
        while True:
            circle = found.following in seen and bool(found.following)
            after = _after(cursor, found)
            yield from self._walk(found, cursor, after=None if circle else after)
            if circle:
                raise TryAgainLater(BUSY, TWICE)
            if not found.following:
                return
            seen.add(found.following)
            cursor, found = after, page(self._calls, after)

    def _walk(self, found: Listed, cursor: Cursor, *, after: Cursor | None) -> Iterator[Page]:
        """The mails of a list's page, from the cursor on; ``after`` is the cursor behind it, None to stay within.

        Raises the refusal of the first mail that was refused, once all before it are told.
        """
        ids, aside, bulk = cursor.left(found.ids), () if cursor.read else found.aside, cursor.way == "all"
        ends = after is not None and not after.way
        if aside or (ends and not ids):
            yield _page(aside, after if after and not ids else cursor, last=ends and not ids)
        while ids:
            units = self._calls.spend("gmail", COST * min(len(ids), MOST), least=COST, bulk=bulk)
            answers = fetch(self._calls, ids[: units // COST], QUERY, bulk=bulk)
            things, failing, refused = self._taken(answers, cursor)
            cursor, ids = cursor.moved(things), ids[len(things) :]
            cursor = cursor.failed(failing) if failing else cursor
            yield _page(things.values(), after if after and not ids else cursor, last=ends and not ids)
            if refused:
                raise refusal(refused, self._calls.now)

    def _taken(self, answers: Mapping[str, Reply], cursor: Cursor) -> tuple[dict[str, Thing | None], str, Reply | None]:
        """What the answers tell by id (None: gone by now), up to the first to be asked another time.

        And of that one its id, where Gmail failed at it, and the answer.
        """
        limit = TRIES if any(each.good for each in answers.values()) else TRIES_ALONE
        things: dict[str, Thing | None] = {}
        for position, reply in answers.items():
            if reply.good:
                things[position] = item(position, reply, self._calls.now)
            elif reply.status in {404, 410}:
                things[position] = None
            elif reply.status == 400:
                things[position] = broken(reply.body, position, NO_MAIL)
            elif reply.status >= 500 and cursor.tried(position) >= limit:
                things[position] = broken(b"", position, FAILS)
            else:
                return things, position if reply.status >= 500 else "", reply
        return things, "", None


def _after(cursor: Cursor, found: Listed) -> Cursor:
    """Behind a page of a list: at its next page, or between two lists."""
    if found.following:
        return replace(cursor.turned(), token=found.following)
    return Cursor(history=found.history or cursor.history)


def _page(things: Iterable[Thing | None], cursor: Cursor, *, last: bool) -> Page:
    things = list(things)
    return Page(
        items=tuple(each for each in things if isinstance(each, Message)),
        skipped=tuple(each for each in things if isinstance(each, Skipped)),
        broken=tuple(each for each in things if isinstance(each, Broken)),
        cursor=cursor.text(),
        last=last,
    )
