"""What counts as being in touch, in which direction. Pure; called by `keepwarm.store` for every mail and event kept.

A touch is a mail from the owner that names the contact in To, Cc or Bcc (sent), a mail from the contact that names the
owner there (received), or a meeting both accepted with at most eight people. Mails naming more than twenty are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from keepwarm.contacts import match_form
from keepwarm.types import CalendarEvent, MailMark, Message, Participant, Reply, Role

NAMED_AT_MOST = 20  # PRODUCT.md, "Settled where sources differ"
PEOPLE_AT_MOST = 8  # PRODUCT.md section 4, "New-person rule"; the owner is one of them

_AUTHOR = Role.FROM.bit
_WRITERS = Role.FROM.bit | Role.SENDER.bit
_RECIPIENTS = Role.TO.bit | Role.CC.bit | Role.BCC.bit
_MACHINE = int(MailMark.AUTO | MailMark.BOUNCE | MailMark.OURS | MailMark.DRAFT)
_COMES = frozenset({Reply.ACCEPTED, Reply.NONE})

Whom = TypeVar("Whom", str, int)


class TouchKind(StrEnum):
    SENT = "s"
    RECEIVED = "r"
    MEETING = "m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    address: str
    kind: TouchKind
    at: datetime


def touched(
    marks: int, recipients: int, people: Mapping[Whom, int], own: Collection[Whom]
) -> tuple[TouchKind, list[Whom]] | None:
    """Whom one dated mail touches and how, in the order of ``people``: whom it names, with the bits of their roles.

    ``marks`` are the bits of `MailMark`; ``own``: who of the people is the owner. None where a machine wrote. A post to
    a mailing list counts like any other mail: as sent to those it names, and as received only where it names the owner.
    """
    if marks & _MACHINE:
        return None
    named = [who for who, roles in people.items() if roles & _RECIPIENTS]
    if max(recipients, len(named)) > NAMED_AT_MOST:
        return None
    mine = [people[who] for who in own if who in people]
    if any(roles & _WRITERS for roles in mine):
        return TouchKind.SENT, [who for who in named if who not in own]
    if any(roles & _RECIPIENTS for roles in mine):
        return TouchKind.RECEIVED, [who for who, roles in people.items() if roles & _AUTHOR and who not in own]
    return None


def mail_touches(message: Message, own: Set[str]) -> list[Touch]:
    """The touches of one mail, unique by address; ``own`` holds match forms (`keepwarm.contacts.match_form`)."""
    if message.at is None:
        return []
    people = roles_of(message.participants)
    found = touched(int(message.marks), message.recipients, people, [who for who in people if match_form(who) in own])
    if found is None:
        return []
    kind, whom = found
    return [Touch(address=each, kind=kind, at=message.at) for each in whom]


def roles_of(participants: Iterable[Participant]) -> dict[str, int]:
    """The bits of all roles that each address has, in order of first mention."""
    people: dict[str, int] = {}
    for each in participants:
        address = each.address.address
        people[address] = people.get(address, 0) | each.role.bit
    return people


def meeting_touches(event: CalendarEvent, own: Set[str]) -> list[Touch]:
    """The touches of one meeting at its start; future meetings too, readers filter by their moment.

    An event of the owner's calendar that names others but not the owner counts the owner in: they came by another
    address, or through a group.
    """
    if event.cancelled or event.all_day or event.ours:
        return []
    people = [each for each in event.participants if not each.resource and each.role is not Role.LIST]
    if _owner_declined(people, own):
        return []
    others = {match_form(each.address.address): each for each in people if match_form(each.address.address) not in own}
    if not 0 < len(others) < PEOPLE_AT_MOST:
        return []
    coming = (each.address.address for each in people if _accepted(each, people))
    return _touches(coming, own, TouchKind.MEETING, event.start_at)


def _accepted(person: Participant, people: Iterable[Participant]) -> bool:
    """Whether they organise it, said yes, or the calendar holds no answers; their own no outweighs the rest."""
    replies = {each.reply for each in people if each.address.address == person.address.address}
    if Reply.DECLINED in replies:
        return False
    return person.role is Role.ORGANISER or person.reply in _COMES


def _owner_declined(people: Iterable[Participant], own: Set[str]) -> bool:
    return any(each.reply is Reply.DECLINED for each in people if match_form(each.address.address) in own)


def _touches(addresses: Iterable[str], own: Set[str], kind: TouchKind, at: datetime) -> list[Touch]:
    others = (each for each in dict.fromkeys(addresses) if match_form(each) not in own)
    return [Touch(address=each, kind=kind, at=at) for each in others]
