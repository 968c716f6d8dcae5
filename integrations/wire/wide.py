"""Files in UTF-16, as a stream of UTF-8 in bounded memory. Called by ical, vcard, exports and the importer of files."""

from __future__ import annotations

import codecs
import io
from typing import Any, BinaryIO, cast

UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
CHUNK = 256 * 1024  # bytes turned at a time


def encoding_of(head: bytes) -> str:
    """``utf-16-le``, ``utf-16-be`` (with a mark, or by the pattern of zero bytes), else empty."""
    if head[:2] in UTF16:
        return UTF16[head[:2]]
    start = head[:256]
    if len(start) < 4 or start.count(0) * 3 < len(start):
        return ""
    low, high = start[0::2], start[1::2]
    if high.count(0) > 4 * low.count(0) and high.count(0) * 2 > len(high):
        return "utf-16-le"
    return "utf-16-be" if low.count(0) > 4 * high.count(0) and low.count(0) * 2 > len(low) else ""


def as_utf8(stream: BinaryIO) -> BinaryIO:
    """The stream itself, from its beginning; where it is UTF-16, one that gives its text as UTF-8, without the mark."""
    encoding = encoding_of(stream.read(256))
    stream.seek(0)
    return cast("BinaryIO", io.BufferedReader(Narrowed(stream, encoding))) if encoding else stream


class Narrowed(io.RawIOBase):
    """The text of a UTF-16 stream as UTF-8. Going back is done by beginning again."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._decoder = stream, codecs.getincrementaldecoder(encoding)
        self._again()

    def _again(self) -> None:
        self._stream.seek(0)
        self._decode = self._decoder("replace")
        self._ready, self._at, self._ended, self._begun = b"", 0, False, False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only from the beginning")
        if offset < self._at:
            self._again()
        while self._at < offset and self.read(min(CHUNK, offset - self._at)):
            pass
        return self._at

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            data = self._stream.read(CHUNK)
            self._ended = not data
            text = self._decode.decode(data, final=self._ended)
            if text and not self._begun:
                text, self._begun = text.removeprefix("\ufeff"), True
            self._ready = text.encode("utf-8", "replace")
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        self._at += len(given)
        return len(given)
