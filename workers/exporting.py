"""Everything of an owner as a file: our own document (docs/export.md), or for other programs to read.

Called by the page Data and by `keepwarm export`. Written portion by portion within one reading transaction, so that it
is of one moment and little stands in memory. It holds no password, no grant and nothing of what a mail says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain, count
from typing import Any, BinaryIO

from integrations.exports import (
    Occasion,
    Person,
    calendar_head,
    calendar_tail,
    head_row,
    occasion,
    row,
)
from keepwarm.contacts import match_form
from keepwarm.followups import LENGTH
from keepwarm.portable import FORMAT, SECTIONS, VERSION
from keepwarm.store import Tx, accounts, contacts, follow_ups, moving, notes, tagging
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.store.notes import Note
from keepwarm.texts import Texts, mark
from keepwarm.vcard import Card, vcard
from keepwarm.zones import local
from workers.runtime import Runtime

PROFILE = "linkedin:"
COLUMNS = (
    mark("Name"), mark("Organisation"), mark("Role"), mark("E-mail"), mark("E-mail 2"), mark("More e-mail"),
    mark("Telephone"), mark("Links"), mark("Birthday"), mark("How you know each other"), mark("Circle"),
    mark("Last in touch"), mark("Times in touch"), mark("Last note"),
)  # fmt: skip
CIRCLES = {"warm": mark("warm"), "lukewarm": mark("lukewarm"), "cold": mark("cold")}
LABELS = {  # origins that are not called by their key
    "company": mark("where I work"), "chance": mark("met by chance"), "linkedin": mark("LinkedIn"),
    "facebook": mark("Facebook"),
}  # fmt: skip
NEXT = mark("Get in touch with {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the writers read from: one transaction, one owner, one moment."""

    tx: Tx
    owner: Owner
    texts: Texts
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """``ending``: of the name of the file; ``kind``: its media type; ``parts`` makes it, piece by piece."""

    ending: str
    kind: str
    parts: Callable[[Source], Iterator[bytes]]


def write(runtime: Runtime, owner_id: str, name: str, out: BinaryIO) -> None:
    """Write the export of this name (a key of FORMATS) to ``out``."""
    now = runtime.now()
    with runtime.store.reading(owner_id) as tx:
        owner = accounts.owner(tx)
        out.writelines(FORMATS[name].parts(Source(tx=tx, owner=owner, texts=runtime.texts(owner.lang), now=now)))


# --- our own ------------------------------------------------------------------------------------------------------


def document(source: Source) -> Iterator[bytes]:
    """One JSON object; every entry of a list stands on a line of its own."""
    yield f'{{"format": "{FORMAT}",\n"version": {VERSION},\n"exported_at": "{_iso(source.now)}"'.encode()
    for section in SECTIONS:
        yield f',\n"{section.name}": '.encode()
        if section.single:
            yield _json(moving.single(source.tx, section.name))
            continue
        yield b"["
        for number, entry in zip(count(), entries(source, section.name), strict=False):
            yield (b",\n" if number else b"\n") + _json(entry)
        yield b"]"
    yield b"}\n"


def portions(source: Source, section: str) -> Iterator[list[dict[str, Any]]]:
    """All entries of a section, in lists as they are read: one of them in memory at a time."""
    after: Any = None
    while True:
        found = moving.portion(source.tx, section, after, source.now)
        yield found.entries
        if found.after is None:
            return
        after = found.after


def entries(source: Source, section: str) -> Iterator[dict[str, Any]]:
    return chain.from_iterable(portions(source, section))


