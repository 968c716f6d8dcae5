"""A Gmail mailbox → pages of messages. Called by `Google`.

A first pass lists all mail, the newest first, after the id of the history at that moment was noted; from then on the
history tells what is new (RELIABILITY.md C1). Where our place in it is lost, the list is read again, back to a page of
mails that were all read before. Every message costs twenty units, so a pass takes as long as the quota makes it:
whoever reads may stop after any page, for want of units or of time, and goes on from its cursor. What the owner deletes
later was a touch all the same (docs/decisions/0015); mails are known by Message-ID, so one that is read twice is stored
once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from integrations.base import Opening
from integrations.google.batch import COST, MOST, fetch
from integrations.google.calls import Calls, Reply
from integrations.google.headers import QUERY, item
from integrations.google.listing import Cursor, Listed, page, pinned, resumed
from integrations.wire.http import BUSY
from integrations.wire.mime.items import NO_MAIL, broken
from keepwarm.errors import TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken, Message, Page, Place, Skipped, Stream, StreamKind

PLACE = "mail"
MARGIN = timedelta(days=7)  # before the last compare, that is read again where our place in the history was lost; ours
NAME = mark("Mail")

TWICE = mark("Gmail gave the same part of its list again; we go on by ourselves.")
FAILS = mark("Gmail failed at this mail again and again, so it was left out.")

Thing = Message | Skipped | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What mails are by their ids (None: gone by now), and the answers to those that are to be asked for another time.

    ``others``: some were given.
    """

    things: Mapping[str, Thing | None]
    refused: Mapping[str, Reply]
    others: bool


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
        cursor = Cursor.of(stream.cursor) or Cursor(history=pinned(self._calls), way="all", until=_until(stream))
        found, cursor = resumed(self._calls, cursor if cursor.way else replace(cursor, way="news"))
        seen = {cursor.token}
        while True:
            circle = found.following in seen and bool(found.following)
            cursor = yield from self._walk(found, cursor, beyond=not circle)
            if circle:
                raise TryAgainLater(BUSY, TWICE)
            if not cursor.way:
                return
            seen.add(found.following)
            found = page(self._calls, cursor)

    def _walk(self, found: Listed, cursor: Cursor, *, beyond: bool) -> Generator[Page, None, Cursor]:
        """The mails of a list's page from the cursor on, and the cursor behind it; without ``beyond`` it stays within.

        Raises the refusal of a mail that was refused, once all that were answered beside it are told.
        """
        names = {found.name(each): each for each in found.ids}
        ids = [names[each] for each in cursor.left(names)]
        aside, bulk = () if cursor.read else found.aside, cursor.way == "all"
        told = list[datetime]()
        if beyond and not ids:
            cursor = _after(cursor, found, told)
        if aside or not cursor.way:
            yield _page(aside, cursor)
        while ids:
            most = min(len(ids), cursor.parts or MOST)
            units = self._calls.spend("gmail", COST * most, least=COST, bulk=bulk)
            taken = self._taken(fetch(self._calls, ids[: units // COST], QUERY, bulk=bulk), cursor)
            ids = [each for each in ids if each not in taken.things]
            told += [each.at for each in taken.things.values() if isinstance(each, Message) and each.at]
            cursor = _moved(cursor, found, taken, self._calls.now)
            if beyond and not ids:
                cursor = _after(cursor, found, told)
            yield _page(taken.things.values(), cursor)
            if taken.refused:
                raise self._calls.refused(min(taken.refused.values(), key=lambda each: each.status))  # too fast first
        return cursor

    def _taken(self, answers: Mapping[str, Reply], cursor: Cursor) -> Taken:
        others = any(each.good for each in answers.values())
        things, refused = dict[str, Thing | None](), dict[str, Reply]()
        for position, reply in answers.items():
            if reply.good:
                things[position] = item(position, reply, self._calls.now)
            elif reply.status in {404, 410}:
                things[position] = None
            elif reply.status == 400:
                things[position] = broken(reply.body, position, NO_MAIL)
            elif reply.status >= 500 and cursor.hopeless(position, self._calls.now, others=others):
                things[position] = broken(b"", position, FAILS)
            else:
                refused[position] = reply
        return Taken(things=things, refused=refused, others=others)


def _moved(cursor: Cursor, found: Listed, taken: Taken, now: datetime) -> Cursor:
    """Behind what was taken; what Gmail failed at is counted, and fewer are asked for where it was too fast."""
    failing = [position for position, reply in taken.refused.items() if reply.status >= 500]
    cursor = cursor.moved(map(found.name, taken.things)).paced(MOST, too_many=len(failing) < len(taken.refused))
    return cursor.failed(failing, now, others=taken.others) if failing else cursor


def _until(stream: Stream) -> int:
    return int((stream.since - MARGIN).timestamp()) if stream.since else 0


def _after(cursor: Cursor, found: Listed, told: Sequence[datetime]) -> Cursor:
    """Behind a page of a list, with mails of these moments: at its next page, or between two lists.

    All mail is told the newest first: behind a page of mails that were all read before there is nothing new.
    """
    known = bool(cursor.until and told) and max(told).timestamp() < cursor.until
    if found.following and not known:
        return replace(cursor.turned(), token=found.following)
    return Cursor(history=found.history or cursor.history)


def _page(things: Iterable[Thing | None], cursor: Cursor) -> Page:
    """Between two lists it is the last."""
    things = list(things)
    return Page(
        items=tuple(each for each in things if isinstance(each, Message)),
        skipped=tuple(each for each in things if isinstance(each, Skipped)),
        broken=tuple(each for each in things if isinstance(each, Broken)),
        cursor=cursor.text(),
        last=not cursor.way,
    )
