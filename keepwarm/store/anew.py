"""Letting go of proposals so that detection can judge them anew. Called by `removal`, `detecting` and `accounts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table, delete, or_, select, update

from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import may_stand
from keepwarm.store.judging import ADDED
from keepwarm.store.rows import Row, all_rows, chunks, mine
from keepwarm.store.tables import (
    address,
    card,
    contact,
    follow_up,
    note,
    participant,
    plan_entry,
    promise,
    suggestion,
    tag,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """Contacts that were let go a moment ago: whoever is found again by an address or card keeps id and date."""

    by_address: Mapping[int, str] = field(default_factory=dict)
    by_card: Mapping[int, str] = field(default_factory=dict)
    proposed_at: Mapping[str, datetime] = field(default_factory=dict)


def let_go(tx: Tx, ids: Sequence[str] | None) -> Former:
    """Let go of these (None: all) who are not the owner's word, so that detection can look at them anew."""
    rows = _of(tx, ids)
    gone = _untagged(tx, [row["id"] for row in rows if row["state"] == "proposed" and not row["edited"]])
    gone += _bare(tx, [row for row in rows if row["state"] == "active" and ADDED not in row["edited"]])
    held = {table.name: _held(tx, table, gone) for table in (address, card)}
    for part in chunks(gone):
        for table in (address, card):
            here = update(table).where(mine(tx, table), table.c.contact_id.in_(part))
            tx.connection.execute(here.values(contact_id=None))
        tx.connection.execute(delete(contact).where(mine(tx, contact), contact.c.id.in_(part)))
        theirs = (mine(tx, follow_up), follow_up.c.contact_id.in_(part))
        tx.connection.execute(delete(follow_up).where(*theirs, ~may_stand()))
        either = or_(suggestion.c.contact_a.in_(part), suggestion.c.contact_b.in_(part))
        tx.connection.execute(delete(suggestion).where(mine(tx, suggestion), either, suggestion.c.state == "open"))
    dates = {row["id"]: row["proposed_at"] for row in rows}
    return Former(by_address=held["address"], by_card=held["card"], proposed_at=dates)


def _of(tx: Tx, ids: Sequence[str] | None) -> list[Row]:
    query = select(contact).where(mine(tx, contact)).order_by(contact.c.id)
    if ids is None:
        return list(all_rows(tx, query))
    return [row for part in chunks(ids) for row in all_rows(tx, query.where(contact.c.id.in_(part)))]


def _untagged(tx: Tx, ids: Sequence[str]) -> list[str]:
    tagged: set[str] = set()
    for part in chunks(ids):
        here = (mine(tx, tag), tag.c.contact_id.in_(part))
        tagged |= {row["contact_id"] for row in all_rows(tx, select(tag.c.contact_id).where(*here))}
    return [each for each in ids if each not in tagged]


def _bare(tx: Tx, rows: Sequence[Row]) -> list[str]:
    """Active people for whom nothing speaks any more."""
    found: list[str] = []
    for part in chunks([row["id"] for row in rows]):
        seen = address.c.id.in_(select(participant.c.address_id).where(mine(tx, participant)))
        kept = select(address.c.contact_id.label("id")).where(mine(tx, address), address.c.contact_id.in_(part), seen)
        spoken = [select(t.c.contact_id.label("id")).where(mine(tx, t), t.c.contact_id.in_(part)) for t in _SPEAKING]
        reasons = {row["id"] for query in (kept, *spoken) for row in all_rows(tx, query)}
        found += [each for each in part if each not in reasons]
    return found


_SPEAKING = (card, note, promise, plan_entry, tag)


def _held(tx: Tx, table: Table, ids: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunks(ids):
        query = select(table.c.id, table.c.contact_id).where(mine(tx, table), table.c.contact_id.in_(part))
        found |= {row["id"]: row["contact_id"] for row in all_rows(tx, query)}
    return found
