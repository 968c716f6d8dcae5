"""Evidence for ties between the owner's contacts, read outwards from whoever is to be reached.

Called by the command and the pages. Only what leads there is looked at: those seen with the goal, and those seen with
them. Of colleagues and of ties the strongest are taken, since pairs grow with the square of the people and a page shows
`keepwarm.paths.WAYS` (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest

from sqlalchemy import case, func, or_, select

from keepwarm.circles import CIRCLES
from keepwarm.contacts import organisation_key
from keepwarm.paths import CROWD, OWN, WAYS, Person, Tie, Together, Way, tie, ways
from keepwarm.store.database import Tx
from keepwarm.store.lightly import tuples
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import EVENT_ROLES, address, contact, listing, participant, plays
from keepwarm.store.workplaces import CIRCLE, Colleague, working_at
from keepwarm.store.world import World, meet
from keepwarm.types import Role

ITEMS = 1_000  # newest mails and meetings of somebody that are looked at
NEAREST = 30  # of those seen with the goal, how many are asked whom they were seen with
GOALS = 30  # of the people at an organisation, how many are tried: those seen most, since others left no evidence; ours
COLLEAGUES = 30  # of a goal's colleagues, those whom the owner knows best: one organisation alone says little; ours
PORTION = 2_000  # items asked for at a time: the fewer the questions the sooner, and both databases take so many
NOTHING: Mapping[int, Together] = {}

Pair = frozenset[str]


def ways_to(tx: Tx, at_now: World, goals: Collection[str]) -> list[Way]:
    """The best ways to any of these contacts, over active people who are not private."""
    meet(at_now, goals)
    wanted = [each for each in goals if each in at_now.people]
    if not wanted:
        return []
    found = _ties(tx, at_now, wanted, wanted, strongest=NEAREST)
    near = sorted(_beside(found, wanted), key=lambda each: -_strength(found, each, wanted))[:NEAREST]
    found |= _ties(tx, at_now, [each for each in near if at_now.people[each].circle != "warm"], wanted, strongest=WAYS)
    rows = [at_now.people[each] for each in sorted({each for pair in found for each in pair} | set(wanted))]
    shown = [Person(contact_id=row.id, name=row.name, circle=row.circle) for row in rows]
    return ways(shown, found, wanted, at_now.now, at_now.texts)


def ways_into(tx: Tx, at_now: World, organisation: str) -> list[Way]:
    """The best ways to anybody at this organisation whom the owner does not know well themselves."""
    there = working_at(tx, [organisation]).get(organisation_key(organisation), [])
    return ways_to(tx, at_now, [each.contact_id for each in there if each.circle != "warm"][:GOALS])


def known_there(tx: Tx, at_now: World, organisation: str, most: int) -> list[ContactRow]:
    """Active people at this organisation who are not private: so many, those closest first, then by name."""
    there = working_at(tx, [organisation]).get(organisation_key(organisation), [])
    ids = [each.contact_id for each in there if not each.private][:most]
    meet(at_now, ids)
    rows = [at_now.people[each] for each in ids]
    return sorted(rows, key=lambda row: (CIRCLES.index(row.circle), row.name.casefold(), row.id))


def _beside(found: Mapping[Pair, Tie], goals: Collection[str]) -> set[str]:
    return {each for pair in found for each in pair} - set(goals)


def _strength(found: Mapping[Pair, Tie], who: str, goals: Collection[str]) -> float:
    return max((found[pair].strength for goal in goals if (pair := frozenset((who, goal))) in found), default=0.0)


def _ties(tx: Tx, at_now: World, whose: Sequence[str], goals: Collection[str], *, strongest: int) -> dict[Pair, Tie]:
    """The ties of these people to others who are active, and not private but for the ``goals``.

    Of each person so many: those with the strongest tie, and those over whom the owner reaches them best.
    """
    shared, brought_in = _shared(tx, whose, at_now.now), _brought_in(tx, whose)
    colleagues = working_at(tx, [at_now.people[each].organisation for each in whose])
    made = {who: _ties_of(at_now, who, shared[who], brought_in[who], colleagues) for who in whose}
    circles = _circles(tx, {other for each in made.values() for other in each}, goals)
    found: dict[Pair, Tie] = {}
    for who, theirs in made.items():
        there = [each for each in theirs if each in circles]
        by_itself = nsmallest(strongest, there, key=lambda each: (-theirs[each].strength, each))
        reached = nsmallest(strongest, there, key=lambda each: (-theirs[each].strength * OWN[circles[each]], each))
        found |= {frozenset((who, other)): theirs[other] for other in (*by_itself, *reached)}
    meet(at_now, (each for pair in found for each in pair))
    return found


def _ties_of(
    at_now: World,
    who: str,
    shared: Mapping[str, Mapping[int, Together]],
    brought_in: Collection[str],
    colleagues: Mapping[str, Sequence[Colleague]],
) -> dict[str, Tie]:
    """By contact, whoever they are: all that speaks for a tie with this person."""
    one = at_now.people[who]
    there = {each.contact_id for each in colleagues.get(organisation_key(one.organisation), ())[:COLLEAGUES]}
    brought = {*brought_in, *([one.brought_by_contact] if one.brought_by_contact else ())}
    found = {}
    for other in sorted({*shared, *brought, *there} - {who}):
        place = one.organisation if other in there else ""
        made = tie(shared.get(other, NOTHING).values(), at_now.now, brought_in=other in brought, organisation=place)
        if made is not None:
            found[other] = made
    return found


def _circles(tx: Tx, ids: Collection[str], goals: Collection[str]) -> dict[str, str]:
    """How the owner knows those of them who count, by contact: a few columns instead of everything about them."""
    query = select(contact.c.id, CIRCLE.label("circle")).select_from(
        contact.outerjoin(listing, listing.c.contact_id == contact.c.id)
    )
    counts = (
        mine(tx, contact),
        contact.c.state == "active",
        or_(contact.c.private.is_(False), contact.c.id.in_(goals)),
    )
    parts = chunks(sorted(ids))
    return {
        row["id"]: row["circle"] for part in parts for row in all_rows(tx, query.where(*counts, contact.c.id.in_(part)))
    }


def _brought_in(tx: Tx, whose: Collection[str]) -> dict[str, set[str]]:
    """By person: ids of contacts whom they brought into the owner's life."""
    found: dict[str, set[str]] = {who: set() for who in whose}
    joined = contact.join(address, address.c.id == contact.c.introducer_address_id)
    query = select(contact.c.id, address.c.contact_id.label("by")).select_from(joined).where(mine(tx, contact))
    for part in chunks(sorted(found)):
        for row in all_rows(tx, query.where(address.c.contact_id.in_(part))):
            found[row["by"]].add(row["id"])
    return found


