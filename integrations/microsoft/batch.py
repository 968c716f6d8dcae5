"""Many questions in one request: Graph's JSON batch. Called by `folders` and `mail`.

Every part is refused and answered by itself, in any order, and the 200 around them says nothing. Wishes beside the
whole do not reach the parts, so each has its own. MD concepts/json-batching.md (PROVIDERS.md, section 4), read
November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from integrations.microsoft.calls import IMMUTABLE, Calls, Reply, reply_of
from integrations.wire.answers import number, objects, text
from integrations.wire.http import TOO_LONG
from keepwarm.errors import Rejected

MOST = 20  # parts (PROVIDERS.md, section 4)
UNANSWERED = Reply(status=503, told={})  # for a part that is missing in the answer
UNREADABLE = Reply(status=200, told={})  # for an answer that is longer than any may be


def fetch(calls: Calls, asked: Mapping[str, str]) -> dict[str, Reply]:
    """What Graph answers to each GET of ``asked`` (name → path and query, at most `MOST`), by name and in that order.

    Fewer, from the first on, where the answer to all would be longer than any we take. Raises what `Calls.call` raises
    of the request as a whole, never of a part.
    """
    while True:
        try:
            found = _once(calls, asked)
        except Rejected as error:
            if error.reason != TOO_LONG:
                raise
            if len(asked) == 1:
                return dict.fromkeys(asked, UNREADABLE)
            asked = dict(islice(asked.items(), len(asked) // 2))
            continue
        if all(each.status != 401 for each in found.values()):
            return found
        calls.get("/me", (("$select", "id"),), ok=(403,))  # renews a dead token, or says that access is gone
        return _once(calls, asked)


def _once(calls: Calls, asked: Mapping[str, str]) -> dict[str, Reply]:
    parts = [
        {"id": str(place), "method": "GET", "url": path, "headers": {"Prefer": IMMUTABLE}}
        for place, path in enumerate(asked.values())
    ]
    told = dict(_parts(calls.call("POST", "/$batch", body={"requests": parts}).told))
    return {name: told.get(str(place), UNANSWERED) for place, name in enumerate(asked)}


def _parts(told: Mapping[str, Any]) -> Iterator[tuple[str, Reply]]:
    """(id, answer) of every part that has both."""
    for part in objects(told, "responses"):
        if status := number(part, "status", most=599):
            body = part.get("body")
            yield (
                text(part, "id"),
                reply_of(status, _headers(part.get("headers")), body if isinstance(body, dict) else {}),
            )


def _headers(told: Any) -> dict[str, str]:
    """Of one part, by lower-case name."""
    held = told.items() if isinstance(told, dict) else ()
    return {name.lower(): value for name, value in held if isinstance(value, str)}
