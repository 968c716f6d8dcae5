"""Whom the people on a page might be mistaken for, without reading everybody. Called by the pages.

`lookalikes` compares with the whole network, for what runs beside; this asks `likeness` for those alone who are drawn
alike, and says the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from keepwarm.contacts import Familiar, address_skeleton, familiar, skeleton
from keepwarm.store.database import Tx
from keepwarm.store.listing import bones_of
from keepwarm.store.own import own_addresses
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import address, contact, likeness


def known_like(tx: Tx, rows: Sequence[ContactRow]) -> Familiar:
    """Of the owner's network and the owner, those that some of these people look like."""
    drawn = {skeleton(row.name) for row in rows} | {address_skeleton(each) for row in rows for each in row.addresses}
    alike: set[str] = set()
    for part in chunks(sorted(bones_of(tx, each) for each in drawn if each)):
        here = (mine(tx, likeness), likeness.c.bones.in_(part))
        alike |= {row["contact_id"] for row in all_rows(tx, select(likeness.c.contact_id).where(*here))}
    own = [each.address for each in own_addresses(tx) if each.own]
    return familiar(_people(tx, sorted(alike)), owner(tx).name, own)


def _people(tx: Tx, ids: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    columns = (contact.c.id, contact.c.name, address.c.address)
    joined = contact.outerjoin(address, address.c.contact_id == contact.c.id)
    people: dict[str, tuple[str, str, list[str]]] = {}
    for part in chunks(ids):
        here = (mine(tx, contact), contact.c.state == "active", contact.c.id.in_(part))
        for row in all_rows(tx, select(*columns).select_from(joined).where(*here)):
            _, _, theirs = people.setdefault(row["id"], (row["id"], row["name"], []))
            theirs += [row["address"]] if row["address"] else []
    return list(people.values())
