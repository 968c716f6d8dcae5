"""Records of an export → rows. Called by `keepwarm.store.items` for each page of an import.

Whatever is there stays as it is: the same document twice changes nothing, and one into a filled house adds only what
is missing. A row keeps the id it has in the document where that is free, else one made from it, so that the next import
finds it. What was put in is written down (`tables.brought`) for `back`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.contacts import match_form
from keepwarm.portable import Section, meeting_ref, section_named
from keepwarm.store.arrivals import Arrival
from keepwarm.store.evidence import salted, tombstones
from keepwarm.store.listing import concerned, refresh
from keepwarm.store.moving.columns import TABLES
from keepwarm.store.moving.persons import keep_people
from keepwarm.store.moving.places import places, present, whole
from keepwarm.store.moving.written import keys_of, note, note_all
from keepwarm.store.own import own_addresses, own_match_forms, record_own
from keepwarm.store.owners import owner
from keepwarm.store.rows import all_rows, chunks, first, insert_new, mine
from keepwarm.store.tables import contact, identity, own_address, profile, talk, tombstone
from keepwarm.store.tables import owner as owner_table
from keepwarm.store.tagging import tag_key
from keepwarm.store.touches import rebuild_touches
from keepwarm.types import Record

NOBODY = "nobody"  # why a record is left out: a key of `service.words`
PLACE = ("name", "lang", "zone", "country", "region")


def keep_records(to: Arrival, records: Sequence[Record]) -> int:
    """How many brought something new, in whatever order they come; what is left out is added to ``to.skipped``."""
    stored = 0
    for section, run in groupby(records, key=lambda each: each.section):
        stored += _KEEP.get(section, _keep_rows)(to, list(run))
    refresh(to.tx, concerned(to.tx, to.images), to.now)
    return stored


# --- tables as they are -------------------------------------------------------------------------------------------


def _keep_rows(to: Arrival, records: Sequence[Record]) -> int:
    name = records[0].section
    section, table = section_named(name), TABLES[name]
    if section is None or to.batch_id is None:
        raise ValueError("records come with an import, each of a section")
    referred = _referred(to, section, records)
    stand = places(to.tx, table, [each.id for each in records])
    rows: dict[str, dict[str, Any]] = {}
    for each in records:
        key, known = stand[each.id]
        if known:
            continue
        if _misses(section, each, referred):
            to.skipped[NOBODY] += 1
        elif (values := _resolved(to, section, each, referred)) is not None:
            rows[each.id] = whole(table, values | {"id": key, "owner_id": to.owner_id})
    insert_new(to.tx, table, list(rows.values()))
    made = present(to.tx, table, [row["id"] for row in rows.values()])
    new = {each.id for each in records if each.id in rows and stand[each.id][0] in made}
    note_all(to, [(name, each.id, stand[each.id][0], table if each.id in new else None, None) for each in records])
    if name == "never":
        _bar(to, [row for row in rows.values() if row["id"] in made])
    return len(made)


def _referred(to: Arrival, section: Section, records: Sequence[Record]) -> dict[str, dict[str, str]]:
    """What the records refer to, by section: id in the document → id here."""
    found: dict[str, dict[str, str]] = {}
    for field in section.fields:
        if field.refers:
            told = (each.values[field.name] for each in records)
            wanted = {one for each in told for one in (each if isinstance(each, list) else [each]) if one}
            found.setdefault(field.refers, {}).update(keys_of(to, field.refers, wanted))
    return found


def _misses(section: Section, record: Record, referred: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether somebody whom the record is about is not here: they stay away, or their entry was set aside."""
    about = [each for each in section.fields if each.refers and (each.needed or each.name == "contact_id")]
    told = ((each, record.values[each.name]) for each in about)
    return any(ref not in referred[each.refers] for each, ref in told if ref or each.needed)


def _resolved(
    to: Arrival, section: Section, record: Record, referred: Mapping[str, Mapping[str, str]]
) -> dict[str, Any] | None:
    """The columns of a record about people who are here; None where nothing is left of it."""
    values = dict(record.values)
    for field in section.fields:
        if not field.refers:
            continue
        known = referred[field.refers]
        told = values[field.name]
        values[field.name] = [known[each] for each in told if each in known] if field.kind == "ids" else known.get(told)
    if section.name == "notes":
        met = values.pop("meeting")
        values["event_id"] = identity(to.owner_id, "event", *meeting_ref(met)) if met else None
    if section.name == "tags":
        values["key"] = tag_key(values["word"])
        return values if values["key"] else None
    if section.name == "different":
        values |= dict(zip(("contact_a", "contact_b"), sorted((values["contact_a"], values["contact_b"])), strict=True))
        values |= {"state": "declined", "reason": {}}
        return values if values["contact_a"] != values["contact_b"] else None
    return values


