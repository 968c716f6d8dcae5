"""Answers of Google that come in pages. Called by the readers here.

A page may lead back to itself (RELIABILITY.md C4), and may hold nothing at all, which is never an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from integrations.google.calls import STRANGE
from integrations.wire.answers import Told, broken, number, objects, text
from integrations.wire.http import BUSY
from keepwarm.errors import TryAgainLater

__all__ = ["Told", "broken", "number", "objects", "paged", "text"]


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
