"""Gmail's two lists of messages, page by page, and the cursor that says where in them to go on. Called by `gmail`.

``users.messages.list`` tells all mail, the newest first; ``users.history.list`` what came since an id of the history.
Follows gmail v1 (20261005); PROVIDERS.md, section 1, "History and messages".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from integrations.google.answers import broken
from integrations.google.calls import STRANGE, Calls, Reply, refusal
from integrations.google.headers import LEFT_OUT, labels_in, why_left_out
from integrations.google.hosts import GMAIL
from integrations.wire.http import BUSY
from integrations.wire.mime.items import NO_MAIL
from integrations.wire.within import Trying
from keepwarm.errors import CursorExpired, TryAgainLater
from keepwarm.types import Broken, Skipped

LISTED = "500"  # ids of one page, the most there may be
COSTS = {"all": 5, "news": 2}  # units of one page (PROVIDERS.md, quota of May 2026)
PINNING = 1  # units of getProfile; of the old table, which is not known to have changed

Told = tuple[str, str]  # a message, and why it is left out, or empty

_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(Trying):
    """Where reading goes on. ``way``: "all" or "news" in the middle of a list, empty between two.

    ``token`` is the page of the list. ``until``: what came before was read, in seconds since 1970; 0: nothing was.
    """

    history: str
    way: str = ""
    token: str = ""
    until: int = 0

    @staticmethod
    def of(text: str) -> Cursor | None:
        """Raises CursorExpired for what is none of ours."""
        try:
            return Cursor(**json.loads(text)) if text else None
        except (ValueError, TypeError) as error:
            raise CursorExpired("the cursor cannot be read") from error

    def text(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list: ids in its order, unique; what is told without asking; the next page; where history is.

    ``again``: those told more than once, and how often.
    """

    ids: tuple[str, ...]
    again: Mapping[str, int]
    aside: tuple[Skipped | Broken, ...]
    following: str
    history: str

    def name(self, each: str) -> str:
        """By which it is noted that one was read: another one whenever more is told of it.

        One that was looked at in the bin is looked at anew when it came out, though it stands in the same page.
        """
        return f"{each}*{self.again[each]}" if each in self.again else each


def pinned(calls: Calls) -> str:
    """Where the history is now."""
    calls.spend("gmail", PINNING, bulk=True)
    return _number(calls.get(f"{GMAIL}/profile", (("fields", "historyId"),)).told)


def resumed(calls: Calls, cursor: Cursor) -> tuple[Listed, Cursor]:
    """The page to go on with: that of the cursor, or the list's first where its token is too old to be taken."""
    try:
        return page(calls, cursor), cursor
    except _DeadTokenError:
        cursor = replace(cursor.turned(), token="")
        return page(calls, cursor), cursor


def page(calls: Calls, cursor: Cursor) -> Listed:
    """Raises CursorExpired where the history does not reach back that far."""
    calls.spend("gmail", COSTS[cursor.way], bulk=cursor.way == "all")
    params = [("maxResults", LISTED), *([("pageToken", cursor.token)] if cursor.token else [])]
    if cursor.way == "all":
        return _listed(calls, calls.get(f"{GMAIL}/messages", params, ok=(400,)), cursor)
    params += [("startHistoryId", cursor.history), ("historyTypes", "messageAdded"), ("historyTypes", "labelRemoved")]
    reply = calls.get(f"{GMAIL}/history", params, ok=(400, 404))
    if reply.status == 404:
        raise CursorExpired("the history does not reach back that far")
    return _listed(calls, reply, cursor)


class _DeadTokenError(TryAgainLater):
    """The token of a page is not taken any more."""


def _listed(calls: Calls, reply: Reply, cursor: Cursor) -> Listed:
    """An answer that says nothing is none: it is never taken for an empty mailbox (RELIABILITY.md C5)."""
    if not reply.good:
        raise _DeadTokenError(BUSY, STRANGE) if cursor.token else refusal(reply, calls.now)
    name, read = ("messages", _all) if cursor.way == "all" else ("history", _news)
    entries, following = reply.told.get(name, []), reply.told.get("nextPageToken", "")
    if not reply.told or not isinstance(entries, list) or not isinstance(following, str):
        raise TryAgainLater(BUSY, STRANGE)
    told, aside = _read(entries, name, read)
    wanted, times = dict(told), Counter(each for each, _ in told)
    return Listed(
        ids=tuple(each for each, reason in wanted.items() if not reason),
        again={each: number for each, number in times.items() if number > 1},
        aside=(*aside, *(Skipped(position=each, reason=reason) for each, reason in wanted.items() if reason)),
        following=following,
        history=_number(reply.told) if cursor.way == "news" else "",
    )


def _read(entries: list[Any], name: str, read: Callable[[Any], list[Told]]) -> tuple[list[Told], list[Broken]]:
    """What is told of messages, in order; and the entries that tell of none."""
    told = list[Told]()
    odd = []
    for each in entries:
        try:
            told += read(each)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            odd.append(broken(name, each, error, NO_MAIL))
    return told, odd


def _all(entry: Any) -> list[Told]:
    return [(message_id(entry), "")]


def _news(record: Any) -> list[Told]:
    """Mails that came, and those that came out of the bin and the like."""
    came = [each["message"] for each in record.get("messagesAdded", ())]
    came += [
        each["message"]
        for each in record.get("labelsRemoved", ())
        if not labels_in(each.get("labelIds")).isdisjoint(LEFT_OUT)
    ]
    return [(message_id(each), why_left_out(each.get("labelIds"))) for each in came]


def message_id(message: Any) -> str:
    """Gmail's id of a message. Raises ValueError, TypeError or KeyError where there is none."""
    found = message["id"]
    if not _ID.fullmatch(found):
        raise ValueError("no id")
    return str(found)


def _number(told: Mapping[str, Any]) -> str:
    """The id of the history. Raises TryAgainLater where there is none."""
    found = str(told.get("historyId", ""))
    if not _NUMBER.fullmatch(found):
        raise TryAgainLater(BUSY, STRANGE)
    return found
