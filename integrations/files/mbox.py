"""Cutting the header blocks out of an mbox, in one pass with bounded memory. Called by `reading`.

A message begins at a line ``From ADDRESS DATE`` that follows a blank line (or begins the file). So neither mboxrd's
``>From``, nor mboxo's, nor an unquoted "From " in a sentence starts one (RFC 4155 appendix A; qmail's mbox(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from integrations.wire.mime import HEAD_LIMIT, cut_head

CHUNK = 1 << 20
LINE = 256  # bytes; a longer separator is none
KEEP = 2 * LINE  # carried from one chunk to the next: a whole separator and the blank line before it

_WEEKDAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d)?"
_ZONE = rb"(?:[ \t]+(?:[+-]\d{4}|[A-Z]{1,5}))?"
SEPARATOR = re.compile(
    rb"From[ \t]++\S{1,200}+(?:[ \t]++at[ \t]++\S{1,100}+)?+[ \t]++" + _WEEKDAY
    # The C library's order, or that of a Date header.
    + rb"(?:" + _MONTH + rb"[ \t]+\d{1,2}[ \t]+" + _CLOCK + _ZONE + rb"[ \t]+\d{4}" + _ZONE
    + rb"|\d{1,2}[ \t]+" + _MONTH + rb"[ \t]+\d{2,4}[ \t]+" + _CLOCK + _ZONE
    + rb")[^\r\n]{0,60}\r?(?:\n|\Z)"
)  # fmt: skip

# It begins with plain letters, which the engine finds quickly; only there does it look back for the blank line.
AFTER_BLANK = re.compile(rb"\nFrom (?:(?<=\n\nFrom )|(?<=\n\r\nFrom )|(?<=\A\nFrom )|(?<=\A\r\nFrom ))")


def heads(stream: BinaryIO, *, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Each message's offset and header block (with its "From " line), in order; ``stream`` stands at 0.

    ``start`` is where an earlier reading stopped: a separator's offset, or the length of the file as it was then. The
    first message given is the first one at or after it.
    """
    base = max(0, start - KEEP)
    if base:
        stream.seek(base)
    buffer = stream.read(CHUNK)
    first, ended = start, not buffer  # nothing before ``first`` is given (again)
    at = _next(buffer, start - base, whole=False) if start else len(buffer) - len(buffer.lstrip())
    while at >= 0 or not ended:
        if at < 0:
            kept, more = buffer[-KEEP:], stream.read(CHUNK)
            base += len(buffer) - len(kept)
            buffer, ended = kept + more, not more
            at = _next(buffer, max(0, first - base), whole=ended)
            continue
        if len(buffer) - at < HEAD_LIMIT + LINE:
            buffer, base, at = buffer[at:] + stream.read(max(CHUNK, HEAD_LIMIT + LINE)), base + at, 0
        if at >= len(buffer):
            return
        yield base + at, cut_head(buffer, at)
        first = base + at + 1
        at = _next(buffer, at + 1, whole=ended)


def _next(buffer: bytes, at: int, *, whole: bool) -> int:
    """Where the next message begins in ``buffer`` at or after ``at``, -1 if none does.

    Unless ``whole``, a line that does not end in the buffer is left for the next look.
    """
    for found in AFTER_BLANK.finditer(buffer, max(0, at - 1)):
        begin = found.start() + 1
        line_end = buffer.find(b"\n", begin, begin + LINE)
        if begin >= at and (line_end >= 0 or whole) and SEPARATOR.match(buffer, begin):
            return begin
    return -1
