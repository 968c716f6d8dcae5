"""Touches, derived from participants. Called by `items` for what is new, and in full when the own addresses change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, delete, select, true, type_coerce

from keepwarm.interactions import Touch, meeting_touches, touched
from keepwarm.store.database import Tx
from keepwarm.store.own import own_match_forms
from keepwarm.store.rows import Row, all_rows, chunks, insert_tuples, mine
from keepwarm.store.tables import address, event, identity, message, microseconds, participant, touch
from keepwarm.types import Address, CalendarEvent, Participant, Reply, Role

TOUCH_COLUMNS = ("owner_id", "address_id", "item_id", "kind", "at")
PORTION = 20_000  # rows fetched at a time: bounds the memory

TouchRow = tuple[Any, ...]  # as TOUCH_COLUMNS
MailFacts = tuple[int | None, int, int]  # microseconds or None, marks, recipients


def mail_touch_rows(
    owner_id: str, key: int, facts: MailFacts, people: Mapping[int, int], own: Set[int]
) -> list[TouchRow]:
    """The rows of the touches of one mail; ``people``: the bits of the roles of each address, ``own``: the owner's."""
    at, marks, recipients = facts
    met = None if at is None else touched(marks, recipients, people, own)
    if met is None:
        return []
    kind, whom = met
    return [(owner_id, each, key, kind.value, at) for each in whom]


def event_touch_rows(
    tx: Tx, item_id: int, value: CalendarEvent, gone_at: datetime | None, own: frozenset[str]
) -> list[TouchRow]:
    """The same of an event; none for one that vanished before it began."""
    vanished = gone_at is not None and gone_at <= value.start_at
    return [] if vanished else [_row(tx, item_id, each) for each in meeting_touches(value, own)]


def _row(tx: Tx, item_id: int, each: Touch) -> TouchRow:
    whom = identity(tx.owner_id, "address", each.address)
    return tx.owner_id, whom, item_id, each.kind.value, microseconds(each.at)


def rebuild_touches(tx: Tx) -> int:
    """Compute all touches anew, because who the owner is changed; how many there are."""
    own = own_match_forms(tx)
    tx.connection.execute(delete(touch).where(mine(tx, touch)))
    of_mail = insert_tuples(tx, touch, TOUCH_COLUMNS, _of_mail(tx, own))
    return of_mail + insert_tuples(tx, touch, TOUCH_COLUMNS, _of_events(tx, own))


def retouch_events(tx: Tx, ids: Sequence[int]) -> None:
    """Compute the touches of these events anew."""
    own = own_match_forms(tx)
    for part in chunks(ids):
        drop_touches(tx, part)
        insert_tuples(tx, touch, TOUCH_COLUMNS, list(_of_events(tx, own, event.c.id.in_(part))))


def drop_touches(tx: Tx, ids: Sequence[int], since: datetime | None = None) -> None:
    """Remove the touches of these items (``since``: from that moment on), found through who took part in them."""
    people = select(participant.c.address_id).where(mine(tx, participant), participant.c.item_id.in_(ids))
    here = (mine(tx, touch), touch.c.address_id.in_(people), touch.c.item_id.in_(ids))
    tx.connection.execute(delete(touch).where(*here, true() if since is None else touch.c.at >= since))


def stored_event(row: Row, people: Sequence[Participant]) -> CalendarEvent:
    """A stored event as the domain knows it."""
    names = (
        "uid", "occurrence", "title", "start_at", "end_at", "zone", "zone_guessed", "all_day", "recurring", "cancelled",
        "busy", "location",
    )  # fmt: skip
    return CalendarEvent(**{name: row[name] for name in names}, participants=tuple(people))


def stored_participants(row: Row) -> list[Participant]:
    """One stored row as the domain knows it: a participant for each of its roles."""
    found = Address(address=row["address"], name=row["name"])
    reply, resource = Reply(row["reply"]), bool(row["resource"])
    roles = (role for role in Role if role.bit & row["roles"])
    return [Participant(role=role, address=found, reply=reply, resource=resource) for role in roles]


def _of_mail(tx: Tx, own: frozenset[str]) -> Iterator[TouchRow]:
    """Of all dated mail, as plain numbers: a mailbox holds some ten participants a mail."""
    whose = select(address.c.id).where(mine(tx, address), address.c.match.in_(sorted(own)))
    ours = frozenset(row["id"] for row in all_rows(tx, whose))
    mails = participant.join(message, and_(message.c.id == participant.c.item_id, message.c.at.is_not(None)))
    columns = (message.c.id, type_coerce(message.c.at, BigInteger), message.c.marks, message.c.recipients)
    query = select(*columns, participant.c.address_id, participant.c.roles).select_from(mails)
    found = tx.connection.execute(
        query.where(mine(tx, participant)).order_by(participant.c.item_id), execution_options={"yield_per": PORTION}
    )
    for (key, *facts), rows in groupby(found, key=itemgetter(slice(4))):
        people = {whom: roles for *_, whom, roles in rows}
        yield from mail_touch_rows(tx.owner_id, key, tuple(facts), people, ours)


def _of_events(tx: Tx, own: frozenset[str], which: ColumnElement[bool] | None = None) -> Iterator[TouchRow]:
    query = (
        select(event, *_PEOPLE)
        .join(participant, participant.c.item_id == event.c.id)
        .join(address, address.c.id == participant.c.address_id)
        .where(mine(tx, event), mine(tx, participant), true() if which is None else which)
        .order_by(event.c.id)
    )
    for item_id, group in groupby(all_rows(tx, query), key=itemgetter("id")):
        rows = list(group)
        value = stored_event(rows[0], [one for each in rows for one in stored_participants(each)])
        yield from event_touch_rows(tx, item_id, value, rows[0]["gone_at"], own)


_PEOPLE = (participant.c.roles, participant.c.name, participant.c.reply, participant.c.resource, address.c.address)
