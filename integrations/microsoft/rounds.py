"""A round of Graph's delta over a mail folder, page by page, and the cursor that says where to go on. Called by `mail`.

A round begins with a question of ours and goes on by links of Graph's, which are kept whole and never read. Any of them
may stop working: 410, or a 40x such as syncStateNotFound (RELIABILITY.md C3). ``changeType=created`` would spare us
mails that were merely read; it is not asked for, as nobody says whether it tells of a mail moved into the folder, or of
one that changed between two pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import quote

from integrations.microsoft.asmail import HEADERS, SELECT, is_update
from integrations.microsoft.calls import STRANGE, Calls, Reply, refusal
from integrations.microsoft.deltas import DELTA, LOST, NEXT
from integrations.wire.answers import Told, broken, text
from integrations.wire.http import BUSY, TOO_LONG
from integrations.wire.mime.items import NO_MAIL
from integrations.wire.within import Trying
from keepwarm.errors import CursorExpired, KeepwarmError, Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken

SIZE = 100  # mails of a page: with all their headers well below the longest answer we take; ours
SMALLER = (SIZE, SIZE // 5, SIZE // 50)  # where they are not
LONGEST = 16 << 10  # characters of a link; ours
NO_SUCH = frozenset({"ErrorItemNotFound", "ErrorFolderNotFound", "ErrorInvalidIdMalformed"})

NO_FOLDER = mark("This folder is not there any more. Choose another one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(Trying):
    """Where reading goes on: in the page at a link of Graph's, empty for the beginning of a first round.

    ``sent``: the folder is that of what was sent; ``bare``: headers may not be read here, as long as
    this round lasts: the owner may allow more meanwhile, or it was an archive that has none.
    """

    sent: bool
    link: str = ""
    bare: bool = False

    @staticmethod
    def of(held: str) -> Cursor | None:
        """Raises CursorExpired for what is none of ours."""
        try:
            return Cursor(**json.loads(held)) if held else None
        except (ValueError, TypeError, RecursionError) as error:
            raise CursorExpired("the cursor cannot be read") from error

    def text(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value or name == "sent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a round: messages by id, in order; what is none; how many were told before; where it goes on.

    ``ends``: the round ends here, and the link begins the next one.
    """

    mails: Mapping[str, Told]
    aside: tuple[Broken, ...]
    known: int
    link: str
    ends: bool


def asked(calls: Calls, folder: str, cursor: Cursor) -> Listed:
    """The page at which the cursor stands. Raises CursorExpired, and Rejected where there is no such folder."""
    reply = _sized(calls, cursor.link, ()) if cursor.link else _first(calls, folder)
    if cursor.link and reply.status in LOST:
        raise CursorExpired("Graph has lost where we were")
    if not reply.good:
        raise _refused(reply, calls)
    return _listed(reply.told)


def _first(calls: Calls, folder: str) -> Reply:
    """Without the headers, where asking for them is what is refused."""
    path = f"/me/mailFolders/{quote(folder, safe='')}/messages/delta()"
    for names in ((*SELECT, HEADERS), SELECT):
        reply = _sized(calls, path, (("$select", ",".join(names)),))
        if reply.status not in {400, 403} or reply.code in NO_SUCH:
            break
    return reply


def _sized(calls: Calls, path: str, params: tuple[tuple[str, str], ...]) -> Reply:
    """The answer, in fewer mails where so many are longer than any we take: nobody can stop a folder with long ones."""
    for size in SMALLER:
        try:
            return calls.get(path, params, prefer=(f"odata.maxpagesize={size}",), ok=LOST | {403})
        except Rejected as error:
            if error.reason != TOO_LONG or size == SMALLER[-1]:
                raise
    raise AssertionError("there is always a size")


def _refused(reply: Reply, calls: Calls) -> KeepwarmError:
    return Rejected(NO_FOLDER) if reply.code in NO_SUCH else refusal(reply, calls.now)


def _listed(told: Told) -> Listed:
    """An answer that says nothing is none: it is never taken for an empty folder (RELIABILITY.md C5)."""
    entries, following, end = told.get("value"), text(told, NEXT), text(told, DELTA)
    link = following or end
    if not isinstance(entries, list) or not link.startswith("https://") or len(link) > LONGEST:
        raise TryAgainLater(BUSY, STRANGE)
    named = [each for each in entries if text(each, "id") and "@removed" not in each]
    return Listed(
        mails={each["id"]: each for each in named if not is_update(each)},
        aside=tuple(broken("", each, ValueError(), NO_MAIL) for each in entries if not text(each, "id")),
        known=sum(map(is_update, named)),
        link=link,
        ends=not following,
    )
