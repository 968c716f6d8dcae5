"""Answers that come in pages. Called by the readers of google and microsoft.

A page may lead back to itself (RELIABILITY.md C4), and may hold nothing at all, which is never an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from integrations.wire.answers import Told, text
from integrations.wire.http import BUSY
from keepwarm.errors import TryAgainLater


def paged(ask: Callable[[str], Told], first: str = "", *, after: str, strange: str) -> Iterator[tuple[str, Told, str]]:
    """Each page from ``first`` on: what it was asked with, what it tells, what the next is asked with (none: the last).

    ``after``: the name under which a page says that. Raises TryAgainLater, saying ``strange``, for a page that leads
    back, and for one that holds nothing at all.
    """
    at, seen = first, {first}
    while True:
        told = ask(at)
        onwards = text(told, after)
        if not told or (onwards and onwards in seen):
            raise TryAgainLater(BUSY, strange)
        yield at, told, onwards
        if not onwards:
            return
        seen.add(onwards)
        at = onwards
