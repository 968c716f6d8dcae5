"""What counts as being in touch, in which direction. Pure; called by `keepwarm.store` for every mail and event kept.

A touch is a mail from the owner that names the contact in To, Cc or Bcc (sent), a mail from the contact that names the
owner there (received), or a meeting both accepted with at most eight people. Mails naming more than twenty are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keepwarm.contacts import match_form
from keepwarm.types import CalendarEvent, MailMark, Message, Participant, Reply, Role

NAMED_AT_MOST = 20  # PRODUCT.md, "Settled where sources differ"
PEOPLE_AT_MOST = 8  # PRODUCT.md section 4, "New-person rule"; the owner is one of them

_RECIPIENTS = frozenset({Role.TO, Role.CC, Role.BCC})
_WRITERS = frozenset({Role.FROM, Role.SENDER})
_MACHINE = MailMark.AUTO | MailMark.BOUNCE | MailMark.OURS | MailMark.DRAFT
_COMES = frozenset({Reply.ACCEPTED, Reply.NONE})


class TouchKind(StrEnum):
    SENT = "s"
    RECEIVED = "r"
    MEETING = "m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    address: str
    kind: TouchKind
    at: datetime


def mail_touches(message: Message, own: Set[str]) -> list[Touch]:
    """The touches of one mail, unique by (address, kind); ``own`` holds match forms (`keepwarm.contacts.match_form`).

    None without a date, and none where a machine wrote. A post to a mailing list counts like any other mail: as sent to
    those it names, and as received only where it names the owner.
    """
    if message.at is None or message.marks & _MACHINE:
        return []
    recipients = _addresses(message.participants, _RECIPIENTS)
    if max(message.recipients, len(recipients)) > NAMED_AT_MOST:
        return []
    if _has_own(_addresses(message.participants, _WRITERS), own):
        return _touches(recipients, own, TouchKind.SENT, message.at)
    if _has_own(recipients, own):
        return _touches(_addresses(message.participants, {Role.FROM}), own, TouchKind.RECEIVED, message.at)
    return []


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


def _addresses(participants: Iterable[Participant], roles: Set[Role]) -> list[str]:
    """Unique, in order."""
    return list(dict.fromkeys(each.address.address for each in participants if each.role in roles))


def _has_own(addresses: Iterable[str], own: Set[str]) -> bool:
    return any(match_form(each) in own for each in addresses)


def _touches(addresses: Iterable[str], own: Set[str], kind: TouchKind, at: datetime) -> list[Touch]:
    others = (each for each in dict.fromkeys(addresses) if match_form(each) not in own)
    return [Touch(address=each, kind=kind, at=at) for each in others]
