"""Whether a file was read before, in whole or in part. Called by `Files`.

A fingerprint is ``size:changed:digest``: bytes, time of change in ns, and a hash of the content. For files up to 64 MiB
the hash covers every byte, beyond that 1,024 blocks of 64 KiB spread evenly, first and last among them: what a mail
program does to an mbox (append, or remove and close the gap) moves the last block.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

BLOCK = 65_536
WHOLE = 64 << 20
BLOCKS = WHOLE // BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an earlier import read of a source: ``read`` items in its ``size`` bytes."""

    read: int
    size: int
    fingerprint: str


class Memory:
    """The sources read before. Built once for one call of `Files.changes`."""

    def __init__(self, seen: Iterable[Mapping[str, Any]]) -> None:
        kept = [one for one in seen if one.get("fingerprint") and one.get("kind") != "unknown"]
        self._by_path = {str(one["path"]): one for one in kept}
        self._by_content = {content(str(one["fingerprint"])): one for one in kept}

    def untouched(self, path: str, state: os.stat_result) -> Known | None:
        """Same path, size and time of change: believed without reading."""
        one = self._by_path.get(path)
        if one and str(one["fingerprint"]).startswith(f"{state.st_size}:{state.st_mtime_ns}:"):
            return _known(one)
        return None

    def same(self, fingerprint: str) -> Known | None:
        """The same content, wherever it lay."""
        one = self._by_content.get(content(fingerprint))
        return _known(one) if one else None

    def grown(self, path: str, size: int, stream: BinaryIO) -> Known | None:
        """An mbox that begins with all the bytes it had."""
        one = self._by_path.get(path)
        if one is None or one.get("kind") != "mbox":
            return None
        known = _known(one)
        return known if begins_with(known.fingerprint, stream, size) else None


def fingerprint_of(path: str) -> str:
    """Raises OSError."""
    state = Path(path).stat()
    with Path(path).open("rb") as stream:
        return f"{state.st_size}:{state.st_mtime_ns}:{digest_of(stream, state.st_size)}"


def digest_of(stream: BinaryIO, size: int) -> str:
    """A hash of the first ``size`` bytes; leaves the stream anywhere."""
    digest = blake2b(digest_size=16)
    for offset in _offsets(size):
        stream.seek(offset)
        digest.update(stream.read(min(BLOCK, size - offset)))
    return digest.hexdigest()


def _offsets(size: int) -> Iterable[int]:
    if size <= WHOLE:
        return range(0, size, BLOCK)
    last = size - BLOCK
    return (last * number // (BLOCKS - 1) for number in range(BLOCKS))


def _known(one: Mapping[str, Any]) -> Known:
    return Known(read=int(one.get("read") or 0), size=int(one.get("size") or 0), fingerprint=str(one["fingerprint"]))


def begins_with(fingerprint: str, stream: BinaryIO, size: int) -> bool:
    """Whether a longer file, of ``size`` bytes, begins with all of this one; leaves the stream anywhere."""
    before, _, rest = fingerprint.partition(":")
    return before.isdigit() and 0 < int(before) < size and digest_of(stream, int(before)) == rest.rpartition(":")[2]


def content(fingerprint: str) -> str:
    """Without the time of change: a copy is the same file."""
    size, _, rest = fingerprint.partition(":")
    return f"{size}:{rest.rpartition(':')[2]}"
