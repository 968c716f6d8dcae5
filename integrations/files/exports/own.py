"""Our own export (`keepwarm.portable`, docs/export.md): what an owner takes along from one Keepwarm to another.

Read entry by entry, so that a large document costs no more memory than its largest entry. Mails and meetings become
items like those of any other file, all else a `Record`. An odd entry is set aside alone; of one that is odd in
a part, that part.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, BinaryIO

from integrations.wire.wide import as_utf8
from keepwarm.errors import Unreadable
from keepwarm.portable import FORMAT, PARTLY, VERSION, Section, entry, section_named
from keepwarm.texts import mark
from keepwarm.types import (
    Address,
    Broken,
    CalendarEvent,
    ContactCard,
    Item,
    MailMark,
    Message,
    Participant,
    Reply,
    Role,
    Skipped,
)

Found = Item | Skipped | Broken

_LOOKS = re.compile(rf'\A\s*\{{\s*"format"\s*:\s*"{FORMAT}"')
_CHUNK = 64 * 1024  # bytes
MAX_ENTRY = 32 * 1024 * 1024  # characters; the marks of 200,000 people take 14 million
_BLANK = re.compile(r"[\s,]*")
NEWER = mark("This export comes from a newer Keepwarm. Nothing of it was read: bring this one up to date first.")
CUT = mark("The rest of this file could not be read.")
ODD = mark("The entry cannot be read.")


def looks_like(text: str) -> bool:
    return bool(_LOOKS.match(text[:4096].removeprefix("\ufeff")))


def read(stream: BinaryIO) -> Iterator[Found]:
    """Everything in it, in its order. Where the document breaks off, what came before stands."""
    own = ""
    try:
        for number, (name, raw) in enumerate(_entries(_Window(stream)), 1):
            position = f"{name} {number}"
            if name == "version" and raw != VERSION:
                yield _broken(position, NEWER)
                return
            section = section_named(name)
            if section is None:
                continue
            if name == "owner":
                own = _own(raw)
            yield from _read(section, raw, position, own)
    except (ValueError, RecursionError):
        yield _broken("end", CUT)


def _read(section: Section, raw: Any, position: str, own: str) -> Iterator[Found]:
    try:
        found = entry(section, raw)
        if section.name == "meetings":
            yield _meeting(found.values)
        elif section.name == "interactions":
            yield _mail(found.values, own)
        else:
            yield from [_card(each) for each in found.values.get("cards", ())]
            yield found
        yield from [_broken(f"{position} {name}", PARTLY) for name in found.odd]
    except Unreadable as odd:
        yield _broken(position, str(odd))
    except Exception:  # noqa: BLE001 - the guard around one foreign item
        yield _broken(position, ODD)


def _broken(position: str, reason: str) -> Broken:
    return Broken(position=position, digest=sha256(position.encode()).hexdigest(), reason=reason)


def _own(raw: Any) -> str:
    """The first of the owner's own addresses: who mails are from, or to."""
    told = raw.get("own_addresses") if isinstance(raw, dict) else None
    mine = [each for each in told or () if isinstance(each, dict) and each.get("own") is not False]
    return str(mine[0].get("address") or "").lower() if mine else ""


def _mail(values: Mapping[str, Any], own: str) -> Message:
    if not own:
        raise Unreadable(mark("It does not say which address is the owner's, so nobody knows who wrote to whom."))
    sent = values["direction"] == "sent"
    others = [Address(address=each.lower()) for each in values["with"]]
    mine, theirs = (Role.FROM, Role.TO) if sent else (Role.TO, Role.FROM)
    people = [Participant(role=theirs, address=each) for each in others]
    return Message(
        ref=values["ref"],
        at=values["at"],
        participants=(Participant(role=mine, address=Address(address=own)), *people),
        marks=MailMark.SENT if sent else MailMark.NONE,
        recipients=len(others) if sent else 1,
    )


def _meeting(values: Mapping[str, Any]) -> CalendarEvent:
    people = tuple(
        Participant(
            role=Role(role),
            address=Address(address=each["address"], name=each["name"]),
            reply=Reply(each["reply"]),
            resource=each["resource"],
        )
        for each in values["people"]
        for role in each["roles"]
    )
    names = ("uid", "occurrence", "title", "start_at", "zone_guessed", "all_day", "recurring", "cancelled", "busy")
    told = {name: values[name] for name in (*names, "location")} | {"end_at": max(values["start_at"], values["end_at"])}
    return CalendarEvent(**told, zone=values["zone"] or "UTC", participants=people)


def _card(values: Mapping[str, Any]) -> ContactCard:
    return ContactCard(**values)


class _Window:
    """The text of a stream, of which only what is being looked at is held. Not a value: it moves."""

    def __init__(self, stream: BinaryIO) -> None:
        self._chunks = codecs.iterdecode(iter(partial(as_utf8(stream).read, _CHUNK), b""), "utf-8", "replace")
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def more(self) -> bool:
        """One more piece, dropping what lies behind us; whether there was one. Raises ValueError past measure."""
        piece = next(self._chunks, "")
        self._text, self._at = self._text[self._at :] + piece, 0
        if len(self._text) > MAX_ENTRY:
            raise ValueError("an entry past measure")
        return bool(piece)

    def peek(self) -> str:
        """The next sign that is neither blank nor a comma; empty at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self.more():
                return self._text[self._at : self._at + 1]

    def skip(self, sign: str) -> None:
        if self.peek() != sign:
            raise ValueError("another sign")
        self._at += 1

    def value(self) -> Any:
        """The JSON value that begins here. Raises ValueError."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._double():
                    raise
                continue
            if end < len(self._text) or not self.more():  # a number may go on in the next piece
                self._at = min(end, len(self._text)) if end < len(self._text) else len(self._text)
                return found

    def _double(self) -> bool:
        """As much again, so that a long entry is not tried at every piece."""
        wanted = 2 * max(len(self._text) - self._at, _CHUNK)
        there = self.more()
        while there and len(self._text) < wanted:
            there = self.more()
            if not there:
                return True
        return there


def _entries(text: _Window) -> Iterator[tuple[str, Any]]:
    """(section, value) for every value of the outer object; of a list for each of its entries."""
    text.skip("\ufeff") if text.peek() == "\ufeff" else None
    text.skip("{")
    while text.peek() != "}":
        name = text.value()
        if not isinstance(name, str):
            raise ValueError("a name is missing")  # noqa: TRY004 - damage of the file, like all others here
        text.skip(":")
        if text.peek() != "[":
            yield name, text.value()
            continue
        text.skip("[")
        while text.peek() != "]":
            yield name, text.value()
        text.skip("]")
