"""The list of entries of a zip, with what is wrong in single ones made harmless. Called by `archive` where it must.

The standard reader gives up on a whole archive for one entry whose name is not the UTF-8 that it says it is, whose
version is beyond its own, or whose extra field is cut. Here such records are put right in memory, so that the others
can be read; the entry itself is refused when it is opened. Records follow APPNOTE.TXT 4.3.12.
"""

from __future__ import annotations

import io
import struct
from typing import Any, BinaryIO

RECORD = 46  # bytes of a record before its name
SIGNATURE = b"PK\x01\x02"
UTF8 = 0x800
NEWEST = 63  # the highest version the standard reader knows


def harmless(directory: bytes) -> bytes:
    """The same records, of the same length."""
    out, at = bytearray(directory), 0
    while out[at : at + 4] == SIGNATURE and at + RECORD <= len(out):
        (version, flags), (name, extra, comment) = (
            struct.unpack_from("<HH", out, at + 6),
            struct.unpack_from("<3H", out, at + 28),
        )
        begin = at + RECORD
        if flags & UTF8 and not _is_utf8(bytes(out[begin : begin + name])):
            struct.pack_into("<H", out, at + 8, flags & ~UTF8)
        if version & 0xFF > NEWEST:
            struct.pack_into("<H", out, at + 6, NEWEST)
        fields = slice(begin + name, begin + name + extra)
        if not _is_whole(bytes(out[fields])):
            out[fields] = bytes(len(out[fields]))
        at = begin + name + extra + comment
    return bytes(out)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_whole(extra: bytes) -> bool:
    at = 0
    while at + 4 <= len(extra):
        (length,) = struct.unpack_from("<H", extra, at + 2)
        at += 4 + length
    return at <= len(extra)


class Overlaid(io.RawIOBase):
    """A stream with some of its bytes replaced by others."""

    def __init__(self, stream: BinaryIO, begin: int, instead: bytes) -> None:
        self._stream, self._begin, self._instead = stream, begin, instead

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        at = self._stream.tell()
        data = bytearray(self._stream.read(len(buffer)))
        first, last = max(at, self._begin), min(at + len(data), self._begin + len(self._instead))
        if first < last:
            data[first - at : last - at] = self._instead[first - self._begin : last - self._begin]
        buffer[: len(data)] = data
        return len(data)
