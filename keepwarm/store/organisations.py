"""Organisations: where the people of the network work, where the owner would like to be, what is planned there.

Called by the pages. Spellings are counted in the database and joined here by `organisation_key`; rows of people are
read only for what a page shows, so that many contacts cost little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from keepwarm.circles import CIRCLES
from keepwarm.contacts import organisation_key
from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.notes import Note
from keepwarm.store.people import ContactRow, contact_rows
from keepwarm.store.plans import PlanEntry
from keepwarm.store.profiles import Target, targets
from keepwarm.store.rows import all_rows, among, chunks, mine, value
from keepwarm.store.tables import address, card, contact, note, plan_entry, touch

NEAREST = 4  # people named in a list; ours
PEOPLE = 60  # people named on the page of one organisation; ours
NOTES = 10  # ours
LOOKED_AT = 200  # notes, the newest, in which the letters of the name occur; ours
SAID = {"warm": 0, "lukewarm": 2, "cold": 3}  # the owner's word by closeness; 1 where it is proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """``key``: what its spellings share. ``name``: the most used spelling. ``people``: active ones, not private."""

    key: str
    name: str
    people: int = 0
    spellings: tuple[str, ...] = ()
    nearest: tuple[ContactRow, ...] = ()
    target: Target | None = None
    planned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One organisation with all that is known of it. ``left``: people who work elsewhere by what came in later."""

    organisation: Organisation
    left: tuple[ContactRow, ...]
    notes: tuple[Note, ...]
    entries: tuple[PlanEntry, ...]
    people: Mapping[str, ContactRow]  # of entries and notes, by id


@dataclass(slots=True)
class _Found:
    """One organisation while spellings are joined. Not frozen: it collects."""

    spellings: dict[str, int] = field(default_factory=dict)
    target: Target | None = None
    planned: int = 0
    planned_as: str = ""

    @property
    def people(self) -> int:
        return sum(self.spellings.values())

    @property
    def name(self) -> str:
        most = max(self.spellings, key=lambda each: (self.spellings[each], each), default="")
        return self.target.name if self.target else most or self.planned_as


def organisations(
    tx: Tx, now: datetime, *, search: str = "", limit: int | None = None, offset: int = 0
) -> tuple[list[Organisation], int]:
    """Those that hold every word of ``search``, and how many there are: targets first, then where most people are."""
    words = organisation_key(search).split()
    every = [(key, each) for key, each in _all(tx).items() if all(word in key for word in words)]
    every.sort(key=lambda pair: (pair[1].target is None, -pair[1].people, pair[1].name.casefold(), pair[0]))
    chosen = every[offset : None if limit is None else offset + limit]
    near = _nearest(tx, now, [spelling for _, each in chosen for spelling in each.spellings], NEAREST)
    return [_organisation(key, each, near, NEAREST) for key, each in chosen], len(every)


def organisation(tx: Tx, key: str, now: datetime) -> Whole:
    """One by its key. Raises NotFound where nobody works there, nobody wants to, and nothing is planned."""
    found = _all(tx).get(key)
    if found is None:
        raise NotFound("There is no such organisation.")
    near = _nearest(tx, now, list(found.spellings), PEOPLE)
    made = _organisation(key, found, near, PEOPLE)
    entries, said = _entries(tx, key, made.spellings), _notes(tx, made)
    left = _left(tx, key)
    wanted = {each.contact_id for each in entries if each.contact_id} | {each.contact_id for each in said} | left
    people = {key: row for key, row in contact_rows(tx, sorted(wanted), now).items() if row.state == "active"}
    return Whole(
        organisation=made,
        left=tuple(sorted((people[each] for each in left if each in people), key=lambda row: row.name.casefold())),
        notes=said,
        entries=tuple(each for each in entries if not each.contact_id or each.contact_id in people),
        people=people,
    )


def spellings(tx: Tx, keys: Collection[str]) -> list[str]:
    """How these organisations are written with people of the network."""
    return [each for each in _counted(tx) if organisation_key(each) in keys]


def known_at(tx: Tx, names: Sequence[str], now: datetime, most: int = NEAREST) -> dict[str, list[ContactRow]]:
    """Whom the owner knows at each of these organisations, by its name: at most so many, those closest first."""
    keys = {name: organisation_key(name) for name in names}
    written = spellings(tx, set(keys.values()) - {""})
    near = _nearest(tx, now, written, most)
    by_key: dict[str, list[str]] = {}
    for each in written:
        by_key.setdefault(organisation_key(each), []).append(each)
    return {name: _closest(by_key.get(key, ()), near)[:most] for name, key in keys.items()}


def _all(tx: Tx) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for spelling, number in _counted(tx).items():
        if key := organisation_key(spelling):
            found.setdefault(key, _Found()).spellings[spelling] = number
    for target in targets(tx):
        found.setdefault(organisation_key(target.name), _Found()).target = target
    for spelling, number in _planned(tx).items():
        if key := organisation_key(spelling):
            each = found.setdefault(key, _Found())
            each.planned, each.planned_as = each.planned + number, each.planned_as or spelling
    return found


def _counted(tx: Tx) -> dict[str, int]:
    """Active people who are not private, by organisation as it is written."""
    return _by_spelling(tx, contact, *_here(tx))


