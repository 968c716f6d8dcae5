"""Evidence for ties between the owner's contacts, read outwards from whoever is to be reached.

Called by the command and the pages. Only what leads there is looked at: those seen with the goal, and
those seen with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, func, select

from keepwarm.contacts import organisation_key
from keepwarm.paths import CROWD, Person, Tie, Together, Way, tie, ways
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import EVENT_ROLES, address, contact, participant, plays
from keepwarm.store.workplaces import working_at
from keepwarm.store.world import World, meet
from keepwarm.types import Role

ITEMS = 2_000  # newest mails and meetings of somebody that are looked at
NEAREST = 30  # of those seen with the goal, how many are asked whom they were seen with

Pair = frozenset[str]


def ways_to(tx: Tx, at_now: World, goals: Collection[str]) -> list[Way]:
    """The best ways to any of these contacts, over active people who are not private."""
    meet(at_now, goals)
    wanted = [each for each in goals if each in at_now.people]
    if not wanted:
        return []
    found = _ties(tx, at_now, wanted, wanted)
    near = sorted(_beside(found, wanted), key=lambda each: -_strength(found, each, wanted))[:NEAREST]
    found |= _ties(tx, at_now, [each for each in near if at_now.people[each].circle != "warm"], wanted)
    rows = [at_now.people[each] for each in sorted({each for pair in found for each in pair} | set(wanted))]
    shown = [Person(contact_id=row.id, name=row.name, circle=row.circle) for row in rows]
    return ways(shown, found, wanted, at_now.now, at_now.texts)


def ways_into(tx: Tx, at_now: World, organisation: str) -> list[Way]:
    """The best ways to anybody at this organisation whom the owner does not know well themselves."""
    return ways_to(tx, at_now, [row.id for row in people_at(tx, at_now, organisation) if row.circle != "warm"])


def people_at(tx: Tx, at_now: World, organisation: str) -> list[ContactRow]:
    """Active people at this organisation, by name."""
    ids = working_at(tx, [organisation]).get(organisation_key(organisation), [])
    meet(at_now, ids)
    return sorted((at_now.people[each] for each in ids), key=lambda row: (row.name.casefold(), row.id))


def _beside(found: Mapping[Pair, Tie], goals: Collection[str]) -> set[str]:
    return {each for pair in found for each in pair} - set(goals)


def _strength(found: Mapping[Pair, Tie], who: str, goals: Collection[str]) -> float:
    return max((found[pair].strength for goal in goals if (pair := frozenset((who, goal))) in found), default=0.0)


def _ties(tx: Tx, at_now: World, whose: Sequence[str], goals: Collection[str]) -> dict[Pair, Tie]:
    """All ties of these people to others who are active, and not private but for the ``goals``."""
    people = at_now.people
    colleagues = working_at(tx, [people[each].organisation for each in whose])
    found: dict[Pair, Tie] = {}
    for who in whose:
        one, shared = people[who], _shared(tx, who, at_now.now)
        there = set(colleagues.get(organisation_key(one.organisation), ()))
        brought = {*_brought_in(tx, who), *([one.brought_by_contact] if one.brought_by_contact else ())}
        for other in sorted({*shared, *brought, *there} - {who}):
            made = tie(
                shared.get(other, ()),
                at_now.now,
                brought_in=other in brought,
                organisation=one.organisation if other in there else "",
            )
            if made is not None:
                found[frozenset((who, other))] = made
    meet(at_now, (each for pair in found for each in pair))
    return {pair: each for pair, each in found.items() if all(_counts(people, who, goals) for who in pair)}


def _counts(people: Mapping[str, ContactRow], who: str, goals: Collection[str]) -> bool:
    return who in people and (who in goals or not people[who].private)


def _brought_in(tx: Tx, who: str) -> list[str]:
    """Ids of contacts whom they brought into the owner's life."""
    theirs = select(address.c.id).where(mine(tx, address), address.c.contact_id == who)
    query = select(contact.c.id).where(mine(tx, contact), contact.c.introducer_address_id.in_(theirs))
    return [row["id"] for row in all_rows(tx, query)]


def _shared(tx: Tx, who: str, now: datetime) -> dict[str, list[Together]]:
    """By other contact: the mails and meetings in which both took part, without crowds and lists."""
    theirs = (
        select(participant.c.item_id)
        .select_from(participant.join(address, address.c.id == participant.c.address_id))
        .where(mine(tx, participant), address.c.contact_id == who, participant.c.at <= now)
        .order_by(participant.c.at.desc())
        .limit(ITEMS)
    )
    items = [row["item_id"] for row in all_rows(tx, theirs)]
    found: dict[str, list[Together]] = {}
    for part in chunks(items):
        sizes = _sizes(tx, part)
        joined = participant.join(address, address.c.id == participant.c.address_id)
        query = (
            select(participant.c.item_id, participant.c.at, participant.c.roles, address.c.contact_id)
            .select_from(joined)
            .where(mine(tx, participant), participant.c.item_id.in_(part), address.c.contact_id.is_not(None))
        )
        seen: set[tuple[str, int]] = set()
        for row in all_rows(tx, query):
            other, item = row["contact_id"], row["item_id"]
            if other == who or (other, item) in seen or item not in sizes:
                continue
            seen.add((other, item))
            meeting = bool(row["roles"] & sum(each.bit for each in EVENT_ROLES))
            found.setdefault(other, []).append(Together(meeting=meeting, people=sizes[item], at=row["at"]))
    return found


def _sizes(tx: Tx, items: Sequence[int]) -> dict[int, int]:
    """How many took part in each; crowds and what went over a list are left out."""
    listed = func.sum(case((plays(participant, Role.LIST), 1), else_=0))
    query = (
        select(participant.c.item_id, func.count(participant.c.address_id).label("n"), listed.label("lists"))
        .where(mine(tx, participant), participant.c.item_id.in_(items), participant.c.resource.is_(False))
        .group_by(participant.c.item_id)
    )
    return {row["item_id"]: row["n"] for row in all_rows(tx, query) if not row["lists"] and row["n"] <= CROWD}
