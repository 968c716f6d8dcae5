"""What passes through the emulator beside what every emulator has (`stand.values`): a call of an API method, a refusal.

Every module of the package uses these; none of them holds state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulators.stand.values import (
    Answer,
    Asked,
    Effect,
    Json,
    b64,
    instant,
    millis,
    of_json,
    sealed,
    stamp,
    unb64,
    unsealed,
)

if TYPE_CHECKING:
    from tests.emulators.google.contract import Method
    from tests.emulators.google.person import Person
    from tests.emulators.google.town import Google
    from tests.emulators.stand.faults import Fault

__all__ = [
    "Answer", "Asked", "Call", "Effect", "Handler", "Json", "Refusal", "b64", "error_info", "instant", "millis",
    "of_json", "sealed", "stamp", "unb64", "unsealed",
]  # fmt: skip
Handler = Callable[["Call"], Any]  # gives the JSON of the answer, or None for an empty one

STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 410: "NOT_FOUND", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
}  # fmt: skip  # google.rpc.Code names as the public APIs pair them with HTTP numbers


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
