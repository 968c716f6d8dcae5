"""A mail folder → pages of messages, by Graph's delta. Called by `Microsoft`.

A first round tells all mail of the folder, later ones what came into it, or changed: mails are known by Message-ID, so
one that is read twice is stored once. What is removed was a touch all the same (docs/decisions/0015).
Links are opaque, and followed to the end; the state behind one may be lost at any time, and then it is all read again
(RELIABILITY.md C3, C4). Where a page does not bring the headers, they are asked for twenty mails at a time; whoever
reads may stop after any page of ours, and goes on from its cursor.

Requests: one for a page of `rounds.SIZE` mails, one more for a new folder; where pages bring no headers, one for each
twenty mails that others sent. Follows MD concepts/delta-query-overview.md and delta-query-messages (PROVIDERS.md,
section 4), read November 2026. Not verified on a real account: that odata.maxpagesize counts for every link of a round,
and that Graph itself holds the parts of a batch to four at once.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from integrations.base import Opening
from integrations.microsoft import folders
from integrations.microsoft.asmail import HEADERS, item, lacks_headers
from integrations.microsoft.batch import MOST, fetch
from integrations.microsoft.calls import Calls, Reply
from integrations.microsoft.rounds import Cursor, Listed, asked
from integrations.wire.answers import Told
from integrations.wire.http import BUSY
from integrations.wire.mime.items import broken
from keepwarm.errors import TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken, Message, Page, Place, Skipped, Stream

HIDDEN = frozenset({400, 403})  # what headers that may not be read are answered with

TWICE = mark("Microsoft gave the same part of its list again; we go on by ourselves.")
FAILS = mark("Microsoft failed at this mail again and again, so it was left out.")

Thing = Message | Skipped | Broken
Named = tuple[str, Told]  # a message by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What mails are by their ids (None: gone by now), and the answers to those that are to be asked for another time.

    ``others``: some were given; ``bare``: headers may not be read here.
    """

    things: Mapping[str, Thing | None]
    refused: Mapping[str, Reply]
    others: bool
    bare: bool = False


class Mailbox:
    """The mail of one account, folder by folder."""

    def __init__(self, calls: Calls, opening: Opening) -> None:
        del opening  # nothing in it is about mail alone
        self._calls = calls

    def places(self) -> Sequence[Place]:
        return folders.places(self._calls)

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`.

        A page that leads to one that was read is given up with TryAgainLater, after what it held was read: it is never
        followed in a circle (RELIABILITY.md C4).
        """
        cursor = Cursor.of(stream.cursor) or Cursor(sent=folders.is_sent(self._calls, stream.place_ref))
        seen = {cursor.link}
        while True:
            found = asked(self._calls, stream.place_ref, cursor)
            circle = found.link in seen and not found.ends
            cursor = yield from self._walk(found, cursor, beyond=not circle)
            if circle:
                raise TryAgainLater(BUSY, TWICE)
            if found.ends:
                return
            seen.add(found.link)

    def _walk(self, found: Listed, cursor: Cursor, *, beyond: bool) -> Generator[Page, None, Cursor]:
        """The mails of a page from the cursor on, and the cursor behind it; without ``beyond`` it stays within.

        Raises the refusal of a mail that was refused, once all that were answered beside it are told.
        """
        left = [(ref, found.mails[ref]) for ref in cursor.left(found.mails)]
        aside, known = ((), 0) if cursor.read else (found.aside, found.known)
        while True:
            taken = self._taken(left, cursor)
            cursor = replace(_moved(cursor, taken, self._calls.now), bare=cursor.bare or taken.bare)
            left = [each for each in left if each[0] not in taken.things]
            if beyond and not left:
                cursor = replace(cursor.turned(), link=found.link, bare=cursor.bare and not found.ends)
            yield _page((*aside, *taken.things.values()), cursor, known=known, last=beyond and found.ends and not left)
            if taken.refused:
                raise self._calls.refused(
                    min(taken.refused.values(), key=lambda each: each.status)
                )  # too fast goes first
            if not left:
                return cursor
            aside, known = (), 0

    def _taken(self, left: Sequence[Named], cursor: Cursor) -> Taken:
        """What the next mails are, with their headers where those were not told and decide something."""
        some, lacking = _portion(left, cursor)
        answers = fetch(self._calls, {ref: _headers_of(ref) for ref in lacking}) if lacking else {}
        others = any(each.good for each in answers.values())
        bare = _hidden(answers.values())
        things, refused = dict[str, Thing | None](), dict[str, Reply]()
        for ref, told in some:
            reply = answers.get(ref)
            if reply is None and ref in lacking:  # the answer to all of them would have been too long
                break
            if reply is None or reply.status in HIDDEN:
                things[ref] = item(ref, told, self._calls.now, sent=cursor.sent)
            elif reply.good:
                whole = {**told, HEADERS: reply.told.get(HEADERS)}
                things[ref] = item(ref, whole, self._calls.now, sent=cursor.sent)
            elif reply.status in {404, 410}:
                things[ref] = None
            elif reply.status >= 500 and cursor.hopeless(ref, self._calls.now, others=others):
                things[ref] = broken(b"", ref, FAILS)
            else:
                refused[ref] = reply
        return Taken(things=things, refused=refused, others=others, bare=bare)


def _moved(cursor: Cursor, taken: Taken, now: datetime) -> Cursor:
    """Behind what was taken; what Graph failed at is counted, and fewer are asked for where it was too fast."""
    failing = [ref for ref, reply in taken.refused.items() if reply.status >= 500]
    cursor = cursor.moved(taken.things).paced(MOST, too_many=len(failing) < len(taken.refused))
    return cursor.failed(failing, now, others=taken.others) if failing else cursor


def _portion(left: Sequence[Named], cursor: Cursor) -> tuple[list[Named], list[str]]:
    """The next mails, as many as one batch serves, and those of them whose headers are to be asked for."""
    some, lacking = list[Named](), list[str]()
    for ref, told in left:
        if not cursor.bare and lacks_headers(told, sent=cursor.sent):
            if len(lacking) == (cursor.parts or MOST):
                break
            lacking.append(ref)
        some.append((ref, told))
    return some, lacking


def _hidden(answers: Collection[Reply]) -> bool:
    """Whether no headers may be read here: of as many mails as one batch serves none shows any."""
    shown = (isinstance(each.told.get(HEADERS), list) for each in answers)
    answered = (each.good or each.status == 403 for each in answers)
    return len(answers) == MOST and all(answered) and not any(shown)


def _headers_of(ref: str) -> str:
    return f"/me/messages/{quote(ref, safe='')}?$select={HEADERS}"


def _page(things: Iterable[Thing | None], cursor: Cursor, *, known: int, last: bool) -> Page:
    things = list(things)
    return Page(
        items=tuple(each for each in things if isinstance(each, Message)),
        skipped=tuple(each for each in things if isinstance(each, Skipped)),
        broken=tuple(each for each in things if isinstance(each, Broken)),
        known=known,
        cursor=cursor.text(),
        last=last,
    )
