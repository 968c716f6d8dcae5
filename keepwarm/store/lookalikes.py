"""Whom the owner knows, to compare strangers with. Called through `keepwarm.store.views`."""

from __future__ import annotations

from sqlalchemy import select

from keepwarm.contacts import Familiar, doubt, doubt_words, familiar
from keepwarm.store.database import Tx
from keepwarm.store.own import own_addresses
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import address, contact
from keepwarm.texts import Texts


def known_people(tx: Tx) -> Familiar:
    """The owner's network and the owner, by what their names and addresses look like."""
    columns = (contact.c.id, contact.c.name, address.c.address)
    joined = contact.outerjoin(address, address.c.contact_id == contact.c.id)
    query = select(*columns).select_from(joined).where(mine(tx, contact), contact.c.state == "active")
    people: dict[str, tuple[str, str, list[str]]] = {}
    for row in all_rows(tx, query):
        _, _, theirs = people.setdefault(row["id"], (row["id"], row["name"], []))
        theirs += [row["address"]] if row["address"] else []
    own = [each.address for each in own_addresses(tx) if each.own]
    return familiar(people.values(), owner(tx).name, own)


def doubt_of(row: ContactRow, known: Familiar, texts: Texts) -> str:
    """Why to look twice at this contact, in one sentence; mostly empty."""
    return doubt_words(texts, doubt((row.id, row.name, row.addresses), known))
