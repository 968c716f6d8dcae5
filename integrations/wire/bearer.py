"""Requests with an access token that is renewed in time. Called by the adapters of accounts connected by consent.

A token is renewed before it ends by its own word, and once where it is refused: 401 comes before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from integrations.base import InHand, Opening
from integrations.wire.http import ANSWER, BUSY, Answer, Client
from integrations.wire.net import Unreachable
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.types import Grant

EARLY = timedelta(minutes=1)  # before its end a token is renewed; ours


class Bearer:
    """The requests of one account. ``renew`` makes a grant with a new access token of the one it is given.

    ``around`` is held while a request is under way: for a provider that takes only so many at once.
    """

    def __init__(
        self, opening: Opening, renew: Callable[[Grant], Grant],
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:  # fmt: skip
        self._tokens = opening.tokens or InHand(opening.grant)
        self._http, self._now = Client(opening.reach), opening.now
        self._renew, self._around = renew, around

    @property
    def grant(self) -> Grant:
        """As it is kept now."""
        return self._tokens.current()

    def renew(self) -> None:
        """Raises what ``renew`` raises."""
        self._tokens.renewed(self._tokens.current(), self._renew)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, limit: int = ANSWER
    ) -> Answer:
        """The answer, whatever its status. Redirects are not followed.

        Raises what `wire.http.Client.call` does of the request itself, and what ``renew`` raises; that a renewal failed
        is TryAgainLater, as the request was certainly not made.
        """
        grant = self._tokens.current()
        if self._ends(grant):
            grant = self._in_time(grant)
        answer = self._once(method, url, headers, body, grant, limit)
        if answer.status == 401:
            answer = self._once(method, url, headers, body, self._in_time(grant), limit)
        return answer

    def _in_time(self, grant: Grant) -> Grant:
        try:
            return self._tokens.renewed(grant, self._renew)
        except Unreachable as error:
            raise TryAgainLater(error.after, error.says) from error
        except Rejected as error:
            raise TryAgainLater(BUSY, error.reason) from error

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes, grant: Grant, limit: int) -> Answer:
        named = {"Authorization": f"Bearer {grant.values.get('access_token', '')}"} | dict(headers)
        with self._around():
            return self._http.call(method, url, body=body, headers=named, limit=limit, follow=False)

    def _ends(self, grant: Grant) -> bool:
        try:
            return datetime.fromisoformat(grant.values["expires_at"]) <= self._now() + EARLY
        except (KeyError, ValueError):
            return False
