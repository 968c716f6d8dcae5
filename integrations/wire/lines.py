"""Lines of calendars and address books with their folds undone, in bounded memory. Called by ical and vcard.

RFC 5545 section 3.1, RFC 6350 section 3.2: a line that begins with a blank goes on the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 20  # bytes looked at together
_END = re.compile(rb"\n(?![ \t])")


def unfolded(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """The unfolded lines in order, without their ends; of a line longer than ``limit`` bytes perhaps the beginning."""
    for block in blocks(stream, limit):
        yield from block.split(b"\n")


def blocks(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """The same, about a mebibyte at a time, LF between the lines."""
    rest = held = b""
    while chunk := stream.read(CHUNK):
        data = held + chunk
        held = data[-2:] if data.endswith(b"\r\n") else data[-1:] if data[-1:] in {b"\r", b"\n"} else b""
        data = data[: len(data) - len(held)]  # what is held may be the beginning of a fold
        if len(rest) == limit and _goes_on(data):
            continue
        data = _joined(data)
        whole, end, after = data.rpartition(b"\n")
        if end:
            yield rest + whole
            rest = b""
        rest = (rest + after)[:limit]
    yield rest


def _goes_on(data: bytes) -> bool:
    """Whether no line ends in it: of a photograph nothing is worth joining beyond its beginning."""
    return not _END.search(data) and data.count(b"\r") == data.count(b"\r\n")


def _joined(data: bytes) -> bytes:
    """Line ends as LF, and folded lines joined: before decoding, since a fold may split a character."""
    data = data.replace(b"\r\n ", b"").replace(b"\r\n", b"\n")
    if b"\r" in data:
        data = data.replace(b"\r", b"\n")
    data = data.replace(b"\n ", b"")
    return data.replace(b"\n\t", b"") if b"\t" in data else data
