"""What is counted of people, and by what a list of them is searched and sorted: a derived row each, kept true here.

Called at the end of every change of the owner's (`changelog`), of every undo (`changes`), of detection and of erasing,
and once by a migration; so each query reads the columns it needs by name. What is said of people (names, notes, tags)
is true at once; what is counted (mails, meetings) as of the last detection, which follows whatever brought something.
Whether the counts still are those of this moment a row tells too (`counted`, docs/decisions/0020).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, case, delete, func, select, update

from keepwarm.contacts import address_skeleton, organisation_key, search_text, skeleton, sort_key
from keepwarm.store.database import Tx
from keepwarm.store.people import NOTHING, Counts, judged
from keepwarm.store.rows import Row, all_rows, chunks, insert_new, many, mine, upsert
from keepwarm.store.tables import address, contact, identity, likeness, note, tag, touch
from keepwarm.store.tables import listing as table

SAID = (
    contact.c.id, contact.c.name, contact.c.organisation, contact.c.role, contact.c.organisation_kind,
    contact.c.origins, contact.c.circle, contact.c.introducer_address_id,
)  # fmt: skip
JUDGED = (contact.c.id, contact.c.circle, contact.c.origins, contact.c.introducer_address_id)
COUNTED = (
    table.c.circle, table.c.strength, table.c.last_at, table.c.met, table.c.sent, table.c.received, table.c.meetings,
    table.c.small_meetings, table.c.first_at, table.c.touched_at, table.c.until, table.c.counted,
)  # fmt: skip
COUNTED_NAMES = tuple(column.name for column in COUNTED)
TELLING = frozenset(column.name for column in SAID)  # a change of another column of `contact` changes nothing here
FOLLOWED = {each.name: each for each in (address, note, tag)}
Noted = tuple[int, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of some contacts, by contact: rows of a table, in a fixed order."""

    people: Mapping[str, Row]
    addresses: Mapping[str, Sequence[Row]]
    notes: Mapping[str, Sequence[Row]]
    tags: Mapping[str, Sequence[Row]]


def refresh(tx: Tx, ids: Iterable[str] | None, now: datetime) -> None:
    """Write the rows of these contacts anew (None: of all) and of those whom they brought in; only what differs."""
    asked = None if ids is None else set(ids)
    if asked is not None and not asked:
        return
    wanted = None if asked is None else asked | brought_in(tx, asked)
    told = _told(tx, wanted)
    made = _made(tx, told, now, everybody=wanted is None)
    stored = {row["contact_id"]: dict(row) for row in _of(tx, table, wanted, *table.columns)}
    _drop(tx, table, stored.keys() - made.keys())
    columns = [column.name for column in table.columns if column.name not in ("contact_id", "owner_id")]
    upsert(tx, table, [row for key, row in made.items() if stored.get(key) != row], columns)
    _liken(tx, wanted, told)


def recount(tx: Tx, said: Iterable[str], now: datetime) -> None:
    """After detection: count anew for everybody; write anew in full who is new and those of whom more is said now."""
    people = {row["id"]: row for row in _of(tx, contact, None, *JUDGED)}
    stored = {row["contact_id"]: row for row in _of(tx, table, None, table.c.contact_id, *COUNTED)}
    for of in (table, likeness):
        _drop(tx, of, stored.keys() - people.keys())
    refresh(tx, {*said, *people.keys() - stored.keys()} & people.keys(), now)
    counted, circles = judged(tx, list(people.values()), now, everybody=True)
    noted, ahead = _noted(tx, now), _ahead(tx, now, None)
    made = {key: _counted(counted.get(key, NOTHING), circles[key], noted.get(key), ahead.get(key)) for key in people}
    changed = [{"key": key} | each for key, each in made.items() if key in stored and _differs(stored[key], each)]
    here = update(table).where(mine(tx, table), table.c.contact_id == bindparam("key"))
    many(tx, here.values({name: bindparam(name) for name in COUNTED_NAMES}), changed)


def concerned(tx: Tx, images: Iterable[Sequence[Any]]) -> set[str]:
    """The contacts whose row may change with these images (`changelog`): as they were, and as things stand now."""
    found: set[str] = set()
    keys: dict[str, set[Any]] = defaultdict(set)
    for name, key, row in images:
        if name == contact.name and (row is None or TELLING & row.keys()):
            found.add(str(key))
        elif name in FOLLOWED:
            keys[name].add(key)
            found |= {row["contact_id"]} if row and row.get("contact_id") else set()
    for name, wanted in keys.items():
        of = FOLLOWED[name]
        for part in chunks(sorted(wanted)):
            here = (mine(tx, of), of.c.id.in_(part), of.c.contact_id.is_not(None))
            found |= {row["contact_id"] for row in all_rows(tx, select(of.c.contact_id).where(*here))}
    return found


