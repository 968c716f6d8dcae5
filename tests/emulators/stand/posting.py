"""A POST from an emulator to a receiver under test. `pushes.py` and the handshakes use it."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a receiver answered; status 0: not at all, or not in time. Header names in lower case."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


def post(to: str, address: str, headers: Mapping[str, str], body: bytes, *, patience: float = PATIENCE) -> Reply:
    """The answer to a POST to the path of ``address`` at the host of ``to`` (of ``address`` where that is empty)."""
    base, path = urlsplit(to or address), urlsplit(address)
    kinds: dict[str, Any] = {"context": ssl._create_unverified_context()} if base.scheme == "https" else {}
    made = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
    target = path.path + (f"?{path.query}" if path.query else "")
    began = time.monotonic()
    with closing(made(base.hostname or "", base.port, timeout=patience, **kinds)) as line:
        try:
            line.request("POST", target, body=body, headers=dict(headers))
            answer = line.getresponse()
            given = answer.read()
        except (OSError, http.client.HTTPException):
            return Reply(seconds=time.monotonic() - began)
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(status=answer.status, headers=told, body=given, seconds=time.monotonic() - began)
