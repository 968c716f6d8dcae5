"""What a JSON answer tells, whatever its types. Called by the adapters that speak JSON.

All of it is foreign: a text may be a number, a list may be missing, lists may lie in lists without end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from keepwarm.errors import Unreadable
from keepwarm.types import Broken

Told = Mapping[str, Any]


def told(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; empty for anything else."""
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text(held: Any, *path: str) -> str:
    """The text at a path of names, empty where there is none."""
    for name in path:
        held = held.get(name) if isinstance(held, dict) else None
    return held if isinstance(held, str) else ""


def number(held: Any, name: str, *, most: int) -> int:
    """The whole number of that name from 0 to ``most``; 0 for anything else."""
    found = held.get(name) if isinstance(held, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= most else 0


def objects(held: Any, name: str) -> list[Told]:
    """The objects in the list of that name, in order; what is none is left out. May be empty."""
    found = held.get(name) if isinstance(held, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def broken(position: str, held: Any, error: Exception, otherwise: str) -> Broken:
    """An item that could not be read, named by its id; ``otherwise``: why, where the error is not one for people."""
    reason = str(error) if isinstance(error, Unreadable) else otherwise
    try:
        said = repr(held)
    except RecursionError:  # lists inside lists
        said = position
    digest = sha256(said.encode("utf-8", "replace")).hexdigest()
    return Broken(position=position or digest[:16], digest=digest, reason=reason)
