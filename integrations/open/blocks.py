"""The mails of a folder in blocks, as large as the server manages; one that it fails at costs itself alone.

Called by `mailbox`. A block that is refused, too long or too slow is asked for again in halves, down to a single mail,
which is set aside after some tries; blocks grow again where they come with ease. Where an answer too long or too slow
leaves the connection useless, reading goes on over another one, from the cursor of the page before (`Anew`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from integrations.open.imap import AWAY, BROKE_OFF, Imap, UnservedError
from integrations.wire.mime.items import broken
from keepwarm.errors import TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken, Message, Page, Skipped

TRIES = 5  # for a mail at which the server fails while it gives others (RELIABILITY.md A4)
TRIES_ALONE = 24  # where nobody knows whether it gives others: a day, as the waits grow to an hour; ours
LONGEST_WAIT = timedelta(hours=1)  # between two tries; ours
EASE = 1 / 3  # of its budget: a block that took less may be twice as large the next time; ours

FAILS = mark("The server failed at this mail again and again, so it was left out.")
FAILING = mark("The server fails at one of the mails. We try it again by ourselves, and go on with the others.")

Thing = Message | Skipped | Broken
Read = Callable[[Sequence[int]], list[Thing]]


class Anew(TryAgainLater):
    """This connection is spent; another one goes on at once from the cursor of the page before."""

    def __init__(self) -> None:
        super().__init__(AWAY, BROKE_OFF)

    def __reduce__(self) -> tuple[type[Anew], tuple[()]]:  # type: ignore[override]
        return type(self), ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where reading goes on. ``modseq`` 0: the server keeps none. ``size``: mails of the next block, 0 for the most.

    ``failing`` is the mail at which the server failed alone, and ``tries`` how often it did.
    """

    validity: int
    following: int
    modseq: int = 0
    size: int = 0
    failing: int = 0
    tries: int = 0

    @staticmethod
    def of(text: str) -> Cursor | None:
        if not text:
            return None
        held = json.loads(text)
        return Cursor(
            validity=held["validity"],
            following=held["next"],
            modseq=held.get("modseq", 0),
            size=held.get("size", 0),
            failing=held.get("failing", 0),
            tries=held.get("tries", 0),
        )

    def text(self) -> str:
        """JSON, without what says that all is well."""
        told = {"validity": self.validity, "next": self.following, "modseq": self.modseq}
        trouble = {"size": self.size, "failing": self.failing, "tries": self.tries}
        return json.dumps(told | {name: value for name, value in trouble.items() if value})

    def behind(self, uid: int, *, size: int) -> Cursor:
        """Once all up to this mail is read or set aside."""
        return replace(self, following=max(uid + 1, self.following), size=size, failing=0, tries=0)

    def failed(self, uid: int) -> Cursor:
        """After the server failed at this mail alone."""
        return replace(self, failing=uid, tries=(self.tries if self.failing == uid else 0) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One block: ``done`` mails, the cursor behind them, and why nothing more comes over this connection."""

    cursor: Cursor
    done: int = 0
    things: Sequence[Thing] = field(default=())
    trouble: TryAgainLater | None = None


def walk(imap: Imap, uids: Sequence[int], cursor: Cursor, read: Read, *, most: int, end: int) -> Iterator[Page]:
    """Pages of these mails, ascending, in blocks of at most ``most``; the last page's cursor is at ``end`` at least.

    Raises TryAgainLater behind a page, where the server fails at one mail, and Anew.
    """
    while True:
        step = _step(imap, uids, cursor, read, most) if uids else Step(cursor=cursor)
        uids, cursor = uids[step.done :], step.cursor
        if not uids:
            cursor = replace(cursor, following=max(end, cursor.following))
        yield _page(step.things, cursor, last=not uids)
        if not uids:
            return
        if step.trouble:
            raise step.trouble


def _step(imap: Imap, uids: Sequence[int], cursor: Cursor, read: Read, most: int) -> Step:
    """As many of the first mails as the server gives at once; or what became of the first, where it fails at that."""
    size = min(cursor.size or most, len(uids))
    while True:
        block = uids[:size]
        try:
            things = read(block)
        except UnservedError as error:
            if size == 1:
                return _failed(uids, cursor, read, error)
            size //= 2
            if not error.alive:
                return Step(cursor=replace(cursor, size=size), trouble=_trouble(error))
        else:
            return Step(cursor=cursor.behind(block[-1], size=_grown(imap, size, most)), done=size, things=things)


def _grown(imap: Imap, size: int, most: int) -> int:
    """The size of the next block: 0, as long as nothing was wrong with the largest."""
    size = size * 2 if imap.spent() < EASE else size
    return size if size < most else 0


def _failed(uids: Sequence[int], cursor: Cursor, read: Read, error: UnservedError) -> Step:
    """The first mail: tried again later, or set aside when that was done often enough."""
    cursor = cursor.failed(uids[0])
    enough = cursor.tries >= TRIES_ALONE or (cursor.tries >= TRIES and error.alive and _gives(uids[1:2], read))
    if not enough:
        wait = min(LONGEST_WAIT, AWAY * 2 ** (cursor.tries - 1))
        return Step(cursor=replace(cursor, size=1), trouble=TryAgainLater(wait, FAILING))
    behind = cursor.behind(uids[0], size=1)
    return Step(cursor=behind, done=1, things=[broken(b"", str(uids[0]), FAILS)], trouble=_trouble(error))


def _trouble(error: UnservedError) -> TryAgainLater | None:
    """Why nothing more comes over this connection."""
    if error.alive:
        return None
    return TryAgainLater(AWAY, BROKE_OFF) if error.broke else Anew()


def _gives(others: Sequence[int], read: Read) -> bool:
    """Whether the server gives another mail, so that it is this one which is to blame."""
    try:
        return bool(others) and bool(read(others))
    except UnservedError:
        return False


def _page(things: Sequence[Thing], cursor: Cursor, *, last: bool) -> Page:
    return Page(
        items=tuple(each for each in things if isinstance(each, Message)),
        skipped=tuple(each for each in things if isinstance(each, Skipped)),
        broken=tuple(each for each in things if isinstance(each, Broken)),
        cursor=cursor.text(),
        last=last,
    )
