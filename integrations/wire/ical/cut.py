"""Any calendar file cut into its parts, in linear time and bounded memory, not understood. Called by `reading`.

Only properties that we use survive this step: descriptions, attachments, comments and alarms are gone before parsing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import BinaryIO

from integrations.wire.lines import blocks
from keepwarm.texts import mark

# They begin with the line end, a letter that the search for the next one can jump to. Most other lines end at the look
# at their first three letters, before all the names: it minds the case itself, which costs a quarter of not minding it.
_KEPT = re.compile(
    rb"\n(?-i:(?=[\xef \tBEUDRSLTOAXMbeudrsltoaxm][\xbb \tA-Za-z-][\xbf \tA-Za-z-]))(?:\xef\xbb\xbf)?[ \t]*"
    rb"((?:BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|SUMMARY"
    rb"|LOCATION|STATUS|TRANSP|SEQUENCE|ORGANIZER|ATTENDEE|X-MICROSOFT-CDO-BUSYSTATUS|X-KEEPWARM|X-WR-TIMEZONE|METHOD"
    rb"|TZID|TZOFFSETFROM|TZOFFSETTO|X-LIC-LOCATION)[ \t]*[;:][^\n]*)",
    re.IGNORECASE,
)
_MARKED = re.compile(rb"\n(?-i:(?=[\xef \tBEbe]))(?:\xef\xbb\xbf)?[ \t]*((?:BEGIN|END)[ \t]*[;:][^\n]*)", re.IGNORECASE)
_MARKERS = frozenset(b"BbEe")
_OUTSIDE = {"VCALENDAR", "VEVENT", "VTIMEZONE"}
MAX_BYTES = 512 * 1024  # of one component, without what is dropped (E6)
MAX_LINE = MAX_BYTES + 1  # bytes kept of one line: enough to see that it is too long
MAX_LINES = 5_000  # of one component: 2,000 dates and 200 people fit many times
MARKER = 200  # bytes looked at of a line that opens or closes: no component has a longer name
MAX_DEPTH = 4  # VCALENDAR > VEVENT > VALARM and one more (E6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What one VCALENDAR says around its events: bodies of its zones by name; its own X-WR-TIMEZONE and METHOD."""

    zones: dict[str, tuple[str, ...]] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One component of the file. ``trouble`` is why it cannot be read; ``other`` marks tasks, journals and the like."""

    position: str
    lines: tuple[str, ...]
    around: Surroundings
    trouble: str = ""
    other: bool = False

    def digest(self) -> str:
        return sha256("\n".join(self.lines).encode("utf-8", "surrogatepass")).hexdigest()

    def value(self, name: str) -> str:
        """The first value of a property, empty if there is none."""
        for line in self.lines:
            if line[: len(name)].upper() == name and line[len(name) : len(name) + 1] in {":", ";"}:
                return line.partition(":")[2].strip()
        return ""


class Lines:
    """The unfolded lines that we use, each from its name on.

    ``markers_only`` leaves out all but beginnings and ends: what is said inside a component that is refused anyway.
    """

    __slots__ = ("_at", "_block", "_blocks", "markers_only")

    def __init__(self, stream: BinaryIO) -> None:
        self._blocks, self._block, self._at = blocks(stream, MAX_LINE), b"", 0
        self.markers_only = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while (found := (_MARKED if self.markers_only else _KEPT).search(self._block, self._at)) is None:
            self._block, self._at = b"\n" + next(self._blocks), 0
        self._at = found.end()
        return found[1]


def _decoded(line: bytes) -> str:
    """A line as text: UTF-8, else Latin-1, decided line by line."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return text.rstrip("\ufeff \t")


def _marker(line: bytes) -> tuple[str, str]:
    """("BEGIN" or "END", component name) for a line that opens or closes one, else two empty texts."""
    return _named(line[:MARKER]) if line[0] in _MARKERS else ("", "")


@lru_cache(maxsize=256)  # the same few lines stand in a file thousands of times
def _named(line: bytes) -> tuple[str, str]:
    word, _, name = _decoded(line).partition(":")
    word = word.strip().upper()
    return (word, name.strip().upper()) if word in {"BEGIN", "END"} else ("", "")


def cut(stream: BinaryIO) -> list[Part]:
    """All parts of all VCALENDARs of the stream, in order; time zones go into the surroundings."""
    lines, parts, around = Lines(stream), list[Part](), Surroundings()
    line = next(lines, None)
    while line is not None:
        word, name = _marker(line)
        after = None
        if word == "BEGIN" and name == "VCALENDAR":
            around = Surroundings()
        elif word == "BEGIN":
            part, after = _component(lines, name, around=around, position=f"item {len(parts) + 1}")
            if name == "VTIMEZONE":
                around.zones.setdefault(part.value("TZID").strip('"'), part.lines)
            else:
                parts.append(part)
        elif not word:
            key, _, value = _decoded(line).partition(":")
            around.says.setdefault(key.partition(";")[0].strip().upper(), value.strip())
        line = after or next(lines, None)
    return parts


def _component(lines: Lines, name: str, *, around: Surroundings, position: str) -> tuple[Part, bytes | None]:
    """The component whose opening line was just taken; and the line that shows that it never ended, if one does.

    Inner components are dropped, but for those of a zone.
    """
    kept: list[str] = []
    inner, deepest, size, closed, after = 0, 0, 0, False, None
    zone = name == "VTIMEZONE"
    for line in lines:
        word, other = _marker(line) if line[0] in _MARKERS else ("", "")
        if word and inner == 0 and word == "END" and other == name:
            closed = True
            break
        if word and _begins_anew(word, other, name):
            after = line
            break
        if word:
            inner += {"BEGIN": 1, "END": -1}[word] if inner or word == "BEGIN" else 0
            deepest = max(deepest, inner)
        if (zone or (inner == 0 and not word)) and len(kept) <= MAX_LINES and size <= MAX_BYTES:
            kept.append(_decoded(line))
            size += len(line)
            lines.markers_only = len(kept) > MAX_LINES or size > MAX_BYTES
    lines.markers_only = False
    trouble = "" if closed else mark("The event ends halfway.")
    if size > MAX_BYTES:
        trouble = mark("The event is larger than 512 KiB.")
    if len(kept) > MAX_LINES:
        trouble = mark("The event holds more lines than we read.")
    if deepest + 2 > MAX_DEPTH:
        trouble = mark("The event holds too many parts inside one another.")
    part = Part(position=position, lines=tuple(kept), around=around, trouble=trouble, other=name != "VEVENT")
    return part, after


def _begins_anew(word: str, other: str, name: str) -> bool:
    """Whether a marker inside a component shows that the component never ended."""
    if other == "VCALENDAR":
        return True
    return word == "BEGIN" and other in _OUTSIDE and (other != name or name == "VEVENT")
