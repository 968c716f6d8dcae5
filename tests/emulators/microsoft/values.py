"""What passes through the emulator beside what every emulator has: a call of a Graph method, and a refusal.

Every module of the package uses these; none of them holds state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulators.microsoft.odata import Prefer
from tests.emulators.stand.faults import Fault
from tests.emulators.stand.values import Answer, Asked, Json, of_json

if TYPE_CHECKING:
    from tests.emulators.microsoft.contract import Method
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

Handler = Callable[["Call"], Any]  # gives the JSON of the answer, None for an empty one, or an Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One checked call of a Graph method; ``path`` and ``query`` are decoded and typed, ``mime`` is a body that is no
    JSON."""

    town: Microsoft
    method: Method
    person: Person
    scopes: frozenset[str]
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Json
    mime: bytes | None
    prefer: Prefer
    asked: Asked
    fault: Fault | None

    @property
    def kind(self) -> str:
        """Of the fault, or ""."""
        return self.fault.kind if self.fault else ""


class Refusal(Exception):
    """An error answer of Graph. With ``breach`` the caller broke the contract, which is noted in the town.

    ``more`` stands inside ``error``.
    """

    def __init__(
        self, status: int, code: str, message: str, *, breach: bool = False, headers: Mapping[str, str] | None = None,
        more: Json | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.code, self.message, self.breach = status, code, message, breach
        self.headers, self.more = dict(headers or {}), more or {}

    def answer(self) -> Answer:
        inner = {"date": "2026-11-23T09:00:00", "request-id": "0", "client-request-id": "0"}
        error = {"code": self.code, "message": self.message, "innerError": inner} | self.more
        return of_json({"error": error}, status=self.status, headers=self.headers)


def wrong(message: str, code: str = "ErrorInvalidRequest") -> Refusal:
    """400, and a breach."""
    return Refusal(400, code, message, breach=True)


def missing() -> Refusal:
    """404 for an item that is not there, or is another's."""
    return Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