def _shared(tx: Tx, whose: Collection[str], now: datetime) -> dict[str, dict[str, dict[int, Together]]]:
    """By person, other contact and item: the mails and meetings in which both took part, without crowds and lists."""
    who_took_part = _items(tx, whose, now)
    found: dict[str, dict[str, dict[int, Together]]] = {who: {} for who in whose}
    joined = participant.join(address, address.c.id == participant.c.address_id)
    query = (
        select(participant.c.item_id, address.c.contact_id)
        .select_from(joined)
        .where(mine(tx, participant), address.c.contact_id.is_not(None))
    )
    for part in chunks(sorted(who_took_part), PORTION):
        together = _together(tx, part)
        for item, other in tuples(tx, query.where(participant.c.item_id.in_(list(together)))):
            for who in who_took_part[item]:
                if who != other:
                    found[who].setdefault(other, {})[item] = together[item]
    return found


def _items(tx: Tx, whose: Collection[str], now: datetime) -> dict[int, set[str]]:
    """The newest mails and meetings of these people, and who of them took part."""
    found: dict[int, set[str]] = {}
    place = func.row_number().over(partition_by=address.c.contact_id, order_by=participant.c.at.desc()).label("place")
    joined = participant.join(address, address.c.id == participant.c.address_id)
    theirs = select(participant.c.item_id, address.c.contact_id, place).select_from(joined)
    for part in chunks(sorted(whose)):
        here = (mine(tx, participant), participant.c.at <= now, address.c.contact_id.in_(part))
        ranked = theirs.where(*here).subquery()
        newest = select(ranked.c.item_id, ranked.c.contact_id).where(ranked.c.place <= ITEMS)
        for item, who in tuples(tx, newest):
            found.setdefault(item, set()).add(who)
    return found


def _together(tx: Tx, items: Sequence[int]) -> dict[int, Together]:
    """Those of the items that may tie: no crowds, nothing that went over a list or that the two had alone."""
    listed = func.sum(case((plays(participant, Role.LIST), 1), else_=0))
    people = func.count(participant.c.address_id)
    meeting = func.max(case((plays(participant, *EVENT_ROLES), 1), else_=0))
    query = (
        select(participant.c.item_id, meeting, people, func.max(participant.c.at))
        .where(mine(tx, participant), participant.c.item_id.in_(items), participant.c.resource.is_(False))
        .group_by(participant.c.item_id)
        .having(people.between(3, CROWD), listed == 0)
    )
    return {item: Together(meeting=bool(met), people=number, at=at) for item, met, number, at in tuples(tx, query)}
