"""Who may stand on a way to somebody: those seen with them, and those seen with these. Called by the pages.

`ties` weighs the evidence; here is only whom it needs to look at, so that a big network costs no more than a small one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from keepwarm.contacts import organisation_key
from keepwarm.paths import CROWD, Way
from keepwarm.store.database import Tx
from keepwarm.store.organisations import spellings
from keepwarm.store.rows import all_rows, among, chunks, mine
from keepwarm.store.tables import address, contact, participant
from keepwarm.store.ties import ways_to
from keepwarm.store.world import World, world


def ways(tx: Tx, now: datetime, goals: Sequence[str]) -> tuple[list[Way], World]:
    """The best ways to any of these contacts, and the people around them."""
    at_now = world(tx, now, only=sorted(around(tx, goals, now)))
    return ways_to(tx, at_now, goals), at_now


def ways_into(tx: Tx, now: datetime, organisation: str) -> tuple[list[Way], World]:
    """The best ways to anybody there whom the owner does not know well themselves, and the people around them."""
    there = _at(tx, {organisation_key(organisation)} - {""})
    at_now = world(tx, now, only=sorted(around(tx, there, now)))
    goals = [each for each in there if each in at_now.people and at_now.people[each].circle != "warm"]
    return ways_to(tx, at_now, goals), at_now


def around(tx: Tx, goals: Collection[str], now: datetime) -> set[str]:
    """These contacts, those tied to them, and those tied to these."""
    first = set(goals) | _tied(tx, goals, now)
    return first | _tied(tx, first, now)


def _tied(tx: Tx, ids: Collection[str], now: datetime) -> set[str]:
    return _seen_with(tx, ids, now) | _brought(tx, ids) | _at(tx, _where(tx, ids))


def _seen_with(tx: Tx, ids: Iterable[str], now: datetime) -> set[str]:
    """Whoever shared a mail or meeting with any of them, crowds aside. Step by step, each by a key."""
    theirs = _ids_of(tx, ids)
    in_them = (mine(tx, participant), among(tx, participant.c.address_id, theirs), participant.c.at <= now)
    items = [row["item_id"] for row in all_rows(tx, select(participant.c.item_id).where(*in_them).distinct())]
    beside: dict[int, set[int]] = {}
    here = (mine(tx, participant), among(tx, participant.c.item_id, items), participant.c.resource.is_(False))
    for row in all_rows(tx, select(participant.c.item_id, participant.c.address_id).where(*here)) if items else ():
        beside.setdefault(row["item_id"], set()).add(row["address_id"])
    near = {each for those in beside.values() if len(those) <= CROWD for each in those}
    known = (mine(tx, address), among(tx, address.c.id, near), address.c.contact_id.is_not(None))
    return {row["contact_id"] for row in all_rows(tx, select(address.c.contact_id).where(*known))}


def _ids_of(tx: Tx, contact_ids: Iterable[str]) -> list[int]:
    """The ids of their addresses."""
    found: list[int] = []
    for part in chunks(contact_ids):
        query = select(address.c.id).where(mine(tx, address), address.c.contact_id.in_(part))
        found += [row["id"] for row in all_rows(tx, query)]
    return found


def _brought(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Whoever brought one of them in, and whom they brought in."""
    found: set[str] = set()
    for part in chunks(ids):
        theirs = select(address.c.id).where(mine(tx, address), address.c.contact_id.in_(part))
        new = select(contact.c.id).where(mine(tx, contact), contact.c.introducer_address_id.in_(theirs))
        by = select(contact.c.introducer_address_id).where(mine(tx, contact), contact.c.id.in_(part))
        old = select(address.c.contact_id).where(
            mine(tx, address), address.c.id.in_(by), address.c.contact_id.is_not(None)
        )
        found |= {row["id"] for row in all_rows(tx, new)} | {row["contact_id"] for row in all_rows(tx, old)}
    return found


def _where(tx: Tx, ids: Iterable[str]) -> set[str]:
    """The keys of the organisations where they work."""
    names: set[str] = set()
    for part in chunks(ids):
        query = select(contact.c.organisation).where(mine(tx, contact), contact.c.id.in_(part))
        names |= {row["organisation"] for row in all_rows(tx, query)}
    return {organisation_key(each) for each in names} - {""}


def _at(tx: Tx, keys: Collection[str]) -> set[str]:
    """Active people at these organisations."""
    found: set[str] = set()
    for part in chunks(spellings(tx, keys) if keys else ()):
        here = (mine(tx, contact), contact.c.state == "active", contact.c.organisation.in_(part))
        found |= {row["id"] for row in all_rows(tx, select(contact.c.id).where(*here))}
    return found
