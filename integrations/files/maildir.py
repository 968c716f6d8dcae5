"""The mails of one Maildir, by name, each opened only for its header block. Called by `reading`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from integrations.wire.mime import HEAD_LIMIT

FIRST_READ = 8192  # bytes; holds the whole header block of nearly every mail
FLAGS = {"T": "trash", "D": "draft"}


def mails_of(folder: str) -> list[tuple[str, str]]:
    """(name, path) of each mail in ``cur`` and ``new``, by name. A mail keeps its name when it is read or moved."""
    found = []
    for part in ("cur", "new"):
        try:
            with os.scandir(os.path.join(folder, part)) as entries:  # noqa: PTH118 - 20,000 Path objects cost a third more
                found += [(entry.name, entry.path) for entry in entries if not entry.name.startswith(".")]
        except OSError:
            continue
    return sorted((_base(name), path) for name, path in found)


def purpose_of(path: str) -> str:
    """trash or draft by the flags in the name, else ""."""
    flags = path[-64:].rpartition("2,")[2] if path[-64:].rpartition("2,")[1] else ""
    return next((FLAGS[flag] for flag in flags if flag in FLAGS), "")


def read_start(path: str) -> bytes:
    """The file's first bytes: its header block, or 64 KiB. Raises OSError; for a link too, none is followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        data = os.read(handle, FIRST_READ)
        while len(data) >= FIRST_READ and len(data) < HEAD_LIMIT and b"\n\n" not in data and b"\n\r\n" not in data:
            more = os.read(handle, HEAD_LIMIT - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(handle)


def fingerprint_of(names: Iterator[str]) -> str:
    """Of the names alone: a mail in a Maildir never changes under its name."""
    digest, count = blake2b(digest_size=16), 0
    for name in names:
        digest.update(_line(name))
        count += 1
    return f"{count}::{digest.hexdigest()}"


@dataclass(slots=True)
class Passed:
    """What of these names, in order, lies before a place, as `fingerprint_of` has it; costs little asked forwards."""

    names: Sequence[str]
    _count: int = 0
    _digest: Any = field(default_factory=lambda: blake2b(digest_size=16))

    def before(self, place: Any) -> str:
        """``place`` is one of `reading.read_mails`: a name, or 0 for the beginning."""
        if self._count and not (isinstance(place, str) and self.names[self._count - 1] < place):
            self._count, self._digest = 0, blake2b(digest_size=16)
        while isinstance(place, str) and self._count < len(self.names) and self.names[self._count] < place:
            self._digest.update(_line(self.names[self._count]))
            self._count += 1
        return f"{self._count}::{self._digest.hexdigest()}"


def _line(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape") + b"\n"


def _base(name: str) -> str:
    """The part before the flags (``:2,S``; on Windows ``;2,S`` or ``!2,S``)."""
    for mark in (":2,", ";2,", "!2,"):
        if mark in name:
            return name.partition(mark)[0]
    return name
