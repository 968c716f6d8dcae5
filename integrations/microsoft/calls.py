"""One authorised call of an account at Graph: four at once, immutable ids, every refusal as its remedy.

Called by all rooms here. Graph takes four requests at a time from one app for one mailbox (PROVIDERS.md section 4), so
every request holds one of four places. Ids are asked for in the form that a move between folders does not change.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from integrations.base import Opening
from integrations.microsoft.consent import renew
from integrations.microsoft.hosts import GRAPH, at
from integrations.wire import http
from integrations.wire.answers import text, told
from integrations.wire.bearer import Bearer
from integrations.wire.http import ANSWER, Answer, busy, origin_of, retry_after
from integrations.wire.pace import Pace
from keepwarm.errors import AccessRevoked, KeepwarmError, Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Grant

AT_ONCE = 4  # requests for one mailbox (PROVIDERS.md section 4, Throttling)
IMMUTABLE = 'IdType="ImmutableId"'
BUSY = frozenset({429, 503, 504})
SLOWER = frozenset({429})  # of those what is said to us alone

NOT_ALLOWED = mark("This was not allowed when the account was connected. Allow it on the page Accounts.")
REFUSED = mark("Microsoft refused this, and will not take it another time.")
NOT_TAKEN = mark(
    "Microsoft did not take our access, though it was renewed. It is tried again; if it stays so, connect anew."
)
STRANGE = mark("Microsoft answered something that cannot be read.")
NO_MAILBOX = mark("This account has no mailbox at Microsoft, or none that can be read this way.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. ``told``: the JSON object, empty where there is none; ``code``: what Graph calls an error."""

    status: int
    told: dict[str, Any] = field(repr=False)
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Calls:
    """The calls of one account."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._bearer = Bearer(opening, self._renew, self._place)
        self._pace = Pace(opening, "microsoft")

    @property
    def now(self) -> datetime:
        return self._opening.now()

    @property
    def grant(self) -> Grant:
        """As it is kept now."""
        return self._bearer.grant

    def keep(self) -> None:
        """Renew the grant, though its access token may still be good."""
        self._bearer.renew()

    def alone(self, doing: str) -> AbstractContextManager[object]:
        """Held while one worker alone does something for this account. Raises TryAgainLater where another does."""
        return self._opening.budget.place(f"microsoft/{self._opening.account_id or 'new'}/{doing}", 1)

    def get(
        self, path: str, params: Iterable[tuple[str, str]] = (), *, prefer: Iterable[str] = (), ok: Collection[int] = ()
    ) -> Reply:
        return self.call("GET", path, params, prefer=prefer, ok=ok)

    def call(  # noqa: PLR0913 - what a request is made of, each by name
        self, method: str, path: str, params: Iterable[tuple[str, str]] = (), *, prefer: Iterable[str] = (),
        body: Any = None, raw: tuple[str, bytes] = ("", b""), ok: Collection[int] = (), limit: int = ANSWER,
        etag: str = "",
    ) -> Reply:  # fmt: skip
        """The reply, if it is 2xx or one of ``ok``; any other raises by remedy.

        ``path``: below the root of Graph, or a whole address that Graph gave us (nextLink, deltaLink), which is called
        at Graph alone. ``prefer``: more wishes beside immutable ids. ``body`` is sent as JSON, ``raw`` as it is (type,
        bytes); ``etag``: only where that version stands. Nothing is ever sent a second time, but for a dead token.
        """
        kind, data = ("application/json", json.dumps(body).encode()) if body is not None else raw
        headers = {"Prefer": ", ".join((IMMUTABLE, *prefer)), "Accept": "application/json"}
        headers |= ({"Content-Type": kind} if kind else {}) | ({"If-Match": etag} if etag else {})
        self._pace.ask()
        reply = read(self._bearer.call(method, self._url(path, list(params)), headers, data, limit=limit))
        if reply.good:
            self._pace.answered()
        if reply.good or reply.status in ok:
            return reply
        raise self.refused(reply)

    def refused(self, reply: Reply) -> KeepwarmError:
        """The error for a refusal, of a whole call or of a part of one: the account rests if it was too fast."""
        error = refusal(reply, self.now)
        if isinstance(error, TryAgainLater) and reply.status in SLOWER:
            self._pace.refused(error.after)
        return error

    def _url(self, path: str, params: list[tuple[str, str]]) -> str:
        root = at(self._opening.operator.microsoft_base, GRAPH)
        if path.startswith("https://"):
            if origin_of(path) != origin_of(root):  # a link out of Graph would carry the token away
                raise Rejected(STRANGE)
            return path
        return root + path + (f"?{urlencode(params)}" if params else "")

    def _place(self) -> AbstractContextManager[object]:
        return self._opening.budget.place(f"microsoft/{self._opening.known_as}", AT_ONCE)

    def _renew(self, grant: Grant) -> Grant:
        return renew(self._opening.operator, self._opening.reach, grant, self.now)


def read(answer: Answer) -> Reply:
    """An answer with what it says, if that is a JSON object; else empty."""
    return reply_of(answer.status, answer.headers, told(answer.body))


def reply_of(status: int, headers: Mapping[str, str], found: dict[str, Any]) -> Reply:
    """The same of an answer that came as a part of a batch."""
    code = text(found, "error", "code") if status >= 400 else ""
    return Reply(status=status, told=found, code=code, headers=headers)


def refusal(reply: Reply, now: datetime) -> KeepwarmError:
    """The error that names what to do about a refused call (RELIABILITY.md C14)."""
    if reply.status == 401 and "claims=" in reply.headers.get("www-authenticate", ""):
        return AccessRevoked("the person has to sign in anew")
    if reply.status == 401:  # with a new access token too: that the grant is dead is said where it is renewed
        return TryAgainLater(http.BUSY, NOT_TAKEN)
    if reply.status in BUSY:
        return TryAgainLater(retry_after(reply.headers, now))
    if reply.status >= 500:
        return busy(Answer(status=reply.status, headers=reply.headers, body=b"", url=""), now)
    if reply.code in {"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI", "ResourceNotFound"}:
        return Rejected(NO_MAILBOX)
    if reply.status == 403:
        return Rejected(NOT_ALLOWED)
    return Rejected(REFUSED if reply.code else STRANGE)
