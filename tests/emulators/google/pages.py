"""Pages and opaque tokens, the same for every list of the emulator.

A token holds the method, a print of the other parameters and a position: used with other parameters it is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.emulators.google.values import Call, Json, Refusal, sealed, unsealed
from tests.emulators.stand.faults import sized

T = TypeVar("T")
KEPT = 256  # lists held for their next pages
FREE = frozenset(("pageToken", "syncToken", "maxResults", "fields", "alt", "prettyPrint", "quotaUser", "key"))


def opened(token: str, *, of: str) -> Json:
    """A token's inside; Refusal when it is none of ours or belongs to another list (``of``)."""
    try:
        found = unsealed(token)
    except (ValueError, TypeError) as exc:
        raise Refusal(400, "invalid", "Invalid token", breach=True) from exc
    if found.get("of") != of:
        raise Refusal(400, "invalid", "The token belongs to another list", breach=True)
    return found


def prints(call: Call, without: frozenset[str] = FREE) -> str:
    """A print of the path and of the parameters that must not change between calls."""
    kept = {name: value for name, value in call.query.items() if name not in without}
    text = json.dumps([sorted(call.path.items()), sorted(kept.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def position(call: Call) -> Json | None:
    """What the asked page token holds; None on the first page."""
    token = call.query.get("pageToken")
    if not token:
        return None
    found = opened(token, of=call.method.id)
    if found["print"] != prints(call):
        raise Refusal(400, "invalid", "The page token was made with other parameters", breach=True)
    return found


def cut(
    call: Call, rows: Sequence[T], size: int, place: Callable[[T], Any], /, *, start: Any, **more: Any
) -> tuple[Sequence[T], str | None]:
    """The page's rows and the next page's token (None on the last). ``rows`` begin at the position ``start``; ``more``
    travels inside the token."""
    kind = call.fault.kind if call.fault else ""
    taken = rows[: sized(kind, size)]
    last = len(taken) == len(rows) and kind not in ("empty-page", "repeated-page-token")
    if last:
        return taken, None
    if kind == "repeated-page-token" and call.query.get("pageToken"):
        return taken, call.query["pageToken"]
    after = place(taken[-1]) if taken and kind != "repeated-page-token" else start
    return taken, sealed({"of": call.method.id, "print": prints(call), "after": after, **more})


def paged(call: Call, make: Callable[[], tuple[list[T], Any]], size: int) -> tuple[Sequence[T], str | None, Any]:
    """A page of the rows as they were at the first page, the next page's token, and what ``make`` noted beside them."""
    found, kept = position(call), call.town.snapshots
    if found and found["rows"] not in kept:
        raise Refusal(400, "invalid", "The page token is too old")
    name = found["rows"] if found else f"{call.town.number():x}"
    rows, note = kept[name] if found else make()
    start = found["after"] if found else 0
    numbered = list(enumerate(rows[start : start + size + 1], start + 1))
    taken, token = cut(call, numbered, size, lambda row: row[0], start=start, rows=name)
    if token:
        kept[name] = (rows, note)
        if len(kept) > KEPT:
            del kept[next(iter(kept))]
    return [row for _, row in taken], token, note
