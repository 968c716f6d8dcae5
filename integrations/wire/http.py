"""One HTTP client for every adapter: HTTPS alone, guarded connections, budgets, redirects looked at one by one.

Called by adapters. Built on `requests`; the connections are those of `wire.net`. Nothing of an answer is ever shown
or logged, and credentials never leave the origin they are for (RELIABILITY.md G1, F13, F14).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from integrations.wire import net
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark

ANSWER = 4 << 20  # bytes of one answer (RELIABILITY.md F13)
HEADS = 256 << 10  # bytes of headers and chunk marks beside it
SECONDS = 45.0  # for one exchange: below the limit of a task that sends
REDIRECTS = 5
BUSY = timedelta(minutes=1)  # where the server does not say how long
LONGEST = timedelta(days=1)  # a wait longer than that is not believed

TOO_LONG = mark("The server's answer is longer than any we can use.")
PLAIN = mark("The server sent us to an address that is not encrypted, so we did not follow.")
ROUND = mark("The server sent us from one address to the next without end.")
UNSAFE = mark("This is not an address that begins with https://.")
AWAY = mark("The server has trouble of its own; we go on by ourselves.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. ``headers`` by lower-case name; ``url`` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str


class Client:
    """Requests to one origin with one login; ``url`` may redirect elsewhere only where no login is asked for."""

    def __init__(self, reach: net.Reach, *, user: str = "", password: str = "") -> None:
        self._session = guarded(requests.Session(), reach)
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": "Keepwarm", "Accept-Encoding": "gzip"})
        self._user, self._password = user.encode(), password.encode()
        self._auth: AuthBase | None = HTTPBasicAuth(self._user, self._password) if user else None

    def close(self) -> None:
        self._session.close()

    def __del__(self) -> None:
        """Nobody closes a provider: its connections end with it."""
        if hasattr(self, "_session"):
            self._session.close()

    def call(
        self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
        limit: int = ANSWER, follow: bool = True,
    ) -> Answer:  # fmt: skip
        """The answer, whatever its status. Redirects keep method and body; the login goes along within the origin only.

        Raises Forbidden, Unreachable, Untrusted; Rejected for an answer too long or a redirect we do not follow.
        """
        origin = origin_of(url)
        for _ in range(REDIRECTS):
            answer = self._once(method, url, body, headers or {}, limit, login=origin_of(url) == origin)
            if not follow or answer.status not in {301, 302, 303, 307, 308} or not answer.headers.get("location"):
                return answer
            url = _followed(url, answer.headers["location"])
        raise Rejected(ROUND)

    def _once(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], limit: int, *, login: bool
    ) -> Answer:
        parts = urlsplit(url)
        twofold = "@" in parts.netloc or "\\" in url  # read otherwise by `urllib3`: the login would go astray
        if parts.scheme != "https" or not parts.hostname or twofold:
            raise Rejected(UNSAFE)
        answer = self._sent(method, url, body, headers, limit, login=login)
        challenge = answer.headers.get("www-authenticate", "").lower()
        basic = isinstance(self._auth, HTTPBasicAuth)
        if answer.status == 401 and login and basic and "digest" in challenge and "basic" not in challenge:
            self._auth = HTTPDigestAuth(self._user, self._password)
            answer = self._sent(method, url, body, headers, limit, login=login)
        return answer

    def _sent(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], limit: int, *, login: bool
    ) -> Answer:
        prepared = requests.Request(
            method, url, data=body or None, headers=dict(headers), auth=self._auth if login else None
        )
        try:
            with self._session.send(
                self._session.prepare_request(prepared),
                stream=True,
                allow_redirects=False,
                timeout=(net.PATIENCE, SECONDS),
            ) as found:
                return Answer(
                    status=found.status_code,
                    headers={name.lower(): value for name, value in found.headers.items()},
                    body=_body(found, limit),
                    url=url,
                )
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _told(error) from error
        except ValueError as error:  # `requests` reads the redirect, too
            raise Rejected(UNSAFE) from error


def guarded(session: requests.Session, reach: net.Reach) -> requests.Session:
    """The session with our connections alone: nothing from the environment, nothing that is not encrypted."""
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", _Adapter(reach))
    return session


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises Rejected for what is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, (parts.hostname or "").casefold(), parts.port or 443
    except ValueError as error:
        raise Rejected(UNSAFE) from error


def _followed(url: str, location: str) -> str:
    """Where a redirect goes. Raises Rejected for what is no address, or not encrypted."""
    try:
        target = urljoin(url, location)
        encrypted = urlsplit(target).scheme == "https"
    except ValueError as error:
        raise Rejected(UNSAFE) from error
    if not encrypted:
        raise Rejected(PLAIN)
    return target


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the server asks us to wait: seconds or a date; a minute where it says nothing that can be read."""
    said = headers.get("retry-after", "").strip()
    try:
        wait = timedelta(seconds=float(said))
    except (ValueError, OverflowError):
        try:
            at = parsedate_to_datetime(said)
        except (ValueError, IndexError, TypeError, OverflowError):
            return BUSY
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, BUSY), LONGEST)


def _body(found: requests.Response, limit: int) -> bytes:
    """The whole body. Raises Rejected past the limit, counted as it comes out of any packing."""
    parts, size = [], 0
    for part in found.iter_content(64 << 10):
        size += len(part)
        if size > limit:
            raise Rejected(TOO_LONG)
        parts.append(part)
    return b"".join(parts)


def _told(error: BaseException) -> Exception:
    """The remedy for whatever went wrong on the way: ours if one of ours lies beneath, else another try."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            break
        if isinstance(seen, net.Forbidden | net.Unreachable):
            return seen
        if isinstance(seen, net.TooMuchError):
            return Rejected(TOO_LONG)
        if isinstance(seen, ssl.SSLCertVerificationError):
            return net.Untrusted(timedelta(hours=1), net.UNTRUSTED)
        inner = [each for each in (*seen.args, getattr(seen, "reason", None)) if isinstance(each, BaseException)]
        seen = inner[0] if inner else (seen.__cause__ or seen.__context__)
    return net.Unreachable(BUSY, net.NO_ANSWER)


class _Connection(HTTPSConnection):
    """One connection, made by the guard; every request begins a new budget."""

    reach: net.Reach

    def _new_conn(self) -> Any:
        return net.connect(self.reach, self.host, self.port or 443)

    def putrequest(self, *args: Any, **named: Any) -> None:
        if self.sock is not None:
            self._allow()
        super().putrequest(*args, **named)

    def connect(self) -> None:
        super().connect()
        self._allow()

    def _allow(self) -> None:
        if isinstance(self.sock, net.Bounded):
            self.sock.ticks = self.reach.ticks
            self.sock.silence = SECONDS  # a server that computes a large listing anew says nothing meanwhile
            self.sock.allow(seconds=SECONDS, received=ANSWER + HEADS)


class _Adapter(HTTPAdapter):
    def __init__(self, reach: net.Reach) -> None:
        self._reach = reach
        super().__init__(max_retries=0)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """By our context alone: requests would add an authority bundle of its own to it, at every connection."""
        del url, verify, cert
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, ssl_context=net.tls_context(), **named)
        connection = type("Connection", (_Connection,), {"reach": self._reach})
        pool = type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
        self.poolmanager.pool_classes_by_scheme = {"https": pool}


def busy(answer: Answer, now: datetime) -> TryAgainLater:
    """The error for 429 and 5xx."""
    return TryAgainLater(retry_after(answer.headers, now), AWAY)
