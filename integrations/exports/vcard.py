"""People as vCard 4.0 (RFC 6350), one card at a time. Read back by our own reader and by every program of today.

Lines are folded at 75 octets without cutting a character (section 3.2); text is escaped (section 3.4), so that no value
can end its line or begin a property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integrations.exports.values import Person
from keepwarm.foreign import one_line, shown

OCTETS = 75  # RFC 6350 section 3.2
LONGEST = 2_000
_BIRTHDAY = re.compile(r"(\d{4}|--)-?(\d{2})-(\d{2})")
_ADDRESS = re.compile(r"[^\s<>\"]{1,320}")


def card(person: Person) -> bytes:
    lines = ["BEGIN:VCARD", "VERSION:4.0", *_lines(person), "END:VCARD"]
    return b"".join(folded(line) for line in lines)


def _lines(person: Person) -> Iterator[str]:
    yield f"UID:keepwarm-{_text(person.uid)}"
    yield f"FN:{_text(person.name) or _text((*person.addresses, '-')[0])}"
    yield f"N:{';'.join((*_family_given(person.name), '', '', ''))}"
    if person.organisation:
        yield f"ORG:{_text(person.organisation)}"
    if person.role:
        yield f"TITLE:{_text(person.role)}"
    for number, each in enumerate(filter(_ADDRESS.fullmatch, person.addresses)):
        yield f"EMAIL{';PREF=1' if not number and len(person.addresses) > 1 else ''}:{_text(each)}"
    yield from (f"TEL;VALUE=text:{_text(each)}" for each in person.phones)
    yield from (f"URL:{_uri(each)}" for each in person.links if _ADDRESS.fullmatch(each))
    if found := _BIRTHDAY.fullmatch(person.birthday):
        yield f"BDAY:{found[1]}{found[2]}{found[3]}"
    if person.labels:
        yield f"CATEGORIES:{','.join(_text(each) for each in person.labels)}"


def _family_given(name: str) -> tuple[str, str]:
    """What stands behind the first word, and the first word: the best that can be done without asking."""
    given, _, family = one_line(name, LONGEST).partition(" ")
    return (_text(family), _text(given)) if family else ("", _text(given))


def _text(value: str) -> str:
    value = shown(value[:LONGEST]).strip()
    for sign in "\\,;":
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n").replace("\t", " ")


def _uri(value: str) -> str:
    """A link keeps its commas and semicolons; what could end the line is not in it."""
    return "".join(shown(value).split())


def folded(line: str) -> bytes:
    """The line in UTF-8 with its ends, in pieces of at most 75 octets that hold whole characters."""
    data = line.encode("utf-8", "ignore")
    pieces, room = [], OCTETS
    while len(data) > room:
        cut = room
        while data[cut] & 0xC0 == 0x80:  # within a character
            cut -= 1
        pieces.append(data[:cut])
        data, room = data[cut:], OCTETS - 1
    return b"\r\n ".join([*pieces, data]) + b"\r\n"
