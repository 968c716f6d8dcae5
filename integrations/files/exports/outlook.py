"""Outlook contacts as CSV: many layouts, English, Dutch and German column names, commas or semicolons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from integrations.files.exports.guard import Found, guarded, hashed
from integrations.files.exports.table import Row, rows
from integrations.wire.cards import birthday, birthday_of, origins_of, unique
from integrations.wire.plain import mail_address, plain, profile_address
from keepwarm.types import ContactCard, Skipped

# Column names by what they hold, as Outlook writes them in English, Dutch and German.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "given": ("first name", "voornaam", "vorname"),
    "middle": ("middle name", "middelste naam", "tweede voornaam", "tussenvoegsel", "weitere vornamen"),
    "family": ("last name", "achternaam", "nachname"),
    "shown": ("display name", "weergavenaam", "name", "naam"),
    "company": ("company", "bedrijf", "firma"),
    "title": ("job title", "functie", "position"),
    "phone": ("mobile phone", "business phone", "home phone", "mobiele telefoon", "telefoon op werk", "telefoon werk",
              "telefoon thuis", "mobiltelefon", "telefon geschäftlich"),
    "site": ("web page", "webpagina", "webseite", "personal web page"),
    "birthday": ("birthday", "verjaardag", "geboortedatum", "geburtstag"),
    "labels": ("categories", "categorieën", "categorieen", "kategorien"),
}  # fmt: skip
_MAIL = re.compile(r"e-?mail[ -]?(?:address|adres(?:se)?)?(?: ?\d)?(?: (?:address|adres))?")
_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})")


def is_head(head: list[str]) -> bool:
    named = any(name in head for kind in ("given", "family", "shown") for name in _COLUMNS[kind])
    ours = sum(any(name in head for name in names) for names in _COLUMNS.values())
    return named and ours >= 2 and any(_MAIL.fullmatch(name) for name in head)


def read(stream: BinaryIO) -> Iterator[Found]:
    """One card for each row that has a name or an address."""
    return guarded(rows(stream, is_head), _card)


def _card(row: Row) -> ContactCard | Skipped:
    given, middle, family = (_cell(row, kind) for kind in ("given", "middle", "family"))
    site = _cell(row, "site")
    mails = (mail_address(cell) for name, cell in row.cells.items() if _MAIL.fullmatch(name))
    addresses = unique([*mails, profile_address(site)])
    organisation = plain(_cell(row, "company"))
    name = (
        plain(f"{given} {middle} {family}") or plain(_cell(row, "shown")) or organisation or next(iter(addresses), "")
    )
    if not name:
        return Skipped(position=row.position, reason="empty")
    return ContactCard(
        ref=hashed(name, *addresses),
        source="outlook_csv",
        name=name,
        addresses=addresses,
        organisation=organisation,
        role=plain(_cell(row, "title")),
        phone=plain(_cell(row, "phone"), 50),
        url=plain(site, 500),
        birthday=_birthday(_cell(row, "birthday")),
        origins=origins_of(re.split("[;,]", _cell(row, "labels"))),
    )


def _cell(row: Row, kind: str) -> str:
    return row.first(*_COLUMNS[kind])


def _birthday(text: str) -> str:
    """6/29/1979 has the month first, 29-6-1979 and 29.6.1979 the day, unless that is no date; 0/0/00 is no birthday."""
    found = _DATE.fullmatch(text)
    if not found:
        return birthday_of(text)
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    month_first, day_first = birthday(year, one, two), birthday(year, two, one)
    return (month_first or day_first) if found[2] == "/" else (day_first or month_first)
