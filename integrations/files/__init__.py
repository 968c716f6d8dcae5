"""The provider ``files``: mailboxes, calendars, address books and exports that lie on the disk. Opened by name.

In reading order:

- this file       `Files`: the paths of one import, source by source, as pages
- ``walk``        what lies under a path: files and Maildirs
- ``sources``     one place → its sources, recognised and compared with what was read before
- ``recognise``   the kind of a file, from its content
- ``fingerprint`` whether a file was read before, or has grown
- ``archive``     the entries of a zip, streamed
- ``reading``     one source → its items; ``mbox``, ``maildir`` and ``exports`` do the kinds
- ``portions``    items → pages and cursors

Counting law: of every source, read = items + known + skipped + broken.

A provider is done when: connection tested before it is saved, done (`verify`) · reconnect, exempt: there is no grant ·
streams really read, done · full start and resume, done · cursor expiry and rate limit, exempt: files have neither ·
push, subscription, exempt: absent · events, exempt: none written · disconnect, done: nothing is kept · bad item
quarantined, done · live test, exempt: the files are the real thing · logs free of content, done: nothing is logged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from integrations.base import Opening
from integrations.files.fingerprint import Memory
from integrations.files.portions import Cursor, pages_of, with_last
from integrations.files.reading import Setting
from integrations.files.sources import Sources
from integrations.files.walk import Place, places_in
from keepwarm.texts import mark
from keepwarm.types import Check, Page, Stream, StreamKind
from keepwarm.types import Place as Choice


class Files:
    """Reads ``settings["paths"]``. ``settings["seen"]`` lists earlier sources: path, kind, fingerprint, size, read."""

    name: ClassVar[str] = "files"
    reads: ClassVar[frozenset[StreamKind]] = frozenset({StreamKind.FILES})

    def __init__(self, opening: Opening) -> None:
        self._paths = [str(path) for path in opening.settings.get("paths", ())]
        self._seen = list(opening.settings.get("seen", ()))
        self._setting = Setting(zone=opening.zone, now=opening.now)

    def verify(self) -> Sequence[Check]:
        """One check a path: whether it exists and may be read."""
        return [_check(path) for path in self._paths]

    def places(self) -> Sequence[Choice]:
        return ()

    def own_addresses(self) -> Sequence[str]:
        return ()

    def revoke(self) -> None:
        """Nothing was granted."""

    def changes(self, stream: Stream) -> Iterator[Page]:
        """Pages, source by source; goes on where a killed run stopped, and from the last cursor yields nothing new.

        A source that changed meanwhile, other than by growing, begins anew.
        """
        places = list(places_in(self._paths))
        begin = _found_again(Cursor.of(stream.cursor), places)
        return with_last(self._pages(places, begin), Cursor(source=len(places)))

    def _pages(self, places: list[Place], begin: Cursor) -> Iterator[Page]:
        sources = Sources(memory=Memory(self._seen), setting=self._setting)
        for number, place in enumerate(places):
            if number < begin.source:
                continue
            start = Cursor(source=number, path=place.shown)
            for entry, found in enumerate(sources.at(place)):
                here = replace(start, entry=entry)
                if number == begin.source and entry <= begin.entry:
                    if entry < begin.entry:
                        continue
                    here = replace(here, offset=begin.offset, fingerprint=begin.fingerprint)
                yield from pages_of(found, here, after=replace(start, entry=entry + 1))


def _found_again(cursor: Cursor, places: list[Place]) -> Cursor:
    """The cursor where its place lies now; a place that is gone means starting over, which the store takes calmly."""
    if not cursor.path or (cursor.source < len(places) and places[cursor.source].shown == cursor.path):
        return cursor
    for number, place in enumerate(places):
        if place.shown == cursor.path:
            return replace(cursor, source=number)
    return Cursor()


def _check(path: str) -> Check:
    name = Path(path).name or path
    if not Path(path).exists():
        return Check(name=name, ok=False, says=mark("There is nothing at this path. Check the spelling."))
    if not os.access(path, os.R_OK):
        return Check(name=name, ok=False, says=mark("You have no permission to read this. Change that and try again."))
    return Check(name=name, ok=True)
