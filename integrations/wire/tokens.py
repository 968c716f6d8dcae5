"""One exchange with an authorization server (RFC 6749): what is asked of it, what it gives, or why it refuses.

Called by `wire.oauth`. The protocol is Authlib's, the connections are those of `wire.http`. No error holds what was
sent, neither in its words nor beneath them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]  # Authlib has no types
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from requests.adapters import BaseAdapter

from integrations.wire import http
from integrations.wire.jwt import BROKEN, Signer
from integrations.wire.net import Forbidden, Reach
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark

ANSWER = 256 << 10  # bytes of one answer; tokens take some 4 KiB
LONGEST = 16 << 10  # characters of a token, a code
HOUR = timedelta(hours=1)  # how long an access token lives where nobody says so; customary
YEAR = timedelta(days=365)  # no longer span is believed
SOON = timedelta(minutes=5)  # ours: after an answer that cannot be read
ABOUT = 2000  # characters looked at of what is said beside a refusal

STRANGE = mark("The provider answered something that cannot be read; we go on by ourselves.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a provider lets people consent, gives tokens, takes them back, and who signs what it says of people."""

    authorize: str
    token: str
    revoke: str
    signer: Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """We, as such a server knows us, and this moment."""

    server: Server
    id: str
    secret: str = field(repr=False)
    reach: Reach
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the server gave. ``refresh`` is empty where there is none; ``ends_at``: when it dies, where that is told.

    ``claims``: who the person is, proven; empty after a renewal.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    ends_at: datetime | None
    scopes: frozenset[str]
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a server refuses: its word, may be empty, and what it says beside it, which may name somebody."""

    word: str
    about: str = field(default="", repr=False)


def refusal(word: Any, about: Any) -> Refusal:
    """One of whatever types came."""
    return Refusal(word=word if isinstance(word, str) else "", about=about[:ABOUT] if isinstance(about, str) else "")


def session(client: Client) -> Any:
    """Authlib's session over our connections. Close it."""
    made = OAuth2Session(
        client_id=client.id,
        client_secret=client.secret,
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
        code_challenge_method="S256",
    )
    http.guarded(made, client.reach).mount("https://", _Ours(client))
    return made


def asked(client: Client, ask: Callable[[Any], Any]) -> Mapping[str, Any] | Refusal:
    """What the server tells, or why it refuses. Raises Forbidden, TryAgainLater."""
    with session(client) as opened:
        found = sent(lambda: ask(opened))
    return found if isinstance(found, Refusal) else dict(found)


def sent(call: Callable[[], Any]) -> Any:
    """What ``call`` returns, or a Refusal. Raises Forbidden, TryAgainLater."""
    refused: Refusal | None = None
    try:
        return call()
    except Forbidden:
        raise
    except OAuthError as error:
        refused = refusal(error.error, error.description)
    except (Rejected, requests.RequestException, *BROKEN):  # too long, or nothing that Authlib can read
        pass
    if refused is None:
        raise TryAgainLater(SOON, STRANGE)
    return refused


def given(client: Client, told: Mapping[str, Any], scopes: str) -> Given:
    """The tokens of an answer; ``scopes``: those asked for, which it need not repeat.

    Raises TryAgainLater where none can be read.
    """
    access, held = told.get("access_token"), told.get("refresh_token") or ""
    if not _plain(access) or (held and not _plain(held)):
        raise TryAgainLater(SOON, STRANGE)
    granted, ends = told.get("scope"), _span(told.get("refresh_token_expires_in"))
    return Given(
        access=str(access),
        refresh=str(held),
        expires_at=client.now + (_span(told.get("expires_in")) or HOUR),
        ends_at=client.now + ends if ends else None,
        scopes=frozenset((granted if isinstance(granted, str) else scopes).split()),
    )


def bare(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An exchange in which nothing but the token itself tells who we are."""
    return request


def _plain(token: Any) -> bool:
    """Whether this is a token that a header can hold."""
    return isinstance(token, str) and 0 < len(token) <= LONGEST and token.isascii() and token.isprintable()


def _span(seconds: Any) -> timedelta | None:
    """A number of seconds, or its digits; at most a year. None for anything else, and for nothing."""
    try:
        return timedelta(seconds=min(float(seconds), YEAR.total_seconds())) if float(seconds) > 0 else None
    except (ValueError, TypeError, OverflowError):
        return None


class _Ours(BaseAdapter):
    """Carries Authlib's requests over our own client: bounded answers, our time limits, no redirects, our errors."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._now, self._http = client.now, http.Client(client.reach)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = request.body or b""
        answer = self._http.call(
            request.method or "",
            request.url or "",
            body=body.encode() if isinstance(body, str) else body,
            headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            limit=ANSWER,
            follow=False,
        )
        if answer.status == 429 or answer.status >= 500:
            raise http.busy(answer, self._now)
        made = requests.Response()
        made.status_code, made.url, made.request = answer.status, answer.url, request
        made.raw = io.BytesIO(answer.body)
        return made

    def close(self) -> None:
        self._http.close()
