"""What passes through an emulator: a request, an answer, an effect; JSON, base64 and moments. None holds state."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; ``path`` is still percent-encoded and without the query; header names in lower case."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. ``closes``: "" for a whole one, "halfway" after half the body, "silent" before the first byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    closes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something carried out. ``key`` is a Message-ID, an event id, a subscription; ``more`` depends on the method."""

    at: datetime
    person: str
    method: str
    key: str
    more: Mapping[str, Any] = field(default_factory=dict)


def of_json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(
        status=status, body=body, headers={"Content-Type": "application/json; charset=UTF-8"} | dict(headers or {})
    )


def instant(text: str) -> datetime:
    """An RFC 3339 moment; one without an offset is read as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(at: datetime) -> str:
    """Epoch milliseconds as a string, as 64-bit numbers travel."""
    return str(int(at.timestamp() * 1000))


def b64(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Of either alphabet, with or without padding; ValueError when it is neither."""
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)


def sealed(value: Json) -> str:
    """An opaque token with that inside."""
    return b64(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


def unsealed(token: str) -> Json:
    """A token's inside; ValueError when it is none of ours."""
    return dict(json.loads(unb64(token)))
