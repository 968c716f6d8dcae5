"""Partial answers: the `fields` parameter, such as ``nextPageToken,items(id,start/dateTime)``.

`desk.py` applies it after the whole answer was checked. Page: G/workspace/calendar/api/guides/performance.
"""

from __future__ import annotations

import re
from typing import Any

from tests.emulators.google.values import Refusal

Mask = dict[str, Any]  # name -> Mask; an empty one takes everything below


def partial(value: Any, text: str) -> Any:
    """``value`` with only the fields that ``text`` names; Refusal (a breach) when it cannot be read."""
    pieces = re.findall(r"[A-Za-z0-9_*$.-]+|[(),/]", text)
    if "".join(pieces) != text.replace(" ", ""):
        raise Refusal(400, "invalidParameter", "Invalid field selection", breach=True)
    return _kept(value, _mask(pieces))


def _mask(pieces: list[str]) -> Mask:
    """Reads up to a closing bracket or the end; uses the pieces up."""
    found: Mask = {}
    at = found
    while pieces:
        piece = pieces.pop(0)
        if piece == ")":
            break
        if piece == ",":
            at = found
        elif piece == "(":
            at.update(_mask(pieces))
        elif piece != "/":
            at = at.setdefault(piece, {})
    return found


def _kept(value: Any, mask: Mask) -> Any:
    if not mask:
        return value
    if isinstance(value, list):
        return [_kept(part, mask) for part in value]
    if not isinstance(value, dict):
        return value
    others: Mask = mask.get("*", {})
    return {name: _kept(part, mask.get(name, others)) for name, part in value.items() if name in mask or "*" in mask}
