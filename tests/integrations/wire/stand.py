"""A server that signs and gives tokens as a test says: its keys, its answers by path, and everything that was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from integrations.wire import net
from integrations.wire.jwt import Signer
from tests.conftest import NOW
from tests.emulators.google.server import serving
from tests.emulators.google.tokens import key, signed
from tests.emulators.google.values import Answer, Asked, of_json
from tests.servers.dav import Authority

REACH = net.Reach(allow=("localhost",))
ISSUER = "https://issuer.example"
CLIENT = "client-1"


@dataclass(slots=True)
class Stand:
    """``answers``: what a path gives, or what makes it of the request. Keys are those named in ``published``."""

    base: str = ""
    published: list[str] = field(default_factory=lambda: ["google"])
    life: str = "public, max-age=19800"
    answers: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def serve(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        found = self.answers.get(asked.path)
        if found is None:
            return of_json({"keys": [key(each).jwk for each in self.published]}, headers={"Cache-Control": self.life})
        return found if isinstance(found, Answer) else found(asked)

    @property
    def signer(self) -> Signer:
        return Signer(keys=f"{self.base}/keys", issuers=frozenset({ISSUER}))

    def times(self, path: str) -> int:
        """How often it was asked for."""
        return sum(each.path == path for each in self.asked)

    def form(self, at: int = -1) -> dict[str, str]:
        """The fields of a form that was sent, the last one if none is named."""
        return {name: held[0] for name, held in parse_qs(self.asked[at].body.decode()).items()}


def claims(**changes: Any) -> dict[str, Any]:
    """Good ones; None takes a claim away."""
    now = int(NOW.timestamp())
    made = {"iss": ISSUER, "aud": CLIENT, "sub": "sub-1", "iat": now, "exp": now + 3600} | changes
    return {name: value for name, value in made.items() if value is not None}


def token(*, by: str = "google", alg: str = "RS256", **changes: Any) -> str:
    return signed(claims(**changes), key(by), alg=alg)


@contextmanager
def stands(folder: Path) -> Iterator[Stand]:
    """A stand whose certificate is trusted while it is there."""
    authority = Authority(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        stand = Stand()
        with serving(authority, stand.serve) as port:
            stand.base = f"https://localhost:{port}"
            yield stand
    net.tls_context.cache_clear()


def later(**span: float) -> Any:
    return NOW + timedelta(**span)
