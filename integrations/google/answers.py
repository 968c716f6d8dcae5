"""What an answer of Google tells, whatever its types, and answers that come in pages. Called by the readers here.

All of it is foreign: a text may be a number, a list may be missing, a page may lead back to itself (RELIABILITY.md C4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from integrations.google.calls import STRANGE
from integrations.wire.http import BUSY
from keepwarm.errors import TryAgainLater, Unreadable
from keepwarm.types import Broken

Told = Mapping[str, Any]


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


def paged(ask: Callable[[str], Told], first: str = "") -> Iterator[tuple[str, Told, str]]:
    """Each page from ``first`` on: the token it was asked with, what it tells, the next one's token (empty: the last).

    Raises TryAgainLater for a page that leads back, and for one that holds nothing at all: never is that an empty list.
    """
    at, seen = first, {first}
    while True:
        told = ask(at)
        after = text(told, "nextPageToken")
        if not told or (after and after in seen):
            raise TryAgainLater(BUSY, STRANGE)
        yield at, told, after
        if not after:
            return
        seen.add(after)
        at = after


def broken(position: str, held: Any, error: Exception, otherwise: str) -> Broken:
    """An item that could not be read, named by its id; ``otherwise``: why, where the error is not one for people."""
    reason = str(error) if isinstance(error, Unreadable) else otherwise
    try:
        said = repr(held)
    except RecursionError:  # lists inside lists
        said = position
    digest = sha256(said.encode("utf-8", "replace")).hexdigest()
    return Broken(position=position or digest[:16], digest=digest, reason=reason)
