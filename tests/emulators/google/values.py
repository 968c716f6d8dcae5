"""What passes through the emulator: a request, an answer, a call of an API method, a refusal, an effect.

Every module of the package uses these; none of them holds state.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulators.google.contract import Method
    from tests.emulators.google.faults import Fault
    from tests.emulators.google.person import Person
    from tests.emulators.google.town import Google

Json = dict[str, Any]
Handler = Callable[["Call"], Any]  # gives the JSON of the answer, or None for an empty one

STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 410: "NOT_FOUND", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
}  # fmt: skip  # google.rpc.Code names as the public APIs pair them with HTTP numbers


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
class Call:
    """One checked call of an API method; ``path`` and ``query`` are decoded and typed."""

    town: Google
    method: Method
    person: Person
    scopes: frozenset[str]
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Json
    headers: Mapping[str, str]
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something carried out. ``key`` is a Message-ID, an event id, a channel id; ``more`` depends on the method."""

    at: datetime
    person: str
    method: str
    key: str
    more: Mapping[str, Any] = field(default_factory=dict)


class Refusal(Exception):
    """An error answer. With ``breach`` the caller broke the contract, which is noted in the town."""

    def __init__(
        self, status: int, reason: str, message: str, *, breach: bool = False, domain: str = "global",
        rpc: str = "", headers: Mapping[str, str] | None = None, details: list[Json] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.reason, self.message, self.breach = status, reason, message, breach
        self.domain, self.rpc, self.details = domain, rpc or STATUS.get(status, "UNKNOWN"), details or []
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        one = {"message": self.message, "domain": self.domain, "reason": self.reason}
        error: Json = {"code": self.status, "message": self.message, "errors": [one], "status": self.rpc}
        if self.details:
            error["details"] = self.details
        return of_json({"error": error}, status=self.status, headers=self.headers)


def error_info(reason: str, service: str, **metadata: str) -> Json:
    """A google.rpc.ErrorInfo, as newer APIs put it under ``details``."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {
        "@type": kind,
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": f"{service}.googleapis.com", **metadata},
    }


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