def brought_in(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Those whom these contacts brought in."""
    found: set[str] = set()
    for part in chunks(sorted(ids)):
        theirs = select(address.c.id).where(mine(tx, address), address.c.contact_id.in_(part))
        here = (mine(tx, contact), contact.c.introducer_address_id.in_(theirs))
        found |= {row["id"] for row in all_rows(tx, select(contact.c.id).where(*here))}
    return found


def _told(tx: Tx, wanted: Set[str] | None) -> Told:
    notes = _of(tx, note, wanted, note.c.contact_id, note.c.at, note.c.said, note.c.tips, note.c.no_talk)
    return Told(
        people={row["id"]: row for row in _of(tx, contact, wanted, *SAID)},
        addresses=_by_contact(_of(tx, address, wanted, address.c.contact_id, address.c.address), "address"),
        notes=_by_contact(notes, "at", "said", "tips"),
        tags=_by_contact(_of(tx, tag, wanted, tag.c.contact_id, tag.c.key, tag.c.word), "key"),
    )


def _of(tx: Tx, of: Table, wanted: Set[str] | None, *columns: ColumnElement[Any]) -> list[Row]:
    """The rows of a table that belong to these contacts."""
    column = of.c.id if of is contact else of.c.contact_id
    query = select(*columns).where(mine(tx, of))
    if wanted is None:
        return list(all_rows(tx, query.where(column.is_not(None))))
    return [row for part in chunks(sorted(wanted)) for row in all_rows(tx, query.where(column.in_(part)))]


def _by_contact(rows: Iterable[Row], *order: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: tuple(row[name] for name in order)):
        found[row["contact_id"]].append(row)
    return found


def _made(tx: Tx, told: Told, now: datetime, *, everybody: bool) -> dict[str, dict[str, Any]]:
    """The rows as they should be."""
    counted, circles = judged(tx, list(told.people.values()), now, everybody=everybody)
    ahead = _ahead(tx, now, None if everybody else told.people.keys())
    found = {}
    for key, row in told.people.items():
        numbers, notes = counted.get(key, NOTHING), told.notes.get(key, ())
        talks = sum(not each["no_talk"] for each in notes)
        past = [each["at"] for each in notes if each["at"] <= now]
        found[key] = {
            "contact_id": key,
            "owner_id": tx.owner_id,
            "words": search_text(_texts(row, told)),
            "sorting": sort_key(row["name"]),
            "organisation": organisation_key(row["organisation"]),
            **_counted(numbers, circles[key], (talks, max(past, default=None)), ahead.get(key)),
        }
    return found


def _counted(numbers: Counts, circle: str, noted: Noted | None, until: datetime | None) -> dict[str, Any]:
    """The columns of COUNTED. ``noted``: how many talks were noted, and when the last note up to now was."""
    talks, last = noted or (0, None)
    moments = [each for each in (numbers.last_at, last) if each]
    return {
        "circle": circle,
        "strength": numbers.strength,
        "last_at": max(moments, default=None),
        "met": talks > 0 or numbers.meetings > 0,
        "sent": numbers.sent,
        "received": numbers.received,
        "meetings": numbers.meetings,
        "small_meetings": numbers.small_meetings,
        "first_at": numbers.first_at,
        "touched_at": numbers.last_at,
        "until": until,
        "counted": True,
    }


def _ahead(tx: Tx, now: datetime, ids: Set[str] | None) -> dict[str, datetime]:
    """By contact: when the next of the touches to come is, mostly none. Of these, None: of all."""
    query = (
        select(address.c.contact_id, func.min(touch.c.at).label("at"))
        .select_from(touch.join(address, address.c.id == touch.c.address_id))
        .where(mine(tx, touch), touch.c.at > now, address.c.contact_id.is_not(None))
        .group_by(address.c.contact_id)
    )
    parts = [query] if ids is None else [query.where(address.c.contact_id.in_(part)) for part in chunks(sorted(ids))]
    return {row["contact_id"]: row["at"] for each in parts for row in all_rows(tx, each)}


def _noted(tx: Tx, now: datetime) -> dict[str, Noted]:
    talks = func.sum(case((note.c.no_talk, 0), else_=1))
    last = func.max(case((note.c.at <= now, note.c.at)))
    query = select(note.c.contact_id, talks.label("n"), last.label("last")).where(mine(tx, note))
    return {row["contact_id"]: (row["n"], row["last"]) for row in all_rows(tx, query.group_by(note.c.contact_id))}


def _differs(stored: Row, made: Mapping[str, Any]) -> bool:
    return any(stored[name] != each for name, each in made.items())


def _texts(row: Row, told: Told) -> list[str]:
    """All that somebody is found by."""
    key = row["id"]
    return [
        row["name"],
        row["organisation"],
        row["role"],
        row["organisation_kind"],
        *(each["address"].removeprefix("linkedin:") for each in told.addresses.get(key, ())),
        *(each["word"] for each in told.tags.get(key, ())),
        *(text for each in told.notes.get(key, ()) for text in (each["said"], each["tips"])),
    ]


def _liken(tx: Tx, wanted: Set[str] | None, told: Told) -> None:
    """Write anew what these contacts look like."""
    made = {(bones, key) for key, row in told.people.items() for bones in _looks(tx, row, told.addresses.get(key, ()))}
    rows = _of(tx, likeness, wanted, likeness.c.bones, likeness.c.contact_id)
    stored = {(row["bones"], row["contact_id"]) for row in rows}
    outdated = sorted({key for _, key in stored - made})
    _drop(tx, likeness, outdated)
    kept = {each for each in stored if each[1] not in set(outdated)}
    new = sorted(made - kept)
    insert_new(tx, likeness, [{"owner_id": tx.owner_id, "bones": bones, "contact_id": key} for bones, key in new])


def _looks(tx: Tx, row: Row, addresses: Sequence[Row]) -> set[int]:
    skeletons = (skeleton(row["name"]), *(address_skeleton(each["address"]) for each in addresses))
    return {bones_of(tx, each) for each in skeletons if each}


def bones_of(tx: Tx, drawn: str) -> int:
    """The key of what a name or address looks like: short, however long that is."""
    return identity(tx.owner_id, "bones", drawn)


def _drop(tx: Tx, of: Table, ids: Iterable[str]) -> None:
    for part in chunks(sorted(ids)):
        tx.connection.execute(delete(of).where(mine(tx, of), of.c.contact_id.in_(part)))
