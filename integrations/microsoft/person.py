"""One contact of Graph as a card. Called by `contacts`.

What a card says is cleaned as that of a vCard is (`integrations.wire.vcard`). Follows contact of Graph v1.0, read
November 2026. Not verified on a real account: that a birthday is the day of its moment in UTC, and a year that nobody
named 1604, as in Outlook's own files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from integrations.wire.answers import Told, objects, text
from integrations.wire.cards import birthday_of, origins_of, unique
from integrations.wire.plain import mail_address, plain, profile_address
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import ContactCard

SOURCE = "microsoft"
FIELDS = (
    "id,displayName,givenName,surname,emailAddresses,companyName,jobTitle,mobilePhone,businessPhones,homePhones,"
    "birthday,businessHomePage,categories"
)
MOST = 50  # values looked at of a field that may hold several, as of a vCard

NO_NAME = mark("The card bears no name of its own.")


def as_card(person: Any) -> ContactCard | None:
    """The card; None for one that says nothing. Raises Unreadable for a person without an id."""
    ref = text(person, "id")
    if not ref:
        raise Unreadable(NO_NAME)
    page = text(person, "businessHomePage")
    addresses = unique([*_addresses(person), profile_address(page)], MOST)
    organisation = plain(text(person, "companyName"))
    name = _name(person) or organisation or next(iter(addresses), "")
    if not name:
        return None
    return ContactCard(
        ref=ref,
        source=SOURCE,
        name=name,
        addresses=addresses,
        organisation=organisation,
        role=plain(text(person, "jobTitle")),
        phone=next(filter(None, (plain(each, 50) for each in _phones(person))), ""),
        url=plain(page, 500),
        birthday=birthday_of(text(person, "birthday")),
        origins=origins_of(_texts(person, "categories")),
        resource_ref=ref,
    )


def _name(person: Told) -> str:
    parts = (plain(text(person, "givenName")), plain(text(person, "surname")))
    return plain(text(person, "displayName")) or " ".join(filter(None, parts))


def _addresses(person: Told) -> Iterable[str]:
    return [mail_address(text(each, "address")) for each in objects(person, "emailAddresses")[:MOST]]


def _phones(person: Told) -> Iterable[str]:
    return [text(person, "mobilePhone"), *_texts(person, "businessPhones"), *_texts(person, "homePhones")]


def _texts(person: Told, name: str) -> list[str]:
    found = person.get(name)
    return [each for each in found[:MOST] if isinstance(each, str)] if isinstance(found, list) else []
