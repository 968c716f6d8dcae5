"""Answers of Google that come in pages. Called by the readers here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from integrations.google.calls import STRANGE
from integrations.wire import paging
from integrations.wire.answers import Told, broken, number, objects, text

__all__ = ["Told", "broken", "number", "objects", "paged", "text"]


def paged(ask: Callable[[str], Told], first: str = "") -> Iterator[tuple[str, Told, str]]:
    """As `integrations.wire.paging.paged`: each page with the token it was asked with, and the next one's."""
    return paging.paged(ask, first, after="nextPageToken", strange=STRANGE)
