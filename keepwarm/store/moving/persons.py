"""People of an export → contacts with their addresses. Called by `into`.

Somebody who is here already, by id or by one of their addresses, stays as they are: what the document says of them is
then said of that contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from keepwarm.contacts import match_form
from keepwarm.store.arrivals import Arrival
from keepwarm.store.evidence import tombstones
from keepwarm.store.judging import block
from keepwarm.store.moving.places import places, whole
from keepwarm.store.moving.written import Note, note_all
from keepwarm.store.rows import all_rows, among, insert_new, many, mine
from keepwarm.store.tables import address, card, contact, identity, tombstone
from keepwarm.types import Record


def keep_people(to: Arrival, records: Sequence[Record]) -> int:
    """How many are new."""
    found = places(to.tx, contact, [each.id for each in records])
    holders = _holders(to, records)
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    held: dict[str, str] = dict(holders)
    for each in records:
        key, there = found[each.id]
        theirs = [held[one] for one in each.values["addresses"] if one in held]
        if not there and theirs:
            key, there = theirs[0], True
        if not there:
            rows.append(_row(to, key, each))
        held |= {one: key for one in each.values["addresses"] if one not in held}
        notes.append(("people", each.id, key, None if there else contact, None))
    insert_new(to.tx, contact, rows)
    note_all(to, notes)
    to.images += [[contact.name, key, None] for _, _, key, _, _ in notes]  # who was here may gain an address
    _give(to, records, {ref: key for _, ref, key, _, _ in notes})
    _keep_away(to, [row["id"] for row in rows if row["state"] == "never"])
    return len(rows)


def _row(to: Arrival, key: str, record: Record) -> dict[str, Any]:
    brought_by = record.values["brought_by"]
    introducer = identity(to.owner_id, "address", brought_by) if brought_by else None
    more = {"id": key, "owner_id": to.owner_id, "introducer_address_id": introducer}
    return whole(contact, {**record.values, **more})


def _holders(to: Arrival, records: Sequence[Record]) -> dict[str, str]:
    """Who has these addresses here: contact id by address."""
    wanted = {identity(to.owner_id, "address", one): one for each in records for one in each.values["addresses"]}
    query = select(address.c.id, address.c.contact_id).where(mine(to.tx, address), address.c.contact_id.is_not(None))
    rows = all_rows(to.tx, query.where(among(to.tx, address.c.id, wanted)))
    return {wanted[row["id"]]: row["contact_id"] for row in rows}


def _give(to: Arrival, records: Sequence[Record], keys: Mapping[str, str]) -> None:
    """Their addresses and cards become theirs, where nobody has them."""
    named = {one for each in records for one in (*each.values["addresses"], each.values["brought_by"] or "")} - {""}
    rows = [
        {"id": identity(to.owner_id, "address", one), "owner_id": to.owner_id, "address": one, "match": match_form(one)}
        for one in sorted(named)
    ]
    insert_new(to.tx, address, [row | {"contact_id": None} for row in rows])
    addresses = [
        {"key": identity(to.owner_id, "address", one), "whose": keys[each.id]}
        for each in records
        for one in each.values["addresses"]
        if match_form(one) not in to.own
    ]
    cards = [
        {"key": identity(to.owner_id, "card", one["source"], one["ref"]), "whose": keys[each.id]}
        for each in records
        for one in each.values["cards"]
    ]
    for table, theirs in ((address, addresses), (card, cards)):
        free = update(table).where(mine(to.tx, table), table.c.id == bindparam("key"), table.c.contact_id.is_(None))
        many(to.tx, free.values(contact_id=bindparam("whose")), theirs)


def _keep_away(to: Arrival, ids: Sequence[str]) -> None:
    """The marks of those who are never contacted, unless the document brought them."""
    before = tombstones(to.tx)
    block(to.tx, ids, None)
    note_all(to, [("people", "", each, tombstone, None) for each in sorted(tombstones(to.tx) - before)])
