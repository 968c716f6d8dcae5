"""How requests reach the town: over its real port, or straight into its desk; and every moment around them.

Straight is the same request without sockets and TLS: a random life of two hundred steps takes seconds instead of
minutes. Some lives of every run go over the port all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.wire import http, net
from integrations.wire.http import ANSWER, BUSY, TOO_LONG, Answer, Client
from keepwarm.errors import Rejected
from tests.emulators.stand.values import Asked
from tests.rings.consent.sides import Side
from tests.rings.points import At, watched
from workers.runtime import Runtime


def straight(side: Side, town: Any, patch: pytest.MonkeyPatch) -> None:
    """From now on every request to the town's address goes straight to it; what leads elsewhere finds nobody."""

    def call(
        self: Client, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
        limit: int = ANSWER, follow: bool = True,
    ) -> Answer:  # fmt: skip
        del self, follow
        if not url.startswith(town.base + "/"):
            raise net.Unreachable(BUSY, net.NO_ANSWER)
        parts = urlsplit(url)
        named = {name.lower(): value for name, value in (headers or {}).items()}
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        given = side.serve(town, Asked(verb=method, path=parts.path, query=query, headers=named, body=body))
        if given.closes:
            raise net.Unreachable(BUSY, net.NO_ANSWER)
        if len(given.body) > limit:
            raise Rejected(TOO_LONG)
        told = {name.lower(): value for name, value in given.headers.items()}
        return Answer(status=given.status, headers=told, body=given.body, url=url)

    patch.setattr(http.Client, "call", call)


@contextmanager
def stepped(side: Side, runtime: Runtime, town: Any, at: At) -> Iterator[Runtime]:
    """`watched`, and inside the provider too: around every request to it, named by its method of the contract.

    Names end with the how-manieth time it is.
    """
    times, real = Counter[str](), http.Client.call

    def numbered(name: str) -> None:
        times[name] += 1
        at(f"{name} #{times[name]}")

    def call(self: Client, method: str, url: str, **named: Any) -> Answer:
        found = town.contract.find(method, urlsplit(url).path)
        name = side.called(found[0]) if found else f"{method} {urlsplit(url).path}"
        numbered(f"before {name}")
        answer = real(self, method, url, **named)
        numbered(f"after {name}")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.Client, "call", call)
        yield watched(runtime, numbered)


Before = Callable[[str], None]


def hook(patch: pytest.MonkeyPatch, before: Before) -> None:
    """``before`` is told the verb and path of every request, ahead of it."""
    real = http.Client.call

    def call(self: Client, method: str, url: str, **named: Any) -> Answer:
        before(f"{method} {urlsplit(url).path}")
        return real(self, method, url, **named)

    patch.setattr(http.Client, "call", call)
