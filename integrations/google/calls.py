"""One authorised call of an account: its purse, its tokens, and every refusal as its remedy. Called by all rooms here.

Of 403 the reason decides (RELIABILITY.md C14): too fast, too much, not allowed, or not switched on. A dead access token
is renewed once; what is refused after that is withdrawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.base import Allowance, Opening
from integrations.google.consent import renew
from integrations.google.hosts import at
from integrations.wire.answers import told
from integrations.wire.bearer import Bearer
from integrations.wire.http import ANSWER, BUSY, LONGEST, Answer, busy, retry_after
from integrations.wire.pace import Pace
from keepwarm.errors import KeepwarmError, OutOfBudget, Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Grant

# Units in any minute, for the project and for a person (Gmail: KEEPWARM_GOOGLE_UNITS); PROVIDERS.md, as of May 2026.
PROJECT = {"gmail": 1_200_000, "calendar": 10_000}
PERSON = {"calendar": 600}
BULK = 0.98  # of a purse, for a first pass: the rest is for what is new; ours

TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
TOO_MUCH = frozenset({"quotaExceeded", "dailyLimitExceeded", "limitExceeded"})
NO_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
RESTS = timedelta(hours=1)  # after a day's quota is used up; ours

FULL = mark("Google gives this project no more today; we go on by ourselves.")
NOT_ALLOWED = mark("This was not allowed when the account was connected. Allow it on the page Accounts.")
DISABLED = mark("This service is not switched on in the operator's project at Google: keepwarm check google names it.")
REFUSED = mark("Google refused this, and will not take it another time.")
NOT_TAKEN = mark(
    "Google did not take our access, though it was renewed. It is tried again; if it stays so, connect anew."
)
STRANGE = mark("Google answered something that cannot be read.")

_MOMENT = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. ``told``: the JSON object, empty where there is none; ``reasons``: all names of an error."""

    status: int
    told: dict[str, Any] = field(repr=False)
    reasons: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Calls:
    """The calls of one account."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._bearer = Bearer(opening, self._renew)
        self._pace = Pace(opening, "google")

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

    def spend(self, service: str, units: int, *, least: int = 0, bulk: bool = False) -> int:
        """Units that may be spent now on a service, ``units`` or, if told, at least ``least``. Raises OutOfBudget.

        ``bulk``: for a first pass, which leaves some for what is new.
        """
        person = self._opening.operator.google_units if service == "gmail" else PERSON[service]
        name, share = f"google/{service}", BULK if bulk else 1.0
        purses = {
            f"{name}/{self._opening.known_as}": int(person * share),
            name: int(PROJECT[service] * share),
        }
        given: Allowance = self._opening.budget.take(purses, units, least=least)
        if not given.units:
            raise OutOfBudget(given.after)
        return given.units

    def alone(self, doing: str) -> AbstractContextManager[object]:
        """Held while one worker alone does something for this account. Raises TryAgainLater where another does."""
        return self._opening.budget.place(f"google/{self._opening.account_id or 'new'}/{doing}", 1)

    def get(self, address: str, params: Iterable[tuple[str, str]] = (), *, ok: Collection[int] = ()) -> Reply:
        return self.call("GET", address, params, ok=ok)

    def call(  # noqa: PLR0913 - what a request is made of, each by name
        self, method: str, address: str, params: Iterable[tuple[str, str]] = (), *, body: Any = None,
        raw: tuple[str, bytes] = ("", b""), ok: Collection[int] = (), limit: int = ANSWER, etag: str = "",
    ) -> Reply:  # fmt: skip
        """The reply, if it is 2xx or one of ``ok``; any other raises by remedy.

        ``body`` is sent as JSON, ``raw`` as it is (type, bytes); ``etag``: only where that version stands. Nothing is
        ever sent a second time, but for a dead access token, which was refused before anything was done.
        """
        query = urlencode(list(params))
        url = at(self._opening.operator.google_base, address) + (f"?{query}" if query else "")
        kind, data = ("application/json", json.dumps(body).encode()) if body is not None else raw
        headers = ({"Content-Type": kind} if kind else {}) | ({"If-Match": etag} if etag else {})
        self._pace.ask()
        reply = read(self._bearer.call(method, url, headers, data, limit=limit))
        if reply.good:
            self._pace.answered()
        if reply.good or reply.status in ok:
            return reply
        raise self.refused(reply)

    def refused(self, reply: Reply) -> KeepwarmError:
        """The error for a refusal, of a whole call or of a part of one: the account rests if it was too fast."""
        error = refusal(reply, self.now)
        if isinstance(error, TryAgainLater) and 401 < reply.status < 500:
            self._pace.refused(error.after)
        return error

    def _renew(self, grant: Grant) -> Grant:
        return renew(self._opening.operator, self._opening.reach, grant, self.now)


def read(answer: Answer) -> Reply:
    """An answer with what it says, if that is a JSON object; else empty."""
    found = told(answer.body)
    reasons = frozenset(_reasons(found.get("error"))) if answer.status >= 400 else frozenset[str]()
    return Reply(status=answer.status, told=found, reasons=reasons, headers=answer.headers, body=answer.body)


def _reasons(error: Any) -> Iterable[str]:
    if not isinstance(error, dict):
        return
    for each in (*_listed(error.get("errors")), *_listed(error.get("details"))):
        if isinstance(each, dict) and isinstance(each.get("reason"), str):
            yield each["reason"]
    if isinstance(error.get("status"), str):
        yield error["status"]


def _listed(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else []


def refusal(reply: Reply, now: datetime) -> KeepwarmError:
    """The error that names what to do about a refused call."""
    if reply.status == 401:  # with a new access token too: that the grant is dead is said where it is renewed
        return TryAgainLater(BUSY, NOT_TAKEN)
    if reply.status == 403 and reply.reasons & TOO_MUCH:
        return TryAgainLater(RESTS, FULL)
    if reply.status == 429 or (reply.status == 403 and reply.reasons & TOO_FAST):
        return TryAgainLater(patience(reply, now))
    if reply.status >= 500:
        return busy(Answer(status=reply.status, headers=reply.headers, body=b"", url=""), now)
    if reply.reasons & SWITCHED_OFF:
        return Rejected(DISABLED)
    if reply.status == 403 and reply.reasons & NO_SCOPE:
        return Rejected(NOT_ALLOWED)
    return Rejected(REFUSED if reply.status < 500 and reply.reasons else STRANGE)


def patience(reply: Reply, now: datetime) -> timedelta:
    """How long we are asked to wait: in the header, or in the words of the error."""
    wait = retry_after(reply.headers, now)
    error = reply.told.get("error")
    said = _MOMENT.search(str(error.get("message", ""))) if isinstance(error, dict) else None
    with suppress(ValueError):  # a moment that there is not
        if said is not None:
            return min(max(wait, datetime.fromisoformat(said[1]).astimezone(UTC) - now), LONGEST)
    return wait
