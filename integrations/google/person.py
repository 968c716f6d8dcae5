"""One person of Google's People API as a card. Called by `contacts`.

What a card says is cleaned as that of a vCard is (`integrations.wire.vcard`).

Follows Person of people v1 (20251117), read November 2026.
"""

from __future__ import annotations

from integrations.google.answers import Told, number, objects, text
from integrations.wire.cards import birthday, birthday_of, unique
from integrations.wire.plain import mail_address, plain, profile_address
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import ContactCard

EVIDENCE = "google_other"  # the source of people whom Google noted by itself
MOST = 50  # values looked at of a field that may stand often, as of a vCard

NO_NAME = mark("The card bears no name of its own.")


def as_card(person: Told, source: str) -> ContactCard | None:
    """The card; None for one that says nothing, or without a name where that is all it could give.

    Raises Unreadable for a person without a resource name.
    """
    ref = text(person, "resourceName")
    if not ref:
        raise Unreadable(NO_NAME)
    addresses = _addresses(person)
    work = next(iter(_ordered(person, "organizations")), {})
    organisation = plain(text(work, "name"))
    name = _name(person) or ("" if source == EVIDENCE else organisation or next(iter(addresses), ""))
    if not name or (source == EVIDENCE and not addresses):
        return None
    return ContactCard(
        ref=ref,
        source=source,
        name=name,
        addresses=addresses,
        organisation=organisation,
        role=plain(text(work, "title")),
        phone=next(filter(None, (plain(text(each, "value"), 50) for each in _ordered(person, "phoneNumbers"))), ""),
        url=next(filter(None, (plain(text(each, "value"), 500) for each in _ordered(person, "urls"))), ""),
        birthday=next(filter(None, map(_birthday, _ordered(person, "birthdays"))), ""),
        resource_ref=ref,
    )


def is_deleted(person: Told) -> bool:
    held = person.get("metadata")
    return isinstance(held, dict) and held.get("deleted") is True


def names_of(person: Told) -> list[str]:
    """The resource names that a person had before, as far as they are told."""
    held = person.get("metadata")
    found = held.get("previousResourceNames") if isinstance(held, dict) else None
    return [each for each in found[:MOST] if isinstance(each, str)] if isinstance(found, list) else []


def _ordered(person: Told, name: str) -> list[Told]:
    """The values of a field: where one works now, then the primary one, then in Google's order."""

    def later(one: Told) -> tuple[bool, bool]:
        told = one.get("metadata")
        primary = isinstance(told, dict) and told.get("primary") is True
        return one.get("current") is not True, not primary

    return sorted(objects(person, name), key=later)[:MOST]


def _name(person: Told) -> str:
    told = (text(each, part) for each in _ordered(person, "names") for part in ("displayName", "unstructuredName"))
    return next(filter(None, map(plain, told)), "")


def _addresses(person: Told) -> tuple[str, ...]:
    mails = [mail_address(text(each, "value")) for each in _ordered(person, "emailAddresses")]
    return unique([*mails, *(profile_address(text(each, "value")) for each in _ordered(person, "urls"))], MOST)


def _birthday(told: Told) -> str:
    """As the date says; its words only where there is none."""
    day = told.get("date")
    if not isinstance(day, dict):
        return birthday_of(text(told, "text"))
    return birthday(number(day, "year", most=9999), number(day, "month", most=12), number(day, "day", most=31))
