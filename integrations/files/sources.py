"""Places on the disk → sources, one by one: a file, a Maildir, an archive's entry. Called by `Files`.

A source is recognised, compared with what was read before, and given its steps. It is opened when its turn comes and
closed before the next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from integrations.files import maildir
from integrations.files.archive import BYTES_OUT, Budget, Entry, entries_of
from integrations.files.fingerprint import Known, Memory, begins_with, content, fingerprint_of
from integrations.files.reading import NOT_OURS, Offset, Setting, Step, read_mails, read_steps
from integrations.files.recognise import EMPTY_KINDS, SNIFF, UNKNOWN, kind_of
from integrations.files.walk import Place
from integrations.wire.mime.folders import folder_kind
from integrations.wire.mime.items import broken
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import SourceInfo

NOT_OPENED = mark("This file cannot be opened. Check that it exists and may be read.")
EMPTY = mark("This file is empty.")
TOO_DEEP = mark("An archive inside an archive inside an archive is not opened.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One source. ``steps(offset)`` reads it; ``known`` items were read before, and are not read again.

    ``passed(offset)``: what lies before, as a fingerprint; without it that of the whole counts. ``grew``: whether it
    begins with all of the file that had this fingerprint.
    """

    info: SourceInfo
    steps: Callable[[Offset], Iterator[Step]]
    known: int = 0
    total: int = 0  # bytes; of a Maildir its mails
    passed: Callable[[Offset], str] | None = None
    grew: Callable[[str], bool] = lambda _: False

    def print_at(self, offset: Offset) -> str:
        """What has to be the same, if reading is to go on there another time."""
        return self.passed(offset) if self.passed else self.info.fingerprint

    def goes_on(self, offset: Offset, fingerprint: str) -> bool:
        """Whether all before ``offset`` is what it was; a cursor of earlier versions holds no fingerprint."""
        return not fingerprint or content(fingerprint) == content(self.print_at(offset)) or self.grew(fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """How sources are opened for one owner."""

    memory: Memory
    setting: Setting

    def at(self, place: Place) -> Iterator[Found]:
        """The sources of one place, in a fixed order: one, or an archive's."""
        try:
            if place.maildir:
                yield self._maildir(place)
            elif place.missing:
                yield _refused(place.text, b"", NOT_OPENED)
            else:
                yield from self._file(place)
        except OSError:
            yield _refused(place.text, b"", NOT_OPENED)

    def _maildir(self, place: Place) -> Found:
        mails = maildir.mails_of(place.shown)
        fingerprint = maildir.fingerprint_of(name for name, _ in mails)
        info = SourceInfo(path=place.text, kind="maildir", fingerprint=fingerprint)
        known = self.memory.same(fingerprint) if mails else None
        if known:
            return _all_known(info, known)
        opened = [
            (name, maildir.purpose_of(path) or place.purpose, partial(maildir.read_start, path)) for name, path in mails
        ]
        passed = maildir.Passed([name for name, _ in mails]).before
        return Found(info=info, steps=partial(read_mails, opened), total=len(mails), passed=passed)

    def _file(self, place: Place) -> Iterator[Found]:
        path = place.shown
        state = Path(path).stat()
        with Path(path).open("rb") as stream:
            head = stream.read(SNIFF)
            kind = kind_of(head) if head else EMPTY_KINDS.get(Path(path).suffix.lower(), UNKNOWN)
            if kind == "zip":
                yield from self._archive(stream, place.text, place.purpose)
            elif kind == UNKNOWN:
                yield _refused(place.text, head, EMPTY if not head else "", size=state.st_size)
            else:
                yield self._plain(stream, kind, place, state)

    def _plain(self, stream: BinaryIO, kind: str, place: Place, state: os.stat_result) -> Found:
        known = self.memory.untouched(place.text, state)
        fingerprint = known.fingerprint if known else fingerprint_of(place.shown)
        info = SourceInfo(path=place.text, kind=kind, fingerprint=fingerprint, size=state.st_size)
        known = known or self.memory.same(fingerprint)
        if known and state.st_size:
            return _all_known(info, known)
        grown = self.memory.grown(place.text, state.st_size, stream) if kind == "mbox" else None
        begin = grown.size if grown else 0

        def steps(offset: Offset) -> Iterator[Step]:
            stream.seek(0)
            start = max(begin, offset if isinstance(offset, int) else 0)
            return read_steps(kind, stream, purpose=place.purpose, offset=start, setting=self.setting)

        def grew(earlier: str) -> bool:
            return kind == "mbox" and begins_with(earlier, stream, state.st_size)

        return Found(info=info, steps=steps, known=grown.read if grown else 0, total=state.st_size, grew=grew)

    def _archive(self, stream: BinaryIO, path: str, purpose: str) -> Iterator[Found]:
        yield from self._entries(stream, path, purpose, Budget(left=BYTES_OUT), nested=False)

    def _entries(self, stream: BinaryIO, path: str, purpose: str, budget: Budget, *, nested: bool) -> Iterator[Found]:
        try:
            for entry in entries_of(stream, budget):
                yield from self._entry(entry, f"{path}!{entry.name}", purpose, budget, nested=nested)
        except Unreadable as error:
            yield _refused(path, b"", str(error))

    def _entry(self, entry: Entry, path: str, purpose: str, budget: Budget, *, nested: bool) -> Iterator[Found]:
        purpose = folder_kind(entry.name) or purpose
        if entry.trouble:
            yield _refused(path, path.encode("utf-8", "surrogateescape"), entry.trouble, size=entry.size)
            return
        if entry.maildir:
            yield self._entry_maildir(entry, path, purpose)
            return
        try:
            stream = entry.open()
            head = stream.read(SNIFF)
        except Exception:  # noqa: BLE001 - the guard around one foreign item: zipfile raises many kinds on a damaged entry
            yield _refused(path, path.encode("utf-8", "surrogateescape"), mark("This part of the archive is damaged."))
            return
        with stream:
            kind = kind_of(head) if head else EMPTY_KINDS.get(Path(entry.name).suffix.lower(), UNKNOWN)
            if kind == "zip" and not nested:
                yield from self._entries(stream, path, purpose, budget, nested=True)
            elif kind in {"zip", UNKNOWN}:
                yield _refused(path, head, TOO_DEEP if kind == "zip" else EMPTY if not head else "", size=entry.size)
            else:
                yield self._entry_file(entry, stream, path, kind, purpose)

    def _entry_file(self, entry: Entry, stream: BinaryIO, path: str, kind: str, purpose: str) -> Found:
        info = SourceInfo(path=path, kind=kind, fingerprint=entry.fingerprint, size=entry.size)
        known = self.memory.same(entry.fingerprint) if entry.size else None
        if known:
            return _all_known(info, known)

        def steps(offset: Offset) -> Iterator[Step]:
            stream.seek(0)
            start = offset if isinstance(offset, int) else 0
            return read_steps(kind, stream, purpose=purpose, offset=start, setting=self.setting)

        return Found(info=info, steps=steps, total=entry.size)

    def _entry_maildir(self, entry: Entry, path: str, purpose: str) -> Found:
        info = SourceInfo(path=path, kind="maildir", fingerprint=entry.fingerprint, size=entry.size)
        known = self.memory.same(entry.fingerprint)
        if known:
            return _all_known(info, known)
        mails = sorted(((name, purpose, read) for name, read in entry.mails()), key=itemgetter(0))
        return Found(info=info, steps=partial(read_mails, mails), total=len(mails))


def _all_known(info: SourceInfo, known: Known) -> Found:
    return Found(info=info, steps=lambda _offset: iter(()), known=known.read, total=info.size)


def _refused(path: str, start: bytes, reason: str, *, size: int = 0) -> Found:
    """A source that counts as one item read and put aside."""
    found = broken(start, "0", reason or NOT_OURS)
    return Found(
        info=SourceInfo(path=path, kind=UNKNOWN, size=size), steps=lambda _offset: iter([(0, found, 0)]), total=size
    )
