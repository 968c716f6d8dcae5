"""Touches, derived from participants. Called by `items` for what is new, and in full when the own addresses change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, delete, select, true

from keepwarm.interactions import Touch, mail_touches, meeting_touches
from keepwarm.store.database import Tx
from keepwarm.store.own import own_match_forms
from keepwarm.store.rows import Row, all_rows, chunks, insert_new, mine
from keepwarm.store.tables import address, event, identity, message, participant, touch
from keepwarm.types import Address, CalendarEvent, MailMark, Message, Participant, Reply, Role

Rows = list[dict[str, Any]]


def touch_rows(tx: Tx, item_id: int, touches: Iterable[Touch]) -> Rows:
    """The rows of the touches of one item."""
    return [
        {
            "address_id": identity(tx.owner_id, "address", each.address),
            "item_id": item_id,
            "kind": str(each.kind),
            "owner_id": tx.owner_id,
            "at": each.at,
        }
        for each in touches
    ]


def event_touch_rows(tx: Tx, item_id: int, value: CalendarEvent, gone_at: datetime | None, own: frozenset[str]) -> Rows:
    """The same of an event; none for one that vanished before it began."""
    vanished = gone_at is not None and gone_at <= value.start_at
    return [] if vanished else touch_rows(tx, item_id, meeting_touches(value, own))


def rebuild_touches(tx: Tx) -> int:
    """Compute all touches anew, because who the owner is changed; how many there are."""
    own = own_match_forms(tx)
    rows = [*_of_mail(tx, own), *_of_events(tx, own)]
    tx.connection.execute(delete(touch).where(mine(tx, touch)))
    insert_new(tx, touch, rows)
    return len(rows)


def retouch_events(tx: Tx, ids: Sequence[int]) -> None:
    """Compute the touches of these events anew."""
    own = own_match_forms(tx)
    for part in chunks(ids):
        tx.connection.execute(delete(touch).where(mine(tx, touch), touch.c.item_id.in_(part)))
        insert_new(tx, touch, list(_of_events(tx, own, event.c.id.in_(part))))


def stored_event(row: Row, people: Sequence[Participant]) -> CalendarEvent:
    """A stored event as the domain knows it."""
    names = (
        "uid", "occurrence", "title", "start_at", "end_at", "zone", "zone_guessed", "all_day", "recurring", "cancelled",
        "busy", "location",
    )  # fmt: skip
    return CalendarEvent(**{name: row[name] for name in names}, participants=tuple(people))


def stored_participant(row: Row) -> Participant:
    found = Address(address=row["address"], name=row["name"])
    return Participant(role=Role(row["role"]), address=found, reply=Reply(row["reply"]), resource=row["resource"])


def _of_mail(tx: Tx, own: frozenset[str]) -> Iterator[dict[str, Any]]:
    query = (
        select(message.c.id, message.c.ref, message.c.at, message.c.marks, message.c.recipients, *_PEOPLE)
        .join(participant, participant.c.item_id == message.c.id)
        .join(address, address.c.id == participant.c.address_id)
        .where(mine(tx, message), message.c.at.is_not(None))
        .order_by(message.c.id)
    )
    for item_id, rows in _groups(tx, query):
        row = rows[0]
        value = Message(
            ref=row["ref"],
            at=row["at"],
            marks=MailMark(row["marks"]),
            recipients=row["recipients"],
            participants=tuple(stored_participant(each) for each in rows),
        )
        yield from touch_rows(tx, item_id, mail_touches(value, own))


def _of_events(tx: Tx, own: frozenset[str], which: ColumnElement[bool] | None = None) -> Iterator[dict[str, Any]]:
    query = (
        select(event, *_PEOPLE)
        .join(participant, participant.c.item_id == event.c.id)
        .join(address, address.c.id == participant.c.address_id)
        .where(mine(tx, event), true() if which is None else which)
        .order_by(event.c.id)
    )
    for item_id, rows in _groups(tx, query):
        value = stored_event(rows[0], [stored_participant(each) for each in rows])
        yield from event_touch_rows(tx, item_id, value, rows[0]["gone_at"], own)


_PEOPLE = (participant.c.role, participant.c.name, participant.c.reply, participant.c.resource, address.c.address)


def _groups(tx: Tx, query: Any) -> Iterator[tuple[int, list[Row]]]:
    for item_id, rows in groupby(all_rows(tx, query), key=lambda row: row["id"]):
        yield item_id, list(rows)
