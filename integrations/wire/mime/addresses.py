"""Address lists of mail headers: piece by piece where they are ordinary, a linear tokeniser for all others.

Called by `message` and `lists`. Ordinary is a list of ``Name <a@b>``, ``"Name" <a@b>`` and ``a@b``: it is cut at its
commas, and each piece is read once, however many mails repeat it. Comments, groups, escapes, routes and damaged lists
go through the tokeniser, ours and not ``getaddresses``, which raises on some input and reads other input differently
from one Python release to the next. What is not plausibly an address (one @, a local part, a domain) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna

from integrations.wire.mime.headers import shorten
from integrations.wire.mime.words import WORD_LIMIT, clean_name, text_of
from keepwarm.types import Address

ADDRESS_LIMIT = 200  # kept a mail (RELIABILITY.md E6)
CACHE = 4_096  # raw values, the newest: correspondence repeats itself soon, and 65,536 were no quicker but 100 MiB more

_ADDR = r"[^\s\"<>@(),:;\\\[\]]++@[^\s\"<>@(),:;\\\[\]]++"
PIECE = re.compile(r'(?:"[^"\\]*+"|[^",])++')  # between commas that stand outside quotes
MAILBOX = re.compile(
    rf'\s*+(?:"([^"\\]*+)"\s*+<\s*+({_ADDR})\s*+>|([^"<>@(),:;\\\[\]]*+)<\s*+({_ADDR})\s*+>|({_ADDR}))\s*+'
)
TOKEN = re.compile(
    r'\s++|"((?:[^"\\]|\\.)*+)"|(=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*+\?=)|<([^<>]*+)>|<([^<>,;\s]*+)|([(),:;])|\\(.?)|([^\s"(),:;<>\\]++)|.',
    re.DOTALL,
)
PARENTHESES = re.compile(r"\\.|[()]", re.DOTALL)
SPOKEN = re.compile(r"([\w.+=-]{1,64}) at ([\w-]{1,63}(?:(?:\.| dot )[\w-]{1,63}){1,9})")
SPOKEN_LENGTH = 512  # characters looked at for "user at host dot com"

_LOCAL = r"[\w!#$%&'*+/=?^`{|}~.-]{1,128}"
PLAUSIBLE = re.compile(
    rf"{_LOCAL}@(?:[a-z0-9_-]{{1,63}}(?:\.[a-z0-9_-]{{1,63}})*+|\[[0-9a-f:.ipv]{{3,45}}\])", re.ASCII
)
LOCAL = re.compile(_LOCAL)
INNER = re.compile(r"(?<![^\s\"<>@(),:;\\])[^\s\"<>@(),:;\\]++@[^\s\"<>@(),:;\\]++")


@lru_cache(maxsize=CACHE)
def read_addresses(raw: bytes) -> tuple[tuple[Address, ...], int]:
    """The addresses of one header value, unique and in order, at most 200, and how many more it seems to name."""
    kept, rest = shorten(raw)
    addresses, more = _read(_unfolded(kept))
    return addresses, more + rest.count(b"@")


@lru_cache(maxsize=CACHE)
def read_spoken(raw: bytes) -> tuple[tuple[Address, ...], int]:
    """The same of a value without any @: "user at host dot com", as public list archives write their senders."""
    text = _unfolded(shorten(raw)[0])
    if "@" in text:
        return (), 0
    return _read(SPOKEN.sub(lambda hit: f"{hit[1]}@{hit[2].replace(' dot ', '.')}", text[:SPOKEN_LENGTH], count=1))


def _unfolded(raw: bytes) -> str:
    return text_of(raw.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\t", b" "))


def _read(text: str) -> tuple[tuple[Address, ...], int]:
    found, more = _ordinary(text) or _tokenised(text)
    unique: dict[str, Address] = {}
    for each in found:
        unique.setdefault(each.address, each)
    return tuple(unique.values()), more


def plain_address(text: str) -> str:
    """The address in lower case with an ASCII domain, or "" where it is not plausibly one."""
    text = text.strip().strip("'").rstrip(".").lower()
    if text.isascii():
        return text if len(text) <= 254 and PLAUSIBLE.fullmatch(text) else ""
    local, _, domain = unicodedata.normalize("NFC", text).rpartition("@")
    if len(domain) > 253 or not LOCAL.fullmatch(local):
        return ""
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except UnicodeError:  # the root of idna's own errors
        return ""
    return f"{local}@{ascii_domain}"


def _ordinary(text: str) -> tuple[list[Address], int] | None:
    """All addresses where every piece of the list is ordinary, else None."""
    quotes = text.count('"')
    if quotes % 2 or (quotes and "\\" in text):
        return None  # where a quote does not end, no comma can be trusted
    found: list[Address] = []
    pieces = PIECE.findall(text) if quotes else text.split(",")
    for place, piece in enumerate(pieces):
        piece = piece.strip()  # noqa: PLW2901 - folded or not, it is the same mailbox
        if not piece:
            continue
        one = _mailbox(piece)
        if one is None:
            return None
        if len(found) == ADDRESS_LIMIT:
            return found, sum(each.count("@") for each in pieces[place:])
        found.append(one)
    return None if text.count("=?") > WORD_LIMIT else (found, 0)


@lru_cache(maxsize=CACHE)
def _mailbox(piece: str) -> Address | None:
    """One ordinary mailbox, None where it is anything else."""
    hit = MAILBOX.fullmatch(piece)
    if hit is None:
        return None
    quoted, first, phrase, second, bare = hit.groups()
    address = plain_address(first or second or bare)
    return _named(address, quoted or phrase or "") if address else None


def _named(address: str, name: str) -> Address:
    shown = clean_name(name)
    return Address(address=address, name="" if shown.lower() == address else shown)


class _Reading:
    """One address in the making. It lives no longer than one call of `_tokenised`."""

    __slots__ = ("angle", "encoded", "found", "note", "words")

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.encoded = 0
        self.clear()

    def clear(self) -> None:
        self.words: list[str] = []
        self.angle: str | None = None
        self.note = ""

    def finish(self) -> None:
        address, name = self._angled() if self.angle is not None else self._bare()
        if address:
            self.found.append(_named(address, name or self.note))
        self.clear()

    def _angled(self) -> tuple[str, str]:
        inner = "".join((self.angle or "").split())
        address = plain_address(inner.rpartition(":")[2])  # a route (RFC 5322 section 4.4) ends in a colon
        if not address:
            hit = INNER.search(self.angle or "")
            address = plain_address(hit[0]) if hit else ""
        if not address and self.words:
            return self._bare()
        return address, " ".join(self.words)

    def _bare(self) -> tuple[str, str]:
        if any(word.startswith("@") for word in self.words):  # a quoted local part: the quotes are no address alone
            return plain_address("".join(self.words)), ""
        for index, word in enumerate(self.words):
            address = plain_address(word) if "@" in word else ""
            if address:
                return address, " ".join(self.words[:index] + self.words[index + 1 :])
        return plain_address("".join(self.words)) if any("@" in word for word in self.words) else "", ""


def _tokenised(text: str) -> tuple[list[Address], int]:
    reading = _Reading()
    position, end, balanced = 0, len(text), True
    while position < end:
        hit = TOKEN.match(text, position)
        if hit is None:  # cannot be: the last alternative takes any character
            break
        position = hit.end()
        quoted, encoded, angle, unclosed, mark, escaped, word = hit.groups()
        if mark == "(" and balanced:
            close = _closing(text, position)
            balanced = close >= 0  # an open comment would hide every address after it
            if balanced:
                reading.note = text[position : close - 1]
                position = close
        elif mark in {",", ";"}:
            reading.finish()
            if len(reading.found) >= ADDRESS_LIMIT:
                return reading.found, text.count("@", position)
        elif mark == ":":
            reading.words = [one for one in reading.words if "@" in one]  # what stood here was a group's name
        elif angle is not None or unclosed:
            reading.angle = angle or unclosed
        elif encoded:
            reading.encoded += 1
            if reading.encoded <= WORD_LIMIT:
                reading.words.append(encoded)
        elif quoted or escaped or word:
            reading.words.append(quoted or escaped or word)
    reading.finish()
    return reading.found, 0


def _closing(text: str, position: int) -> int:
    """The place after the parenthesis that closes the comment which begins at ``position``, -1 if none does."""
    depth = 1
    for hit in PARENTHESES.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(hit[0], 0)
        if depth == 0:
            return hit.end()
    return -1
