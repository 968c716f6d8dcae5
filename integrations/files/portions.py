"""The steps of a source → pages of about 1,000 items, each with the cursor that goes on after it. Called by `Files`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from integrations.files.reading import Offset, Thing
from integrations.files.sources import Found
from keepwarm.types import Broken, Page, Skipped

PAGE = 1000  # items


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a killed import goes on: at ``offset`` of the ``entry``-th source of the ``source``-th place.

    ``path`` is the place's own, so that a folder that changed meanwhile is not read from the wrong file on, and
    ``fingerprint`` tells whether what lies before the offset is still what was read.
    """

    source: int = 0
    entry: int = 0
    offset: Offset = 0
    path: str = ""
    fingerprint: str = ""

    @classmethod
    def of(cls, text: str) -> Cursor:
        """The cursor written in ``text``; the very beginning where it is empty."""
        values: dict[str, Any] = json.loads(text) if text else {}
        return cls(**values)

    def text(self) -> str:
        """JSON, without what is at its beginning."""
        return json.dumps(
            {"source": self.source, "offset": self.offset}
            | ({"entry": self.entry} if self.entry else {})
            | ({"path": self.path} if self.path else {})
            | ({"fingerprint": self.fingerprint} if self.fingerprint else {})
        )


def pages_of(found: Found, here: Cursor, after: Cursor) -> Iterator[Page]:
    """At least one page, from ``here`` on; the last is ``source_done`` and its cursor is ``after``.

    A source that is not any more what was read of it begins anew, and so do its counts (``source_anew``).
    """
    if here.offset != 0 and not found.goes_on(here.offset, here.fingerprint):
        anew = pages_of(found, replace(here, offset=0), after)
        yield replace(next(anew), source_anew=True)
        yield from anew
        return
    things: list[Thing] = []
    known = found.known if here.offset == 0 else 0
    for offset, thing, read in found.steps(here.offset):
        if len(things) == PAGE:
            cursor = replace(here, offset=offset, fingerprint=found.print_at(offset))
            yield _page(found, things, known, cursor, read=read)
            things, known = [], 0
        things.append(thing)
    yield _page(found, things, known, after, read=found.total, done=True)


def with_last(pages: Iterator[Page], final: Cursor) -> Iterator[Page]:
    """The same pages, the last of them marked; one empty page where there are none."""
    held: Page | None = None
    for page in pages:
        if held is not None:
            yield held
        held = page
    yield replace(held or Page(), last=True, cursor=final.text())


def _page(found: Found, things: list[Thing], known: int, cursor: Cursor, *, read: int, done: bool = False) -> Page:
    return Page(
        items=tuple(thing for thing in things if not isinstance(thing, Skipped | Broken)),
        skipped=tuple(thing for thing in things if isinstance(thing, Skipped)),
        broken=tuple(thing for thing in things if isinstance(thing, Broken)),
        known=known,
        cursor=cursor.text(),
        source=found.info,
        source_done=done,
        read_bytes=read,
        total_bytes=found.total,
    )
