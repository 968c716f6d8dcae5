"""Bytes of any calendar file cut into its parts, in linear time, without understanding them. Called by `reading`.

Only properties that we use survive this step: descriptions, attachments, comments and alarms are gone before parsing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256

from keepwarm.texts import mark

_KEPT = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t]*(?:BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|SUMMARY|LOCATION"
    rb"|STATUS|TRANSP|SEQUENCE|ORGANIZER|ATTENDEE|X-MICROSOFT-CDO-BUSYSTATUS|X-KEEPWARM|X-WR-TIMEZONE|METHOD|TZID|TZOFFSETFROM"
    rb"|TZOFFSETTO|X-LIC-LOCATION)[ \t]*[;:]",
    re.IGNORECASE,
)
_MARKERS = frozenset("BbEe")
_OUTSIDE = {"VCALENDAR", "VEVENT", "VTIMEZONE"}
MAX_LINES = 5_000  # of one component: 2,000 dates and 200 people fit many times
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


def logical_lines(data: bytes) -> list[str]:
    """The unfolded lines that we use. UTF-8 (with BOM or not), UTF-16, else Latin-1, decided line by line."""
    data = _as_utf8(data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.replace(b"\n ", b"").replace(b"\n\t", b"")  # folding may split a character: unfold before decoding
    return [_decoded(line) for line in data.split(b"\n") if _KEPT.match(line)]


def _as_utf8(data: bytes) -> bytes:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\0" in data[:64]:
        wide = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return data.decode(wide, "replace").encode("utf-8", "replace")
    return data


def _decoded(line: bytes) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return text.strip("\ufeff \t")


def _marker(line: str) -> tuple[str, str]:
    """("BEGIN" or "END", component name) for a line that opens or closes one, else two empty texts."""
    if line[:1] not in _MARKERS:
        return "", ""
    word, _, name = line.partition(":")
    word = word.strip().upper()
    return (word, name.strip().upper()) if word in {"BEGIN", "END"} else ("", "")


def cut(data: bytes) -> list[Part]:
    """All parts of all VCALENDARs of the file, in file order; time zones go into the surroundings."""
    lines, parts, around, at = logical_lines(data), list[Part](), Surroundings(), 0
    while at < len(lines):
        word, name = _marker(lines[at])
        if word == "BEGIN" and name == "VCALENDAR":
            around = Surroundings()
        elif word == "BEGIN":
            part, at = _component(lines, at, name, around=around, position=f"item {len(parts) + 1}")
            if name == "VTIMEZONE":
                around.zones.setdefault(part.value("TZID").strip('"'), part.lines)
            else:
                parts.append(part)
            continue
        elif not word:
            key, _, value = lines[at].partition(":")
            around.says.setdefault(key.partition(";")[0].strip().upper(), value.strip())
        at += 1
    return parts


def _component(lines: list[str], at: int, name: str, *, around: Surroundings, position: str) -> tuple[Part, int]:
    """The component that opens at line ``at``, and where to go on. Inner ones are dropped, but for those of a zone."""
    kept: list[str] = []
    inner, deepest, closed, at = 0, 0, False, at + 1
    while at < len(lines) and not closed:
        word, other = _marker(lines[at])
        if inner == 0 and word == "END" and other == name:
            closed = True
        elif (word == "BEGIN" and other in _OUTSIDE and other != name) or (word and other == "VCALENDAR"):
            break  # the end of this one is missing: what follows is not its own
        elif word == "BEGIN" and other == name and name == "VEVENT":
            break
        else:
            inner += {"BEGIN": 1, "END": -1, "": 0}[word] if inner or word != "END" else 0
            deepest = max(deepest, inner)
            if len(kept) <= MAX_LINES and (name == "VTIMEZONE" or (inner == 0 and not word)):
                kept.append(lines[at])
        at += 1
    trouble = "" if closed else mark("The event ends halfway.")
    if len(kept) > MAX_LINES:
        trouble = mark("The event holds more lines than we read.")
    if deepest + 2 > MAX_DEPTH:
        trouble = mark("The event holds too many parts inside one another.")
    part = Part(position=position, lines=tuple(kept), around=around, trouble=trouble, other=name != "VEVENT")
    return part, at
