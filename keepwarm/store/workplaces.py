"""Who works at an organisation, in whatever spelling, without reading everybody. Called by `ties`, `profiles`."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from keepwarm.contacts import organisation_key
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import contact


def working_at(tx: Tx, organisations: Iterable[str]) -> dict[str, list[str]]:
    """Ids of active contacts by `organisation_key`, of these organisations; keys without anybody are not there."""
    keys = {organisation_key(each) for each in organisations} - {""}
    here = (mine(tx, contact), contact.c.state == "active")
    spelt = all_rows(tx, select(contact.c.organisation).where(*here).distinct()) if keys else ()
    wanted = {row["organisation"]: key for row in spelt if (key := organisation_key(row["organisation"])) in keys}
    found: dict[str, list[str]] = {}
    for part in chunks(sorted(wanted)):
        query = select(contact.c.id, contact.c.organisation).where(*here, contact.c.organisation.in_(part))
        for row in all_rows(tx, query.order_by(contact.c.id)):
            found.setdefault(wanted[row["organisation"]], []).append(row["id"])
    return found