def _planned(tx: Tx) -> dict[str, int]:
    return _by_spelling(tx, plan_entry, mine(tx, plan_entry), plan_entry.c.passed.is_(False))


def _by_spelling(tx: Tx, table: Any, *here: ColumnElement[bool]) -> dict[str, int]:
    query = select(table.c.organisation, func.count().label("n")).where(*here, table.c.organisation != "")
    rows = all_rows(tx, query.group_by(table.c.organisation).order_by(table.c.organisation))
    return {row["organisation"]: row["n"] for row in rows}


def _here(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return mine(tx, contact), contact.c.state == "active", contact.c.private.is_(False)


def _nearest(tx: Tx, now: datetime, written: Sequence[str], most: int) -> dict[str, list[ContactRow]]:
    """The closest people by spelling, at most so many of each: by the owner's word, then by how often they met."""
    at: dict[str, list[tuple[int, int, str]]] = {}
    for part in chunks(written):
        there = (*_here(tx), contact.c.organisation.in_(part))
        times = _times(tx, now, select(contact.c.id).where(*there))
        for row in all_rows(tx, select(contact.c.id, contact.c.organisation, contact.c.circle).where(*there)):
            place = (SAID.get(row["circle"], 1), -times.get(row["id"], 0), row["id"])
            at.setdefault(row["organisation"], []).append(place)
    chosen = [contact_id for each in at.values() for _, _, contact_id in sorted(each)[:most]]
    found: dict[str, list[ContactRow]] = {}
    for one in contact_rows(tx, chosen, now).values():
        found.setdefault(one.organisation, []).append(one)
    return found


def _times(tx: Tx, now: datetime, whose: Select[Any]) -> dict[str, int]:
    """How often the owner and each of these were in touch. In two steps, so that SQLite goes by the key of touches."""
    theirs = select(address.c.id, address.c.contact_id).where(mine(tx, address), address.c.contact_id.in_(whose))
    of = {row["id"]: row["contact_id"] for row in all_rows(tx, theirs)}
    here = (mine(tx, touch), among(tx, touch.c.address_id, of), touch.c.at <= now)
    counted = select(touch.c.address_id, func.count().label("n")).where(*here).group_by(touch.c.address_id)
    found: Counter[str] = Counter()
    for row in all_rows(tx, counted) if of else ():
        found[of[row["address_id"]]] += row["n"]
    return found


def _closest(written: Collection[str], near: Mapping[str, Sequence[ContactRow]]) -> list[ContactRow]:
    rows = [row for each in written for row in near.get(each, ())]
    return sorted(rows, key=lambda row: (CIRCLES.index(row.circle), row.name.casefold(), row.id))


def _organisation(key: str, found: _Found, near: Mapping[str, Sequence[ContactRow]], most: int) -> Organisation:
    return Organisation(
        key=key,
        name=found.name,
        people=found.people,
        spellings=tuple(found.spellings),
        nearest=tuple(_closest(found.spellings, near)[:most]),
        target=found.target,
        planned=found.planned,
    )


def _entries(tx: Tx, key: str, written: Collection[str]) -> tuple[PlanEntry, ...]:
    """What is planned there: a role at it, or somebody who works there."""
    there = select(contact.c.id).where(*_here(tx), contact.c.organisation.in_(written))
    as_planned = [each for each in _planned(tx) if organisation_key(each) == key]
    either = or_(plan_entry.c.organisation.in_(as_planned), plan_entry.c.contact_id.in_(there))
    query = select(plan_entry).where(mine(tx, plan_entry), plan_entry.c.passed.is_(False), either)
    return tuple(value(PlanEntry, row) for row in all_rows(tx, query.order_by(plan_entry.c.created_at)))


def _notes(tx: Tx, made: Organisation) -> tuple[Note, ...]:
    """The last talks with people there, and those in which its name was written down, as words of their own."""
    there = contact.c.organisation.in_(made.spellings)
    joined = note.join(contact, contact.c.id == note.c.contact_id)
    names = {made.name, made.key, *made.spellings}
    named = [column.icontains(each, autoescape=True) for each in sorted(names) for column in (note.c.said, note.c.tips)]
    query = (
        select(note, there.label("there"))
        .select_from(joined)
        .where(*_here(tx), note.c.no_talk.is_(False), or_(there, *named))
    )
    rows = all_rows(tx, query.order_by(note.c.at.desc(), note.c.id).limit(LOOKED_AT))
    fitting = [row for row in rows if row["there"] or _names(f"{row['said']} {row['tips']}", made.key)]
    return tuple(value(Note, row) for row in fitting[:NOTES])


def _names(text: str, key: str) -> bool:
    """Whether the text has the name in it: "ING" is not in "doing"."""
    return f" {key} " in f" {organisation_key(text)} "


def _left(tx: Tx, key: str) -> set[str]:
    """Contacts whose card named this organisation before it named another."""
    here = (mine(tx, card), card.c.changed_at.is_not(None), card.c.contact_id.is_not(None))
    rows = all_rows(tx, select(card.c.contact_id, card.c.was, card.c.organisation).where(*here))
    return {
        row["contact_id"]
        for row in rows
        if row["was"]
        and organisation_key(row["was"].get("organisation", "")) == key
        and organisation_key(row["organisation"]) != key
    }
