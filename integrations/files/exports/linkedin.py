"""LinkedIn: Connections.csv (two layouts) and messages.csv ; of messages who, whom and when alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import BinaryIO

from integrations.files.exports.guard import Found, guarded, hashed
from integrations.files.exports.table import Row, rows
from integrations.wire.cards import unique
from integrations.wire.plain import mail_address, plain, profile_address
from keepwarm.types import Address, ContactCard, Message, Participant, Role, Skipped

MAX_RECIPIENTS = 200
# The first three letters of months in English, Dutch, German and French ("mrt" and "mär" are March).
_MONTHS = {"feb": 2, "fév": 2, "mar": 3, "mrt": 3, "maa": 3, "mär": 3, "apr": 4, "avr": 4, "may": 5, "mei": 5, "mai": 5}
_MONTHS |= {"jan": 1, "jun": 6, "jul": 7, "aug": 8, "aoû": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11}
_MONTHS |= {"dec": 12, "dez": 12, "déc": 12}
_DAY_MONTH = re.compile(r"(\d{1,2})[ .-]+([^\W\d_]{3,12})\.?[ ,-]+(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})(?:,.*)?")


def is_connections(head: list[str]) -> bool:
    return {"first name", "last name", "connected on"} <= set(head)


def is_messages(head: list[str]) -> bool:
    return {"conversation id", "from", "to", "date"} <= set(head)


def read_connections(stream: BinaryIO) -> Iterator[Found]:
    """One card for each connection that has a name."""
    return guarded(rows(stream, is_connections), _connection)


def _connection(row: Row) -> ContactCard | Skipped:
    name = plain(f"{row.first('first name')} {row.first('last name')}")
    if not name:
        return Skipped(position=row.position, reason="no_name")
    profile = profile_address(row.first("url", "profile url"))
    mail = mail_address(row.first("email address", "e-mail address"))
    connected = row.first("connected on")
    return ContactCard(
        ref=profile or hashed(name, mail, connected),
        source="linkedin",
        name=name,
        addresses=unique([mail, profile]),
        organisation=plain(row.first("company")),
        role=plain(row.first("position")),
        url=plain(row.first("url", "profile url"), 500),
        connected_on=day(connected),
        origins=("linkedin",),
    )


def day(text: str) -> date | None:
    """The day of "08 Aug 2012", "8 mrt. 2012", "05/24/13, 3:04 PM" (month first) or an ISO date, else None."""
    try:
        if found := _DAY_MONTH.fullmatch(text):
            return date(int(found[3]), _MONTHS[found[2][:3].lower()], int(found[1]))
        if found := _SLASHED.fullmatch(text):
            return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[1]), int(found[2]))
        return date.fromisoformat(text[:10])
    except (ValueError, KeyError):
        return None


def read_messages(stream: BinaryIO) -> Iterator[Found]:
    """One message for each row that a member sent; the content and the subject stay behind."""
    return guarded(rows(stream, is_messages), _message)


def _message(row: Row) -> Message | Skipped:
    if row.first("folder").upper() == "SPAM":
        return Skipped(position=row.position, reason="spam")
    sender = profile_address(row.first("sender profile url"))
    if not sender:
        return Skipped(position=row.position, reason="sponsored")
    links = row.first("recipient profile urls").split(",")
    receivers = [profile for profile in map(profile_address, links) if profile]
    names = [plain(name) for name in row.first("to").split(",")]
    if len(names) != len(receivers):  # a comma inside a name: better none than somebody else's
        names = [""] * len(receivers)
    people = [(Role.FROM, sender, plain(row.first("from")))]
    people += [(Role.TO, receiver, name) for receiver, name in zip(receivers, names, strict=True)]
    kept = {(role, address): name for role, address, name in people}
    return Message(
        ref=hashed(row.first("conversation id"), row.first("date"), sender),
        at=_moment(row.first("date")),
        participants=tuple(
            Participant(role=role, address=Address(address=address, name=name))
            for (role, address), name in list(kept.items())[: MAX_RECIPIENTS + 1]
        ),
        recipients=len(receivers),
    )


def _moment(text: str) -> datetime | None:
    """The moment of "2024-05-03 14:22:11 UTC", None for anything else."""
    try:
        return datetime.strptime(text.removesuffix(" UTC")[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
