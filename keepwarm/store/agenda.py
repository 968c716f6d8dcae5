"""Events as they are read: with their people, what is busy, when the owner is away. Called through `views`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, func, select, type_coerce

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.own import own_match_forms
from keepwarm.store.rows import Row, all_rows, chunks, event_key, mine, value
from keepwarm.store.series import dropped
from keepwarm.store.tables import address, contact, microseconds, participant
from keepwarm.store.tables import event as table
from keepwarm.talks import Known
from keepwarm.types import Address, CalendarEvent, Participant, Reply, Role
from keepwarm.zones import may_mislead

Span = tuple[datetime, datetime]
FEW = 5  # events; ours: fewer say nothing about where somebody lives

# Titles by which people say in Dutch and English that they are not there.
AWAY = re.compile(
    r"\b(out of (the )?office|ooo|away|holidays?|vacation|annual leave|on leave|parental leave|sick leave|"
    r"vakantie|verlof|afwezig|vrij|weg|zwangerschapsverlof|ouderschapsverlof)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPerson:
    """One address of an event, once even if it has two roles. ``own``: it is the owner's."""

    address: str
    name: str
    reply: str
    resource: bool
    organiser: bool
    own: bool
    contact_id: str | None
    contact_state: str | None
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One occurrence. ``gone``: the calendar no longer has it. ``people`` by name, the organiser first."""

    id: str
    uid: str
    occurrence: str
    title: str
    start_at: datetime
    end_at: datetime
    zone: str
    zone_guessed: bool
    all_day: bool
    recurring: bool
    cancelled: bool
    gone: bool
    busy: bool
    location: str
    generation: int
    first_seen_at: datetime
    people: list[EventPerson]


def events_between(tx: Tx, start: datetime, end: datetime) -> list[EventRow]:
    """Events that begin from ``start`` on and before ``end``, in order; also those cancelled or gone."""
    query = select(table).where(mine(tx, table), table.c.start_at >= start, table.c.start_at < end)
    return _events(tx, all_rows(tx, query.order_by(table.c.start_at, table.c.id)))


def event(tx: Tx, event_id: str) -> EventRow:
    """One event. Raises NotFound."""
    found = _events(tx, all_rows(tx, select(table).where(mine(tx, table), table.c.id == event_key(event_id))))
    if not found:
        raise NotFound("There is no such event.")
    return found[0]


def first_event_at(tx: Tx) -> datetime | None:
    """When the first event of all was read; None while there is none."""
    return tx.connection.execute(select(func.min(table.c.first_seen_at)).where(mine(tx, table))).scalar()


def hour_may_mislead(found: EventRow, zone: str) -> bool:
    """Whether its hour, shown on the clocks of ``zone``, may be taken for another."""
    return may_mislead(found.start_at, written=found.zone, read=zone, guessed=found.zone_guessed)


def main_zone(tx: Tx) -> str:
    """The zone in which most of the owner's events stand; empty where there are few, or no zone has most of them."""
    here = (mine(tx, table), table.c.all_day.is_(False), table.c.zone_guessed.is_(False), table.c.zone != "UTC")
    query = select(table.c.zone, func.count().label("n")).where(*here).group_by(table.c.zone)
    found = sorted(all_rows(tx, query), key=lambda row: (-row["n"], row["zone"]))
    total = sum(row["n"] for row in found)
    return found[0]["zone"] if total >= FEW and found[0]["n"] * 2 > total else ""


def busy(tx: Tx, start: datetime, end: datetime) -> list[Span]:
    """When the owner's calendar is taken, in order: events shown as busy that they have not declined."""
    return [(each.start_at, each.end_at) for each in _taken(tx, start, end)]


def away(tx: Tx, start: datetime, end: datetime) -> list[Span]:
    """When the owner is away: busy events of whole days whose title says so (out of office, vakantie, verlof ...)."""
    return [(each.start_at, each.end_at) for each in _taken(tx, start, end) if each.all_day and AWAY.search(each.title)]


def declined(found: EventRow) -> bool:
    """Whether the owner said no."""
    return any(each.own and each.reply == Reply.DECLINED for each in found.people)


def as_domain(found: EventRow) -> CalendarEvent:
    """The event as the domain knows it; one that is gone counts as cancelled."""
    names = (
        "uid", "occurrence", "title", "start_at", "end_at", "zone", "zone_guessed", "all_day", "recurring", "busy",
        "location",
    )  # fmt: skip
    people = tuple(
        Participant(
            role=Role.ORGANISER if each.organiser else Role.ATTENDEE,
            address=Address(address=each.address, name=each.name),
            reply=Reply(each.reply),
            resource=each.resource,
        )
        for each in found.people
    )
    values: dict[str, Any] = {name: getattr(found, name) for name in names}
    return CalendarEvent(**values, cancelled=found.cancelled or found.gone, participants=people)


def own_in(found: EventRow) -> frozenset[str]:
    """The owner's own addresses in an event."""
    return frozenset(each.address for each in found.people if each.own)


def known_in(found: EventRow) -> dict[str, Known]:
    """The contacts in an event, by address."""
    return {
        each.address: Known(contact_id=each.contact_id, active=each.contact_state == "active", private=each.private)
        for each in found.people
        if each.contact_id
    }


def _taken(tx: Tx, start: datetime, end: datetime) -> list[EventRow]:
    begins = type_coerce(table.c.start_at, BigInteger) + 0  # so that it is looked up by its end: few end after today
    here = (mine(tx, table), begins < microseconds(end), table.c.end_at > start)
    free = (table.c.cancelled.is_(False), table.c.gone_at.is_(None), table.c.busy.is_(True))
    rows = sorted(all_rows(tx, select(table).where(*here, *free)), key=lambda row: (row["start_at"], row["id"]))
    return [each for each in _events(tx, rows) if not each.gone and not declined(each)]


def _events(tx: Tx, rows: Sequence[Row]) -> list[EventRow]:
    people = _people(tx, [row["id"] for row in rows])
    gone = dropped(tx, rows) | {row["id"] for row in rows if row["gone_at"] is not None}
    return [
        value(EventRow, row, id=str(row["id"]), gone=row["id"] in gone, people=people.get(row["id"], []))
        for row in rows
    ]


def _people(tx: Tx, ids: Sequence[int]) -> dict[int, list[EventPerson]]:
    own = own_match_forms(tx)
    columns = (
        participant.c.item_id, participant.c.roles, participant.c.name, participant.c.reply, participant.c.resource,
        address.c.address, address.c.match, contact.c.id.label("contact_id"), contact.c.state, contact.c.private,
    )  # fmt: skip
    joined = participant.join(address, address.c.id == participant.c.address_id).outerjoin(
        contact, contact.c.id == address.c.contact_id
    )
    found: dict[int, list[EventPerson]] = {}
    for part in chunks(ids):
        query = select(*columns).select_from(joined).where(mine(tx, participant), participant.c.item_id.in_(part))
        for row in all_rows(tx, query):
            found.setdefault(row["item_id"], []).append(_person(row, row["match"] in own))
    return {key: sorted(each, key=_by_name) for key, each in found.items()}


def _person(row: Row, own: bool) -> EventPerson:
    return EventPerson(
        address=row["address"],
        name=row["name"],
        reply=row["reply"],
        resource=row["resource"],
        organiser=bool(row["roles"] & Role.ORGANISER.bit),
        own=own,
        contact_id=row["contact_id"],
        contact_state=row["state"],
        private=bool(row["private"]),
    )


def _by_name(each: EventPerson) -> tuple[bool, str, str]:
    return (not each.organiser, each.name.casefold(), each.address)
