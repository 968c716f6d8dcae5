"""One opened source → its items, each with the place to go on from. Called by `sources`.

A step is (offset, thing, read): reading again from ``offset`` begins with ``thing``; ``read`` bytes lay before it.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from integrations.files.exports import READERS
from integrations.files.mbox import heads
from integrations.files.recognise import APPLE_COUNT, SNIFF
from integrations.wire.ical import read_calendar
from integrations.wire.mime import HEAD_LIMIT, cut_head
from integrations.wire.mime.items import broken, read_mail
from integrations.wire.vcard import read_cards
from integrations.wire.wide import as_utf8
from keepwarm.texts import mark
from keepwarm.types import Broken, Item, Skipped

NOT_OURS = mark("This is not a kind of file we can read.")
STOPPED = mark("The rest of this file could not be read.")

Thing = Item | Skipped | Broken
Offset = int | str
Step = tuple[Offset, Thing, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the readers of calendars have to know of the owner."""

    zone: str
    now: Callable[[], datetime]


def read_steps(kind: str, stream: BinaryIO, *, purpose: str, offset: int, setting: Setting) -> Iterator[Step]:
    """All items of one file from ``offset`` on. Damage ends it with one Broken; what came before stands."""
    number, at = 0, offset
    try:
        for step in _steps(kind, stream, purpose, offset, setting):
            number, at = number + 1, step[2]
            yield step
    except Exception:  # noqa: BLE001 - the guard around one foreign file: a damaged archive entry ends here
        yield at + 1 if kind == "mbox" else offset + number, broken(kind.encode(), str(at), STOPPED), at


def read_mails(mails: Sequence[tuple[str, str, Callable[[], bytes]]], after: Offset) -> Iterator[Step]:
    """The mails of a Maildir, given as (name, purpose, how to read its start) in order of name.

    The place to go on from is a name, so mails that come or go meanwhile move nothing; ``read`` counts mails.
    """
    for number, (name, purpose, read) in enumerate(mails):
        if not isinstance(after, str) or name >= after:
            yield name, _one_mail(name, read, purpose), number


def _one_mail(name: str, read: Callable[[], bytes], purpose: str) -> Thing:
    try:
        data = read()
    except Exception:  # noqa: BLE001 - the guard around one foreign item: gone meanwhile, or damaged
        return broken(name.encode("utf-8", "surrogateescape"), name, mark("This mail could not be opened."))
    return read_mail(cut_head(data), name, purpose)


def _steps(kind: str, stream: BinaryIO, purpose: str, offset: int, setting: Setting) -> Iterator[Step]:
    if kind in READERS:
        return _numbered(READERS[kind](stream), stream, offset)
    text = as_utf8(stream)
    if kind == "mbox":
        return ((at, read_mail(head, str(at), purpose), at) for at, head in heads(text, start=offset))
    if kind == "eml":
        return iter([(0, _eml(text, purpose), 0)] if offset == 0 else [])
    if kind == "vcf":
        return _numbered(read_cards(text), text, offset)
    if kind == "ics":
        return _calendar(text, offset, setting)
    return iter([(0, broken(stream.read(SNIFF), "0", NOT_OURS), 0)])


def _eml(stream: BinaryIO, purpose: str) -> Thing:
    data = stream.read(HEAD_LIMIT + 64)
    return read_mail(cut_head(APPLE_COUNT.sub(b"", data.removeprefix(codecs.BOM_UTF8), count=1)), "0", purpose)


def _calendar(stream: BinaryIO, offset: int, setting: Setting) -> Iterator[Step]:
    return _numbered(read_calendar(stream, zone=setting.zone, now=setting.now()), None, offset)


def _numbered(things: Iterator[Thing], stream: BinaryIO | None, offset: int) -> Iterator[Step]:
    """Where the reader has no offsets of its own, its items are counted; to go on it passes over those before."""
    for number, thing in enumerate(islice(things, offset, None), offset):
        yield number, thing, 0 if stream is None else _told(stream)


def _told(stream: BinaryIO) -> int:
    try:
        return stream.tell()
    except (OSError, ValueError):  # a text layer that reads ahead does not tell
        return 0
