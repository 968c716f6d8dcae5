"""What is taken along is whole, harmless to whatever opens it, and costs little memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from integrations.exports.table import safe
from integrations.files.exports import own, sniff
from integrations.wire.ical import read_calendar
from integrations.wire.vcard import read_cards
from keepwarm.contacts import match_form
from keepwarm.store import Store, accounts, contacts, notes, tagging
from keepwarm.store.rows import insert_new
from keepwarm.store.tables import address, contact, identity
from keepwarm.types import Broken, CalendarEvent, ContactCard
from tests.service.web import world
from tests.service.web.conftest import runtime_over
from tests.service.web.test_outsiders import CANARIES
from workers import exporting
from workers.runtime import Runtime

HOSTILE = (
    *CANARIES,
    "=HYPERLINK(\"http://evil.example\",\"x\")", "+1+1", "-1+1", "@SUM(1)", "\t=1", " \r\n=1", "\uff1d1+1", "%0A=1",
    "a\r\nEMAIL:evil@example.com\r\nX:", "a\nEND:VCARD\nBEGIN:VCARD\nFN:evil", "a;b,c\\n\\;d", "a\u2028END:VEVENT",
    "\u202egnp.exe", "x\x00y\x1b[2J", "é" * 120, "💡" * 60, "a\\", "'", '"', ";;;;", ",,,,", "DTSTART:x",
)  # fmt: skip


@pytest.fixture
def runtime(sqlite_store: Store, tmp_path: Path, now: datetime) -> Runtime:
    return runtime_over(sqlite_store, tmp_path, now)


def written(runtime: Runtime, owner_id: str, name: str) -> bytes:
    out = io.BytesIO()
    exporting.write(runtime, owner_id, name, out)
    return out.getvalue()


@pytest.fixture
def here(runtime: Runtime, now: datetime) -> world.World:
    return world.settle(runtime.store, now)


@pytest.fixture
def hostile(runtime: Runtime, now: datetime) -> str:
    """An owner whose people, talks and notes are all canaries."""
    owner_id = world.make_owner(runtime.store, now)
    people = [(f"{text} {n}", f"a{n}@example.com", 2, 2, 100) for n, text in enumerate(HOSTILE)]
    talks = [
        world.event(f"{n}", text, now + timedelta(days=1, hours=n), world.OWNER, [people[n][:2]], text)
        for n, text in enumerate(HOSTILE)
    ]
    safe_text = [(text.encode("utf-8", "replace").decode().replace("\x00", "")) for text in HOSTILE]
    cards = [
        ContactCard(
            ref=f"c{n}", source="vcf", name=f"{text} {n}", addresses=(f"a{n}@example.com",), organisation=text,
            role=text, phone=text[:50], url=text,
        )
        for n, text in enumerate(safe_text)
    ]  # fmt: skip
    found = [*world.mails(now, world.OWNER, people), *talks, *cards]
    world.keep(runtime.store, owner_id, now, found)
    with runtime.store.transaction(owner_id) as tx:
        contacts.accept(tx, None, now=now)
        for number, row in enumerate(contacts.contacts(tx, states=["active"], now=now)):
            notes.add_note(tx, row.id, now, said=safe_text[number % len(safe_text)])
    return owner_id


def active(runtime: Runtime, owner_id: str) -> int:
    with runtime.store.reading(owner_id) as tx:
        return len(contacts.contacts(tx, states=["active"], now=runtime.now()))


# --- address book --------------------------------------------------------------------------------------------------


def test_our_own_reader_finds_everybody_in_the_address_book(runtime: Runtime, here: world.World) -> None:
    found = list(read_cards(io.BytesIO(written(runtime, here.owner_id, "vcard"))))
    by_name = {each.name: each for each in found if isinstance(each, ContactCard)}
    assert set(by_name) == set(here.ids)
    noor = by_name["Noor Willemse"]
    assert (noor.organisation, noor.role) == ("Harbour Museum", "Curator")
    assert noor.addresses == ("noor.willemse@example.net",)


def test_an_address_book_cannot_be_broken_out_of(runtime: Runtime, hostile: str) -> None:
    data = written(runtime, hostile, "vcard")
    people = active(runtime, hostile)
    assert people > 40
    assert data.count(b"BEGIN:VCARD\r\n") == data.count(b"END:VCARD\r\n") == people
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(byte < 32 for line in lines for byte in line)
    known = (b"BEGIN", b"VERSION", b"UID", b"FN", b"N", b"ORG", b"TITLE", b"EMAIL", b"TEL", b"URL", b"BDAY",
             b"CATEGORIES", b"END")  # fmt: skip
    assert all(line[:1] == b" " or line.split(b":")[0].split(b";")[0] in known for line in lines if line)
    found = list(read_cards(io.BytesIO(data)))
    assert [each for each in found if not isinstance(each, ContactCard)] == []
    assert not [one for each in found for one in each.addresses if "evil" in one and "@" in one]  # type: ignore[union-attr]  # all cards


def test_tags_stand_in_the_address_book_beside_how_they_are_known(runtime: Runtime, here: world.World) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, here.ids["Noor Willemse"], runtime.now(), origins=["old_colleagues"])
        tagging.add_tag(tx, [here.ids["Noor Willemse"]], "choir, east", runtime.now())
    assert b"CATEGORIES:old colleagues,choir\\, east\r\n" in written(runtime, here.owner_id, "vcard")


# --- table ---------------------------------------------------------------------------------------------------------


def test_a_table_opens_in_a_spreadsheet_of_either_language(runtime: Runtime, here: world.World) -> None:
    data = written(runtime, here.owner_id, "csv")
    assert data.startswith(b"\xef\xbb\xbfName,")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    noor = next(row for row in rows if row["Name"] == "Noor Willemse")
    assert (noor["E-mail"], noor["Circle"]) == ("noor.willemse@example.net", "warm")
    assert noor["Last note"] == "The new wing opens in spring."
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang="nl")
    assert written(runtime, here.owner_id, "csv").startswith("\ufeffNaam;".encode())


def test_no_cell_is_a_formula(runtime: Runtime, hostile: str) -> None:
    rows = list(csv.reader(io.StringIO(written(runtime, hostile, "csv").decode("utf-8-sig"))))
    assert len(rows) == active(runtime, hostile) + 1
    assert {len(row) for row in rows} == {14}
    begins = {cell.strip()[:1] for row in rows for cell in row}
    assert not begins & set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    assert not [cell for row in rows for cell in row if "\n" in cell or "\x00" in cell]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1", "'=1"), (" =1", "' =1"), ("+31 6 1", "'+31 6 1"), ("-x", "'-x"), ("@x", "'@x"), ("", ""), ("a=b", "a=b"),
        ("\uff1d1", "'\uff1d1"), ("(020) 5", "(020) 5"), ("…=1", "'…=1"), ("é=1", "é=1"), ("“x” = y", "“x” = y"),
    ],
)  # fmt: skip
def test_a_cell_is_text_to_a_spreadsheet(cell: str, expected: str) -> None:
    assert safe(cell) == expected


# --- calendar ------------------------------------------------------------------------------------------------------


def test_talks_and_follow_ups_stand_in_the_calendar(runtime: Runtime, here: world.World, now: datetime) -> None:
    data = written(runtime, here.owner_id, "ical")
    found = [
        each
        for each in read_calendar(io.BytesIO(data), zone="Europe/Amsterdam", now=now)
        if isinstance(each, CalendarEvent)
    ]
    assert {each.title for each in found} == {"Coffee with Noor", "Get in touch with Tomas Lind"}
    assert all(not each.participants for each in found)


def test_a_calendar_cannot_be_broken_out_of(runtime: Runtime, hostile: str, now: datetime) -> None:
    data = written(runtime, hostile, "ical")
    events = Calendar.from_ical(data).walk("VEVENT")
    assert len(events) == data.count(b"BEGIN:VEVENT\r\n") > 40
    allowed = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "CLASS", "TRANSP", "STATUS"}
    assert {name for event in events for name in event} <= allowed
    assert not any(byte < 32 for line in data.split(b"\r\n") for byte in line)
    assert not [each for each in read_calendar(io.BytesIO(data), zone="UTC", now=now) if isinstance(each, Broken)]


# --- our own -------------------------------------------------------------------------------------------------------


def test_our_own_document_is_recognised_and_holds_hostile_text_as_text(runtime: Runtime, hostile: str) -> None:
    data = written(runtime, hostile, "json")
    assert sniff(data[:65536]) == "keepwarm"
    assert data.isascii()
    whole = json.loads(data)
    assert len(whole["people"]) == active(runtime, hostile)
    assert not [each for each in own.read(io.BytesIO(data)) if isinstance(each, Broken)]


@pytest.mark.parametrize("name", ["json", "vcard"])
def test_a_large_network_is_written_a_portion_at_a_time(
    runtime: Runtime, now: datetime, tmp_path: Path, name: str
) -> None:
    """What stands in memory does not grow with the people: five thousand take little more than one portion."""
    owner_id, many = world.make_owner(runtime.store, now), 5_000
    with runtime.store.transaction(owner_id) as tx:
        held = [(f"{number:032x}", f"p{number}@example.org") for number in range(many)]
        row = {"owner_id": owner_id, "state": "active", "proposed_at": now, "accepted_at": now}
        insert_new(tx, contact, [row | {"id": each, "name": f"Person {each}"} for each, _ in held])
        insert_new(tx, address, [
            {"id": identity(owner_id, "address", one), "owner_id": owner_id, "address": one, "match": match_form(one),
             "contact_id": each}
            for each, one in held
        ])  # fmt: skip
    del held
    with (tmp_path / name).open("wb") as out:
        tracemalloc.start()
        exporting.write(runtime, owner_id, name, out)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (tmp_path / name).read_bytes().count(b"@example.org") >= many
    assert most < 6_000_000
