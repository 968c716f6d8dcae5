"""One person as a vCard 4.0 (RFC 6350), for any address book. Pure; called by the pages and by `workers.exporting`.

Lines are folded at 75 octets without cutting a character (section 3.2), values escaped (section 3.4): none can end its
line or begin a property. Read back by our own reader and by every program of today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keepwarm.foreign import one_line, shown

OCTETS = 75  # RFC 6350 section 3.2
LONGEST = 2_000  # characters of one value; ours
_BIRTHDAY = re.compile(r"(\d{4}|--)-?(\d{2})-(\d{2})")
_ADDRESS = re.compile(r"[^\s<>\"]{1,320}")
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\t": " "})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """``addresses``: e-mail, the one used most first. ``profiles``: web addresses; what is no address is left out.

    ``birthday``: as a card told it, YYYY-MM-DD or --MM-DD; empty for none.
    """

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
    yield f"N:{';'.join((*_family_given(card.name), '', '', ''))}"
    for number, each in enumerate(filter(_ADDRESS.fullmatch, card.addresses)):
        yield f"EMAIL{';PREF=1' if not number and len(card.addresses) > 1 else ''}:{_text(each)}"
    yield from (f"TEL;VALUE=text:{_text(each)}" for each in card.phones)
    yield from (f"URL:{shown(each)}" for each in card.profiles if _ADDRESS.fullmatch(each))
    for name, value in (("ORG", card.organisation), ("TITLE", card.role)):
        if value:
            yield f"{name}:{_text(value)}"
    if found := _BIRTHDAY.fullmatch(card.birthday):
        yield f"BDAY:{found[1]}{found[2]}{found[3]}"
    if card.tags:
        yield f"CATEGORIES:{','.join(_text(each) for each in card.tags)}"


def _family_given(name: str) -> tuple[str, str]:
    """What stands behind the first word, and the first word: the best that can be done without asking."""
    given, _, family = one_line(name, LONGEST).partition(" ")
    return (_text(family), _text(given)) if family else ("", _text(given))


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
