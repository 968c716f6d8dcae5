"""Who works at an organisation, in whatever spelling, without reading everybody. Called by `ties`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, func, select

from keepwarm.contacts import organisation_key
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, chunks, mine, value
from keepwarm.store.tables import contact, listing

CIRCLE = func.coalesce(contact.c.circle, listing.c.circle, "cold")  # the owner's word, else as of the last detection


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Who works there, and how the owner knows them."""

    contact_id: str
    circle: str
    private: bool


def working_at(tx: Tx, organisations: Iterable[str]) -> dict[str, list[Colleague]]:
    """Active contacts by `organisation_key`, of these organisations, whom the owner knows best and sees most first.

    Keys without anybody are not there.
    """
    keys = {organisation_key(each) for each in organisations} - {""}
    here = (mine(tx, contact), contact.c.state == "active")
    spelt = all_rows(tx, select(contact.c.organisation).where(*here).distinct()) if keys else ()
    wanted = {row["organisation"]: key for row in spelt if (key := organisation_key(row["organisation"])) in keys}
    near = case({"warm": 0, "lukewarm": 1}, value=CIRCLE, else_=2)
    often = func.coalesce(listing.c.sent + listing.c.received + listing.c.meetings, 0)
    columns = (contact.c.id.label("contact_id"), CIRCLE.label("circle"), contact.c.private, contact.c.organisation)
    query = select(*columns).select_from(contact.outerjoin(listing, listing.c.contact_id == contact.c.id))
    query = query.where(*here).order_by(near, often.desc(), contact.c.id)
    found: dict[str, list[Colleague]] = {}
    for part in chunks(sorted(wanted)):
        for row in all_rows(tx, query.where(contact.c.organisation.in_(part))):
            found.setdefault(wanted[row["organisation"]], []).append(value(Colleague, row))
    return found
