"""What is tried: each public reader over some bytes, and what the house does with whatever comes out of it.

Every reader here takes bytes, or the path of a file, and yields what it found. Called in children, by name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integrations.files.exports import READERS as EXPORTS
from integrations.files.exports import sniff
from integrations.files.recognise import SNIFF, kind_of
from integrations.open.davxml import Unusable, conditions, multistatus
from integrations.wire.ical import read_calendar, read_our_event, write_event
from integrations.wire.mime import cut_head, read_message, why_left_out
from integrations.wire.vcard import read_cards
from keepwarm.contacts import names
from keepwarm.contacts.addresses import match_form, tombstone_keys
from keepwarm.errors import Unreadable
from keepwarm.foreign import one_line
from keepwarm.types import Broken, CalendarEvent, ContactCard, Message, OurEvent
from tests.integrations.files.mail.conftest import files, stream

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ZONE = "Europe/Amsterdam"


def mail(data: bytes) -> Iterator[object]:
    head = cut_head(data)
    try:
        yield read_message(head)
        why_left_out(head)
    except Unreadable as error:
        yield Broken(position="0", digest="", reason=str(error))


def calendar(data: bytes) -> Iterator[object]:
    yield from read_calendar(data, zone=ZONE, now=NOW)


def our_event(data: bytes) -> Iterator[object]:
    """A calendar program hands back what we wrote, changed by anybody."""
    try:
        yield read_our_event(data)
    except Unreadable as error:
        yield Broken(position="0", digest="", reason=str(error))


def dav(data: bytes) -> Iterator[object]:
    """An answer of a calendar server, and what its resources hold."""
    place = lambda href: href if href.startswith("/") else ""  # noqa: E731 - as `integrations.open.dav.Dav.path`
    conditions(data)
    try:
        found = multistatus(data, place)
    except Unusable as error:
        yield Broken(position="0", digest="", reason=str(error))
        return
    for each in found.resources:
        yield from calendar(each.text("C:calendar-data").encode("utf-8", "surrogatepass"))


def cards(data: bytes) -> Iterator[object]:
    yield from read_cards(io.BytesIO(data))


def export(data: bytes) -> Iterator[object]:
    """By the reader of its kind; by that of connections where it is of no kind."""
    yield from EXPORTS[sniff(data[:SNIFF]) or "linkedin"](io.BytesIO(data))


def file(path: Path) -> Iterator[object]:
    """Through the provider: whatever its bytes say that it is."""
    for page in files([path]).changes(stream()):
        yield from (*page.items, *page.skipped, *page.broken)


def all_of_them(path: Path) -> Iterator[object]:
    """Every reader in turn, whatever the bytes are."""
    data = path.read_bytes()
    kind_of(data[:SNIFF])
    for read in (mail, calendar, our_event, cards, export):
        yield from read(data)
    yield from file(path)


OF_FILES = frozenset({file, all_of_them})  # take a path, all others bytes


def used(thing: object) -> None:
    """What the house does next with a thing: names cleaned and compared, addresses matched, a title written."""
    if isinstance(thing, Message | CalendarEvent):
        shown = [(one.address.name, one.address.address) for one in thing.participants]
    elif isinstance(thing, ContactCard):
        shown = [(thing.name, address) for address in thing.addresses] or [(thing.name, "")]
        tombstone_keys(thing.name, thing.organisation, thing.source, thing.addresses)
    else:
        return
    for name, address in shown:
        names.best_name([(name, 1), (names.name_from_address(address), 1)])
        names.is_personal(name)
        names.compatible_name(name, shown[0][0])
        match_form(address)
    title = one_line(thing.title if isinstance(thing, CalendarEvent) else shown[0][0] if shown else "", 300)
    assert_written_as_meant(title)


def assert_written_as_meant(title: str) -> None:
    """A title from outside, in an event of ours, says itself and nothing else."""
    event = OurEvent(
        uid="0@keepwarm", title=title, description=title, start_at=NOW, end_at=NOW + timedelta(hours=1), zone=ZONE
    )
    written = write_event(event, stamp=NOW)
    assert read_our_event(written).title == title
    assert written.count(b"\r\nBEGIN:") == written.count(b"\r\nEND:") - (b"\r\nEND:VCALENDAR" in written)
    assert b"\r\nATTENDEE" not in written
