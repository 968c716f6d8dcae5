"""A thin DAV client over `wire.http`: it asks, and says what an answer means for us. Called by `calendars` and `books`.

An href is a path on the one origin that is asked; one that leads elsewhere is never followed. A principal, a home and
what lies in it are named by references: a path on the account's own host, or the whole address on a sibling of it
(`davhosts`). The resources of an answer are in the server's order. Follows RFC 4918, RFC 4791, RFC 6352, RFC 6578.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote, urljoin, urlsplit

from integrations.open.davhosts import siblings
from integrations.open.davxml import Multistatus, Resource, Unusable, asking, multistatus, question
from integrations.wire.http import TOO_LONG, Answer, Client, busy, origin_of
from keepwarm.errors import AccessRevoked, Rejected
from keepwarm.texts import mark

XML = "application/xml; charset=utf-8"
ABSENT = frozenset({404, 410})
_PLAIN = re.compile(r"(?:/[\w~@%+=:,-][\w~@%+=:,.-]*+)++/?", re.ASCII)  # a path alone, no segment begins with a dot
_FOR_NOW = frozenset({408, 423, 425, 429})
_FOR_GOOD = frozenset({501, 505, 507})  # of those from 500: what the server cannot do, or has no room for

WRONG_LOGIN = mark("The server does not accept this name and password.")
ELSEWHERE = mark("The server sent us to another server. Enter that server's address instead.")
NOT_THERE = mark("This calendar or address book is no longer on the server.")
NOT_ALLOWED = mark("The server does not let us do this. Check what the account may do there.")
REFUSED = mark("The server refused what we asked; nothing was changed.")
NO_DAV = mark("There is no calendar or address book server at this address.")


class Dav:
    """One host of an account. ``url`` is where to begin: its origin is the only one that is asked here.

    ``account``: the address that the account has, where this is a sibling of its host.
    """

    def __init__(self, client: Client, url: str, *, now: Callable[[], datetime], account: str = "") -> None:
        self._client, self._origin = client, origin_of(url)
        self._account = account or url
        self.url, self.now = url, now
        host, port = self._origin[1], self._origin[2]
        self._base = f"{self._origin[0]}://{f'[{host}]' if ':' in host else host}{'' if port == 443 else f':{port}'}"

    def call(
        self, method: str, href: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:  # fmt: skip
        """The answer to one request, where it says yes or no.

        Raises AccessRevoked for a refused login, TryAgainLater for a server in trouble, Unusable for an answer too
        long, Rejected where a redirect leaves the origin.
        """
        named = {"Content-Type": XML} | dict(headers or {}) if body else dict(headers or {})
        try:
            answer = self._client.call(method, self._base + href, body=body, headers=named)
        except Rejected as error:
            if error.reason == TOO_LONG:
                raise Unusable(TOO_LONG) from error
            raise
        if origin_of(answer.url) != self._origin:
            raise Rejected(ELSEWHERE)
        if answer.status == 401:
            raise AccessRevoked(WRONG_LOGIN)
        if answer.status in _FOR_NOW or (answer.status >= 500 and answer.status not in _FOR_GOOD):
            raise busy(answer, self.now())
        return answer

    def told(self, answer: Answer) -> Multistatus:
        """What a 207 tells. Raises Rejected for any other status, Unusable for a body that cannot be read."""
        if answer.status != 207:
            raise refusal(answer.status)
        return multistatus(answer.body, lambda href: self.path(href, answer.url))

    def propfind(self, href: str, names: Sequence[str], *, depth: int) -> Multistatus:
        """Properties of a resource (depth 0), or of it and its members (1). Raises as `call` and `told` do."""
        return self.told(self._propfind(href, names, depth))

    def one(self, href: str, names: Sequence[str]) -> Resource | None:
        """Properties of a single resource, its href as after redirects; None if there is none or it tells none."""
        answer = self._propfind(href, names, 0)
        if answer.status in {*ABSENT, 403, 405, 501}:
            return None
        return next((each for each in self.told(answer).resources if each.status not in ABSENT), None)

    def _propfind(self, href: str, names: Sequence[str], depth: int) -> Answer:
        return self.call("PROPFIND", href, body=question("D:propfind", asking(names)), headers={"Depth": str(depth)})

    def report(self, href: str, body: bytes, *, depth: int = 1) -> Answer:
        return self.call("REPORT", href, body=body, headers={"Depth": str(depth)})

    def path(self, href: str, base: str = "") -> str:
        """Where an href leads on our origin, as it is encoded; empty where it leads anywhere else or is none."""
        if _PLAIN.fullmatch(href):
            return href
        try:
            whole = urljoin(base or self.url, href.strip())
            same = origin_of(whole) == self._origin
        except (Rejected, ValueError):
            return ""
        if not same or not href.strip() or any(sign < " " or sign == "\x7f" for sign in href):
            return ""
        parts = urlsplit(whole)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def ref(self, path: str) -> str:
        """The reference to a path here."""
        return path if self._origin == origin_of(self._account) else self._base + path

    def at(self, ref: str) -> tuple[Dav, str]:
        """Who is asked for a reference, and its path there. Raises Rejected for a host that is not the account's."""
        own = origin_of(self._account)
        whole = self._account if ref.startswith("/") else ref
        origin = origin_of(whole)
        if origin != own and not siblings(own, origin):
            raise Rejected(ELSEWHERE)
        dav = self if origin == self._origin else Dav(self._client, whole, now=self.now, account=self._account)
        path = ref if ref.startswith("/") else dav.path(ref)
        if not path:
            raise Rejected(ELSEWHERE)
        return dav, path

    def refs(self, resource: Resource, name: str) -> list[str]:
        """The hrefs within a property that names principals or homes, as references, unique, in order."""
        found = [self._ref(each.text or "") for each in resource.inner(name, "D:href")]
        return list(dict.fromkeys(each for each in found if each))

    def _ref(self, href: str) -> str:
        """The reference that an href is; empty where it leads to a host that is not the account's, or is none."""
        try:
            dav, path = self.at(urljoin(self.url, href.strip()))
        except (Rejected, ValueError):
            return ""
        return dav.ref(path) if href.strip() else ""


def alike(one: str, other: str) -> bool:
    """Whether two hrefs name the same, however they are encoded and whether or not a slash ends them."""
    return unquote(one).rstrip("/") == unquote(other).rstrip("/")


def as_collection(href: str) -> str:
    return href if href.endswith("/") else f"{href}/"


def refusal(status: int) -> Rejected:
    """The error for an answer that is a no for good."""
    if status in ABSENT:
        return Rejected(NOT_THERE)
    if status == 403:
        return Rejected(NOT_ALLOWED)
    return Rejected(NO_DAV if status < 300 or status in {405, 501} else REFUSED)
