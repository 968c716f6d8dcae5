"""One person as a vCard 4.0 (RFC 6350), for any address book. Pure; called by the pages.

Lines are folded at 75 octets without cutting a character (section 3.2), values escaped (section 3.4): none can end its
line or begin a property.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keepwarm.foreign import shown

OCTETS = 75  # RFC 6350 section 3.2
LONGEST = 2_000  # characters of one value; ours
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\t": " "})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """``profiles``: web addresses. ``birthday``: as a card told it, YYYY-MM-DD or --MM-DD; empty for none."""

    uid: str
    name: str
    addresses: Sequence[str] = ()
    phones: Sequence[str] = ()
    profiles: Sequence[str] = ()
    organisation: str = ""
    role: str = ""
    birthday: str = ""
    tags: Sequence[str] = ()


def vcard(card: Card) -> bytes:
    lines = ("BEGIN:VCARD", "VERSION:4.0", *_lines(card), "END:VCARD")
    return b"".join(_folded(line) for line in lines)


def _lines(card: Card) -> Iterator[str]:
    yield f"UID:{_text(card.uid)}"
    yield f"FN:{_text(card.name) or _text(next(iter(card.addresses), '-'))}"
    yield from (f"EMAIL:{_text(each)}" for each in card.addresses)
    yield from (f"TEL;VALUE=text:{_text(each)}" for each in card.phones)
    yield from (f"URL:{''.join(shown(each).split())}" for each in card.profiles)
    for name, value in (("ORG", card.organisation), ("TITLE", card.role)):
        if value:
            yield f"{name}:{_text(value)}"
    if card.birthday:
        yield f"BDAY:{_text(card.birthday.replace('-', '') if card.birthday[0] != '-' else card.birthday)}"
    if card.tags:
        yield f"CATEGORIES:{','.join(_text(each) for each in card.tags)}"


def _text(value: str) -> str:
    return shown(value[:LONGEST]).strip().translate(_ESCAPED)


def _folded(line: str) -> bytes:
    data, pieces, room = line.encode("utf-8", "ignore"), [], OCTETS
    while len(data) > room:
        cut = room
        while data[cut] & 0xC0 == 0x80:  # within a character
            cut -= 1
        pieces.append(data[:cut])
        data, room = data[cut:], OCTETS - 1
    return b"\r\n ".join([*pieces, data]) + b"\r\n"
