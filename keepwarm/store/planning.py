"""A plan as it stands: its entries in order, what happened with each, and whom one might add.

Called by the command and the pages. The rules are those of `keepwarm.plan`; here is only what they look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from keepwarm.plan import (
    AT_REST,
    Entry,
    Happened,
    Standing,
    ordered,
    standing,
)
from keepwarm.store.adding import proposed
from keepwarm.store.ahead import met_soon
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow
from keepwarm.store.plans import Plan, PlanEntry, entries
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import address, note, touch
from keepwarm.store.world import World, meet

__all__ = ["Planned", "happened", "planned", "proposed"]

KINDS = {"s": "sent", "r": "received", "m": "talks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One entry as a page shows it. ``contact`` is None for a role without a name; ``via`` whoever introduces."""

    entry: PlanEntry
    contact: ContactRow | None
    via: ContactRow | None
    standing: Standing
    why: str

    @property
    def at_rest(self) -> bool:
        return self.standing.state in AT_REST


def planned(tx: Tx, at_now: World, plan: Plan | None) -> list[Planned]:
    """The entries of a plan in their order; None: what was planned without any goal."""
    rows = {each.id: each for each in entries(tx, plan.id if plan else None)}
    meet(at_now, (key for each in rows.values() for key in (each.contact_id, each.introducer_id)))
    people = {key: at_now.people[key] for each in rows.values() if (key := each.contact_id or "") in at_now.people}
    since = min((each.said_at or each.created_at for each in rows.values()), default=at_now.now)
    went_on = happened(tx, at_now, list(people), since)
    found = []
    values = [_entry(each, at_now) for each in rows.values() if each.contact_id is None or each.contact_id in people]
    for place in ordered(values, at_now.texts):
        row = rows[place.entry.id]
        stands = standing(
            place.entry, went_on.get(row.contact_id or "", Happened()), at_now.now, at_now.owner.zone, at_now.texts
        )
        via = at_now.people.get(row.introducer_id or "")
        found.append(
            Planned(entry=row, contact=people.get(row.contact_id or ""), via=via, standing=stands, why=place.why)
        )
    return found


def _entry(row: PlanEntry, at_now: World) -> Entry:
    who = at_now.people.get(row.contact_id or "")
    via = at_now.people.get(row.introducer_id or "")
    brought = "" if who is None or "@" in who.brought_by else who.brought_by
    return Entry(
        id=row.id,
        contact_id=row.contact_id,
        name=who.name if who else "",
        circle=who.circle if who else "",
        interesting=who.interesting if who else False,
        role=row.role,
        organisation=row.organisation,
        shared=via.name if via else brought,
        position=row.position,
        said=row.said,
        said_at=row.said_at,
        rest_until=row.rest_until,
        finding=row.finding,
        created_at=row.created_at,
    )


def happened(tx: Tx, at_now: World, ids: Sequence[str], since: datetime) -> dict[str, Happened]:
    """What went on with these contacts from ``since`` up to now.

    A note of a talk counts as one; the owner's word that they got in touch as something they sent.
    """
    span = (since, at_now.now)
    found: dict[str, dict[str, set[datetime]]] = {each: {} for each in ids}
    for part in chunks(ids):
        touched = (
            select(address.c.contact_id, touch.c.kind, touch.c.at)
            .select_from(touch.join(address, address.c.id == touch.c.address_id))
            .where(mine(tx, touch), address.c.contact_id.in_(part), touch.c.at.between(*span))
        )
        for row in all_rows(tx, touched):
            found[row["contact_id"]].setdefault(KINDS[row["kind"]], set()).add(row["at"])
        noted = select(note.c.contact_id, note.c.at, note.c.no_talk).where(mine(tx, note), note.c.contact_id.in_(part))
        for row in all_rows(tx, noted.where(note.c.at.between(*span))):
            found[row["contact_id"]].setdefault("sent" if row["no_talk"] else "talks", set()).add(row["at"])
    ahead = met_soon(tx, at_now)
    return {
        key: Happened(**{kind: tuple(sorted(moments)) for kind, moments in kinds.items()}, next_talk_at=ahead.get(key))
        for key, kinds in found.items()
    }
