"""Google Contacts as CSV: the present layout (First Name, Labels) and the older one (Given Name, Group Membership)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from integrations.files.exports.guard import Found, guarded, hashed
from integrations.files.exports.table import Row, rows
from integrations.wire.cards import birthday_of, origins_of, unique
from integrations.wire.plain import mail_address, plain, profile_address
from keepwarm.types import ContactCard, Skipped

_SEPARATOR = ":::"  # how Google joins several values in one cell
_MAIL = re.compile(r"e-mail \d+ - value")
_PHONE = re.compile(r"phone \d+ - value")
_SITE = re.compile(r"website \d+ - value")
_OURS = frozenset({"yomi name", "given name yomi", "phonetic first name", "group membership", "labels"})


def is_head(head: list[str]) -> bool:
    named = not {"name", "given name", "first name"}.isdisjoint(head)
    return named and ("e-mail 1 - value" in head or not _OURS.isdisjoint(head))


def read(stream: BinaryIO) -> Iterator[Found]:
    """One card for each row that has a name or an address."""
    return guarded(rows(stream, is_head), _card)


def _card(row: Row) -> ContactCard | Skipped:
    sites = _values(row, _SITE)
    addresses = unique([*map(mail_address, _values(row, _MAIL)), *map(profile_address, sites)])
    organisation = plain(row.first("organization name", "organization 1 - name"))
    name = _name(row) or organisation or next(iter(addresses), "")
    if not name:
        return Skipped(position=row.position, reason="empty")
    labels = row.first("labels", "group membership").split(_SEPARATOR)
    return ContactCard(
        ref=hashed(name, *addresses),
        source="google_csv",
        name=name,
        addresses=addresses,
        organisation=organisation,
        role=plain(row.first("organization title", "organization 1 - title")),
        phone=plain(next(iter(_values(row, _PHONE)), ""), 50),
        url=plain(next(iter(sites), ""), 500),
        birthday=birthday_of(row.first("birthday")),
        origins=origins_of(label.strip("* ") for label in labels),
    )


def _name(row: Row) -> str:
    given = row.first("first name", "given name")
    middle, family = row.first("middle name", "additional name"), row.first("last name", "family name")
    return plain(row.first("name")) or plain(f"{given} {middle} {family}") or plain(row.first("file as", "nickname"))


def _values(row: Row, column: re.Pattern[str]) -> list[str]:
    """All values of the columns of one kind, in column order."""
    cells = [cell for name, cell in row.cells.items() if column.fullmatch(name)]
    return [value.strip() for cell in cells for value in cell.split(_SEPARATOR) if value.strip()]