def _json(value: object) -> bytes:
    """ASCII alone: nothing hides in it, and a lone half of a character is carried as what it is."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# --- for other programs: the people of the network, private ones among them ----------------------------------------


def _people(source: Source) -> Iterator[list[tuple[dict[str, Any], Person]]]:
    """Those who are active, with their entries, portion by portion."""
    for some in portions(source, "people"):
        yield [(entry, _person(entry, source.texts)) for entry in some if entry["state"] == "active"]


def _person(entry: Mapping[str, Any], texts: Texts) -> Person:
    held = [each["address"] for each in entry["addresses"]]
    cards, profiles = entry["cards"], [each for each in held if each.startswith(PROFILE)]
    links = [f"https://www.linkedin.com/in/{each.removeprefix(PROFILE)}" for each in profiles]
    links += [each["url"] for each in cards if each["url"].startswith(("https://", "http://"))]
    return Person(
        uid=entry["id"],
        name=entry["name"],
        organisation=entry["organisation"],
        role=entry["role"],
        addresses=tuple(each for each in held if not each.startswith(PROFILE)),
        phones=tuple(dict.fromkeys(each["phone"] for each in cards if each["phone"])),
        links=tuple(dict.fromkeys(links)),
        birthday=next((each["birthday"] for each in cards if each["birthday"]), ""),
        labels=tuple(texts(LABELS.get(each, each.replace("_", " "))) for each in entry["origins"]),
    )


def vcards(source: Source) -> Iterator[bytes]:
    for some in _people(source):
        tags = tagging.tags_of(source.tx, [person.uid for _, person in some])
        for _, person in some:
            yield vcard(_card(person, [each.word for each in tags.get(person.uid, ())]))


def _card(person: Person, tags: Sequence[str]) -> Card:
    return Card(
        uid=f"keepwarm-{person.uid}", name=person.name, addresses=person.addresses, phones=person.phones,
        profiles=person.links, organisation=person.organisation, role=person.role, birthday=person.birthday,
        tags=list(dict.fromkeys((*person.labels, *tags))),
    )  # fmt: skip


def table(source: Source) -> Iterator[bytes]:
    yield head_row([source.texts(each) for each in COLUMNS], source.owner.lang)
    said, at = notes.last_notes(source.tx, source.now), notes.last_said(source.tx, source.now)
    for some in _people(source):
        found = contacts.contacts(source.tx, states=None, now=source.now, ids=[entry["id"] for entry, _ in some])
        rows = {each.id: each for each in found}
        for entry, person in some:
            told = _told(source, rows[entry["id"]], said.get(entry["id"]), at.get(entry["id"]))
            yield row(replace(person, addresses=tuple(rows[entry["id"]].addresses), told=told), source.owner.lang)


def _told(source: Source, found: ContactRow, last: Note | None, at: datetime | None) -> tuple[str, ...]:
    """The cells that only a table has."""
    dates = [each for each in (found.last_at, at) if each]
    return (
        source.texts(CIRCLES[found.circle]),
        local(max(dates), source.owner.zone).date().isoformat() if dates else "",
        str(found.sent + found.received + found.meetings),
        last.said if last else "",
    )


def calendar(source: Source) -> Iterator[bytes]:
    """Meetings with people of the network, and follow-ups that are still to come."""
    yield calendar_head()
    known = {match_form(one) for some in _people(source) for _, person in some for one in person.addresses}
    for entry in entries(source, "meetings"):
        if any(match_form(each["address"]) in known for each in entry["people"]):
            yield occasion(_meeting(entry), source.now)
    for each in follow_ups.follow_ups(source.tx, states=("planned", "placed", "moved"), since=source.now):
        title = source.texts(NEXT, name=each.contact_name)
        found = Occasion(uid=f"{each.id}@keepwarm-export", title=title, start=each.at, end=each.at + LENGTH)
        yield occasion(found, source.now)
    yield calendar_tail()


def _meeting(entry: Mapping[str, Any]) -> Occasion:
    start, end = (datetime.fromisoformat(entry[name]) for name in ("start_at", "end_at"))
    times: tuple[datetime | date, datetime | date] = (start, end)
    if entry["all_day"]:
        first, last = (local(each, entry["zone"]).date() for each in (start, end))
        times = (first, max(last, first))
    uid = "#".join(filter(None, (entry["uid"], entry["occurrence"])))
    return Occasion(
        uid=uid, title=entry["title"], start=times[0], end=times[1], zone=entry["zone"], location=entry["location"],
        cancelled=entry["cancelled"],
    )  # fmt: skip


FORMATS: Mapping[str, Format] = {
    "json": Format(ending="json", kind="application/json", parts=document),
    "vcard": Format(ending="vcf", kind="text/vcard; charset=utf-8", parts=vcards),
    "csv": Format(ending="csv", kind="text/csv; charset=utf-8", parts=table),
    "ical": Format(ending="ics", kind="text/calendar; charset=utf-8", parts=calendar),
}