def _bar(to: Arrival, rows: Sequence[Mapping[str, Any]]) -> None:
    salt = owner(to.tx).salt
    keys = [f"@{row['value']}" if row["kind"] == "domain" else match_form(row["value"]) for row in rows]
    _put_up(to, "never", [salted(salt, key) for key in keys])


def _put_up(to: Arrival, section: str, hashes: Iterable[str]) -> int:
    """The marks of people who stay away; how many are new."""
    new = sorted(set(hashes) - tombstones(to.tx))
    insert_new(to.tx, tombstone, [{"owner_id": to.owner_id, "hash": each} for each in new])
    note_all(to, [(section, "", each, tombstone, None) for each in new])
    return len(new)


# --- one object each ----------------------------------------------------------------------------------------------


def _keep_owner(to: Arrival, records: Sequence[Record]) -> int:
    """Name, place and settings for an owner who has nobody yet: they move in. Their own addresses for everybody."""
    values = records[0].values
    stored = _move_in(to, values) + _keep_own(to, values["own_addresses"])
    return int(stored > 0)


def _move_in(to: Arrival, values: Mapping[str, Any]) -> int:
    anybody = select(contact.c.id).where(mine(to.tx, contact), contact.c.state.in_(("active", "ignored", "never")))
    who = owner(to.tx)
    told = {name: values[name] for name in PLACE if values[name]} | {"settings": who.settings | values["settings"]}
    before = {name: getattr(who, name) for name in told}
    if before == told or first(to.tx, anybody.limit(1)) is not None:
        return 0
    to.tx.connection.execute(update(owner_table).where(owner_table.c.id == to.owner_id).values(**told))
    note(to, "owner", "owner", to.owner_id, owner_table, before)
    return 1


def _keep_own(to: Arrival, told: Sequence[Mapping[str, Any]]) -> int:
    known = {each.address for each in own_addresses(to.tx)}
    new = [each for each in told if each["address"] not in known]
    changed = False
    for each in new:
        changed |= record_own(to.tx, each["address"], own=each["own"], origin="given")
        note(to, "owner", "owner", each["address"], own_address)
    if changed:
        rebuild_touches(to.tx)
        to.own = own_match_forms(to.tx)
    return len(new)


def _keep_marks(to: Arrival, records: Sequence[Record]) -> int:
    """Worth something under the salt they were made with alone: an owner who has none yet takes that over."""
    salt, hashes = records[0].values["salt"], records[0].values["hashes"]
    who = owner(to.tx)
    if salt and salt != who.salt and hashes and not tombstones(to.tx):
        to.tx.connection.execute(update(owner_table).where(owner_table.c.id == to.owner_id).values(salt=salt))
        note(to, "marks", "marks", to.owner_id, owner_table, {"salt": who.salt})
    elif salt != who.salt:
        return 0
    return int(_put_up(to, "marks", [each for each in hashes if len(each) == 64 and each.isalnum()]) > 0)


def _keep_profile(to: Arrival, records: Sequence[Record]) -> int:
    """For an owner who said nothing yet."""
    if first(to.tx, select(profile.c.id).where(mine(to.tx, profile))) is not None or not any(
        records[0].values.values()
    ):
        return 0
    row = whole(profile, {**records[0].values, "id": to.owner_id, "owner_id": to.owner_id})
    to.tx.connection.execute(insert(profile).values(**row))
    note(to, "profile", "profile", to.owner_id, profile)
    return 1


# --- talks --------------------------------------------------------------------------------------------------------


def _keep_talks(to: Arrival, records: Sequence[Record]) -> int:
    """What was settled about conversations; where something is settled already, that stands."""
    rows: dict[int, dict[str, Any]] = {}
    for each in records:
        key = identity(to.owner_id, "event", *meeting_ref(each.values["meeting"]))
        rows[key] = whole(talk, {**each.values, "event_id": key, "owner_id": to.owner_id})
    query = select(talk.c.event_id).where(mine(to.tx, talk))
    there = {
        row["event_id"] for part in chunks(rows) for row in all_rows(to.tx, query.where(talk.c.event_id.in_(part)))
    }
    new = {key: row for key, row in rows.items() if key not in there}
    insert_new(to.tx, talk, list(new.values()))
    note_all(to, [("talks", "", str(key), talk, None) for key in new])
    return len(new)


_KEEP: Mapping[str, Callable[[Arrival, Sequence[Record]], int]] = {
    "owner": _keep_owner,
    "marks": _keep_marks,
    "profile": _keep_profile,
    "people": keep_people,
    "talks": _keep_talks,
}
