"""vCard 2.1, 3.0 and 4.0 into `ContactCard`s, as a stream with bounded memory. Called by adapters and the importer.

The reader is our own: of 33 files of seven public test suites `vobject` 0.9.9 gave up on five, exports of Lotus Notes
and Kontact among them; it reads a whole file or none of it, and a large photograph takes it past 3 GiB (experiment
E5). We need fifteen properties; photographs, logos, keys and sounds are dropped unread.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import BinaryIO

from integrations.wire.cards import birthday_of, origins_of, unique
from integrations.wire.lines import unfolded
from integrations.wire.mime.words import CHARSET
from integrations.wire.plain import mail_address, plain, profile_address
from integrations.wire.wide import as_utf8
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import Broken, ContactCard, Skipped

MAX_LINE = 64 * 1024  # of one property that we keep
MAX_CARD = 512 * 1024  # of all kept properties of one card
MAX_PROPERTIES = 2_000
MAX_DEPTH = 4  # cards inside cards (AGENT of 2.1)
MAX_VALUES = 50  # looked at of properties that may stand often: addresses, links, categories
_WANTED = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t]*(?:[\w-]+\.)?(BEGIN|END|AGENT|FN|N|NICKNAME|EMAIL|ORG|TITLE|ROLE|TEL|URL|BDAY|CATEGORIES"
    rb"|UID|KIND|X-ADDRESSBOOKSERVER-KIND|X-SOCIALPROFILE|IMPP)[ \t]*[;:]",
    re.IGNORECASE,
)
_AGENT = re.compile(rb"(?:[\w-]+\.)?AGENT[ \t]*(?:;[^:]*)?:\s*$", re.IGNORECASE)
_MARKER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*(BEGIN|END)[ \t]*:\s*VCARD\s*$", re.IGNORECASE)
_NAME = re.compile(r"(?:[\w-]+\.)?([\w-]+)\s*((?:;(?:[^\":;]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";\s*([\w-]+)(?:=((?:[^\";]|\"[^\"]*\")*))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Found = ContactCard | Skipped | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    name: str
    value: str
    parameters: dict[str, str]


@dataclass(slots=True, kw_only=True)
class _Open:
    """The card being read. Not a value: it fills line by line."""

    number: int
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    depth: int = 1
    deepest: int = 1
    halfway: bool = False


def read_cards(stream: BinaryIO) -> Iterator[Found]:
    """One thing for each BEGIN:VCARD of the stream, in order. Never raises for what the bytes hold."""
    number = 0
    for card in _cards(_logical(as_utf8(stream))):
        number = card.number
        yield _read(card)
    if not number:
        yield Broken(
            position="file", digest=sha256(b"").hexdigest(), reason=mark("There is no contact card in this file.")
        )


def _cards(lines: Iterator[bytes]) -> Iterator[_Open]:
    """The cards with their wanted lines unfolded; what is outside cards is passed over."""
    card, number = None, 0
    for line in lines:
        found = _MARKER.match(line)
        marker = found[1].upper() if found else b""
        if marker == b"BEGIN" and card is not None and _is_agent(card):
            card.depth += 1
            card.deepest = max(card.deepest, card.depth)
        elif marker == b"BEGIN":
            if card is not None:
                card.halfway = True
                yield card
            number += 1
            card = _Open(number=number)
        elif card is not None and marker == b"END":
            card.depth -= 1
            if not card.depth:
                yield card
                card = None
        elif card is not None and (card.depth == 1 or _AGENT.match(line)):
            card.size += len(line)
            if card.size <= MAX_CARD and len(card.lines) <= MAX_PROPERTIES:
                card.lines.append(line)
    if card is not None:
        card.halfway = True
        yield card


def _is_agent(card: _Open) -> bool:
    """Whether the card just opened an AGENT: what begins now is inside it."""
    return bool(card.lines) and bool(_AGENT.match(card.lines[-1]))


def _logical(stream: BinaryIO) -> Iterator[bytes]:
    """The lines that we use, those of quoted-printable joined, each at most about `MAX_LINE` long."""
    pieces, size, wanted = list[bytes](), 0, False
    for line in unfolded(stream, MAX_LINE):
        if pieces:  # the line before ended in a soft break (RFC 2045 section 6.7)
            if size < MAX_LINE:
                pieces.append(line)
                size += len(line)
            if line[-1:] == b"=":
                continue
            if wanted:
                yield b"\n".join(pieces).replace(b"=\n", b"")
            pieces = []
            continue
        wanted = _WANTED.match(line) is not None
        if line[-1:] == b"=" and b"QUOTED-PRINTABLE" in line.partition(b":")[0].upper():
            pieces, size = [line], len(line)
        elif wanted:
            yield line[:MAX_LINE]
    if pieces and wanted:
        yield b"\n".join(pieces).replace(b"=\n", b"")


def _read(card: _Open) -> Found:
    position = f"card {card.number}"
    try:
        return _card(card, position)
    except Exception as error:  # noqa: BLE001 - the guard around one foreign item
        reason = str(error) if isinstance(error, Unreadable) else mark("The card is not written as it should be.")
        return Broken(position=position, digest=sha256(b"\n".join(card.lines)).hexdigest(), reason=reason)


def _card(card: _Open, position: str) -> Found:
    if card.halfway:
        raise Unreadable(mark("The card ends halfway."))
    if card.size > MAX_CARD or len(card.lines) > MAX_PROPERTIES:
        raise Unreadable(mark("The card is larger than we read."))
    if card.deepest > MAX_DEPTH:
        raise Unreadable(mark("The card holds too many cards inside one another."))
    found = dict[str, list[Property]]()
    for line in card.lines:
        one = read_property(line)
        if one is not None:
            found.setdefault(one.name, []).append(one)
    if any(_text(found, name).lower() == "group" for name in ("KIND", "X-ADDRESSBOOKSERVER-KIND")):
        return Skipped(position=position, reason="group")
    addresses = _addresses(found)
    name = _name(found) or (addresses[0] if addresses else "")
    if not name:
        return Skipped(position=position, reason="empty")
    return ContactCard(
        ref=_ref(found, card.lines),
        source="vcf",
        name=name,
        addresses=addresses,
        organisation=_pieces(found, "ORG")[0],
        role=_text(found, "TITLE") or _text(found, "ROLE"),
        phone=_phone(_text(found, "TEL")),
        url=_text(found, "URL", 500),
        birthday=next(filter(None, (birthday_of(one.value) for one in _some(found, "BDAY"))), ""),
        origins=origins_of(label for one in _some(found, "CATEGORIES") for label in _split(one.value, ",;")),
    )


def read_property(line: bytes) -> Property | None:
    """One unfolded line, decoded by its ENCODING and CHARSET (2.1), else as UTF-8 or Windows-1252."""
    head, _, _ = line.partition(b":")
    found = _NAME.fullmatch(_decoded(line, _charset(head)).strip("\ufeff \t"))
    if not found:
        return None
    parameters = {name.upper(): (value or "").strip('"') for name, value in _PARAMETER.findall(found[2])}
    value = found[3]
    if "QUOTED-PRINTABLE" in {*parameters, parameters.get("ENCODING", "").upper()}:
        value = _decoded(quopri.decodestring(line.partition(b":")[2]), parameters.get("CHARSET", ""))
    return Property(name=found[1].upper(), value=value, parameters=parameters)


def _charset(head: bytes) -> str:
    found = re.search(rb"CHARSET=\"?([\w-]+)", head, re.IGNORECASE)
    return found[1].decode("ascii", "replace") if found else ""


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8") if CHARSET.fullmatch(charset.lower()) else ("utf-8",):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _split(value: str, separators: str) -> list[str]:
    """The parts between separators that no backslash guards, each cleaned; at most `MAX_VALUES`."""
    parts = re.split(rf"(?<!\\)[{separators}]", value, maxsplit=MAX_VALUES)
    return [plain(_unescaped(part)) for part in parts[:MAX_VALUES]]


def _some(found: dict[str, list[Property]], name: str) -> list[Property]:
    return found.get(name, [])[:MAX_VALUES]


def _text(found: dict[str, list[Property]], name: str, limit: int = 200) -> str:
    """The first value of a property that is not empty."""
    values = (plain(_unescaped(one.value[: limit * 16]), limit) for one in _some(found, name))
    return next(filter(None, values), "")


def _pieces(found: dict[str, list[Property]], name: str) -> list[str]:
    """The parts of the first structured value, at least one."""
    return _split(found[name][0].value, ";") if name in found else [""]


def _name(found: dict[str, list[Property]]) -> str:
    """FN, else N put in speaking order, else the organisation or a nickname."""
    family, given, middle, *_ = [*_pieces(found, "N"), "", "", ""]
    spoken = plain(f"{given} {middle} {family}")
    return _text(found, "FN") or spoken or _pieces(found, "ORG")[0] or _text(found, "NICKNAME")


def _addresses(found: dict[str, list[Property]]) -> tuple[str, ...]:
    mails = (mail_address(_unescaped(one.value)) for one in _some(found, "EMAIL"))
    links = (one.value[:4000] for name in ("URL", "X-SOCIALPROFILE", "IMPP") for one in _some(found, name))
    return unique([*mails, *(profile_address(_unescaped(link)) for link in links)])


def _phone(text: str) -> str:
    return text.removeprefix("tel:").partition(";")[0].strip()[:50]


def _ref(found: dict[str, list[Property]], lines: list[bytes]) -> str:
    uid = _text(found, "UID", 300)
    return uid or blake2b(b"\n".join(lines), digest_size=16).hexdigest()
