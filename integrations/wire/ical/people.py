"""Organisers and attendees of an event, rooms told from people. Called by `fields`."""

from __future__ import annotations

from typing import Any

from integrations.wire.plain import mail_address, plain
from keepwarm.types import Address, Participant, Reply, Role

_THINGS = frozenset({"ROOM", "RESOURCE", "GROUP"})  # CUTYPE of RFC 5545, section 3.2.3
# Domains under which Google keeps rooms, shared calendars and imported ones.
_THING_DOMAINS = (
    "@resource.calendar.google.com",
    "@group.calendar.google.com",
    "@group.v.calendar.google.com",
    "@import.calendar.google.com",
)
_REPLIES = {reply.value: reply for reply in Reply}


def participants(event: Any) -> tuple[Participant, ...]:
    """The people and resources that have an address, the organiser first, unique by role and address; may be empty."""
    found = dict[tuple[Role, str], Participant]()
    for name, role in (("ORGANIZER", Role.ORGANISER), ("ATTENDEE", Role.ATTENDEE)):
        values = event.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            one = _participant(value, role)
            if one is not None:
                found.setdefault((role, one.address.address), one)
    return tuple(found.values())


def _participant(value: Any, role: Role) -> Participant | None:
    """One of them, None without an address. Apple writes a path as the value and the address as the EMAIL parameter."""
    says = value.params
    address = mail_address(str(value)) or mail_address(_one(says, "EMAIL"))
    if not address:
        return None
    return Participant(
        role=role,
        address=Address(address=address, name=plain(_one(says, "CN"))),
        reply=_REPLIES.get(_one(says, "PARTSTAT").lower(), Reply.NONE),
        resource=_one(says, "CUTYPE").upper() in _THINGS or address.endswith(_THING_DOMAINS),
    )


def _one(says: Any, name: str) -> str:
    """A parameter as one text: the library makes a list of a name with a comma outside quotes."""
    value = says.get(name, "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
