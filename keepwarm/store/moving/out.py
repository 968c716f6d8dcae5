"""Rows → raw entries of the export, a portion at a time: twenty thousand people never stand in memory together.

Called by `workers.exporting` within one reading transaction. Entries are fit for JSON: moments as ISO text in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, Table, and_, select

from keepwarm.contacts import match_form
from keepwarm.interactions import TouchKind, touched
from keepwarm.portable import Section, section_named
from keepwarm.portable.reading import SETTINGS
from keepwarm.store.database import Tx
from keepwarm.store.moving.columns import LIVE, TABLES
from keepwarm.store.own import own_addresses, own_match_forms
from keepwarm.store.owners import owner
from keepwarm.store.rows import Row, all_rows, among, chunks, first, mine
from keepwarm.store.tables import (
    ERASED,
    EVENT_ROLES,
    address,
    card,
    card_address,
    contact,
    event,
    message,
    participant,
    plays,
    profile,
    suggestion,
    talk,
    tombstone,
    touch,
)
from keepwarm.types import Role

MOST = 500  # entries in a portion
NAMES = {TouchKind.SENT: "sent", TouchKind.RECEIVED: "received"}
WEIGHT = 1  # every mail that touches counts the same (keepwarm.interactions)
SOURCE_OF_TOUCH = {"s": "mail", "r": "mail", "m": "calendar"}

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Entries in order; ``after``: where the next portion begins, None after the last."""

    entries: list[Entry]
    after: Any


def single(tx: Tx, section: str) -> Entry:
    """A section that is one object; empty where there is nothing."""
    return _SINGLE[section](tx)


def portion(tx: Tx, section: str, after: Any, now: datetime) -> Portion:
    """The next entries of a section that is a list; ``after`` None at first."""
    found = section_named(section)
    if found is None:
        raise ValueError(f"not a section of an export: {section}")
    make = _LISTS.get(section)
    return make(tx, after, now) if make else _plain(tx, found, TABLES[section], after, now)


# --- one object each ----------------------------------------------------------------------------------------------


def _owner(tx: Tx) -> Entry:
    who = owner(tx)
    kept = {name: each for name, each in sorted(who.settings.items()) if name in SETTINGS}
    own = [{"address": each.address, "own": each.own} for each in own_addresses(tx)]
    told = {name: getattr(who, name) for name in ("name", "lang", "zone", "country", "region")}
    return told | {"settings": kept, "own_addresses": own}


def _marks(tx: Tx) -> Entry:
    """What people who stay away are remembered by: worth nothing without the salt they were made with."""
    rows = all_rows(tx, select(tombstone.c.hash).where(mine(tx, tombstone)).order_by(tombstone.c.hash))
    return {"salt": owner(tx).salt, "hashes": [row["hash"] for row in rows]}


def _profile(tx: Tx) -> Entry:
    row = first(tx, select(profile).where(mine(tx, profile)))
    fields = section_named("profile")
    return {each.name: row[each.name] for each in fields.fields} if row and fields else {}


_SINGLE: Mapping[str, Callable[[Tx], Entry]] = {"owner": _owner, "marks": _marks, "profile": _profile}


# --- tables as they are -------------------------------------------------------------------------------------------


def _plain(tx: Tx, section: Section, table: Table, after: str | None, now: datetime) -> Portion:
    query = select(table).where(mine(tx, table)).order_by(table.c.id).limit(MOST)
    if table is suggestion:
        query = query.where(table.c.state == "declined")
    rows = all_rows(tx, query if after is None else query.where(table.c.id > after))
    meetings = _meetings_of(tx, rows) if section.name == "notes" else {}
    names = [each.name for each in section.fields if each.name in table.c]
    entries = [{"id": row["id"]} | {name: _json(row[name]) for name in names} for row in rows]
    for entry, row in zip(entries, rows, strict=True):
        if section.name == "notes":
            entry["meeting"] = meetings.get(row["event_id"])
        if section.name == "follow_ups":
            entry["state"] = _state(row, now)
    return _portion(rows, entries)


def _state(row: Row, now: datetime) -> str:
    """What is to come is planned; what should have come is done."""
    if row["state"] not in LIVE:
        return str(row["state"])
    return "planned" if row["at"] > now else "done"


def _portion(rows: Sequence[Row], entries: list[Entry], key: str = "id", most: int = MOST) -> Portion:
    return Portion(entries=entries, after=rows[-1][key] if len(rows) == most else None)


def _json(each: Any) -> Any:
    if isinstance(each, datetime):
        return each.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return each.isoformat() if isinstance(each, date) else each


def _meetings_of(tx: Tx, rows: Sequence[Row]) -> dict[int, Entry]:
    wanted = [row["event_id"] for row in rows if row["event_id"] is not None]
    query = select(event.c.id, event.c.uid, event.c.occurrence).where(mine(tx, event), among(tx, event.c.id, wanted))
    return {row["id"]: {"uid": row["uid"], "occurrence": row["occurrence"]} for row in all_rows(tx, query)}


def _talks(tx: Tx, after: int | None, now: datetime) -> Portion:
    del now
    query = select(talk).where(mine(tx, talk)).order_by(talk.c.event_id).limit(MOST)
    rows = all_rows(tx, query if after is None else query.where(talk.c.event_id > after))
    meetings = _meetings_of(tx, rows)
    names = ("type", "goal", "reading", "no_brief", "questions")
    entries = [
        {"meeting": meetings[row["event_id"]]} | {name: row[name] for name in names}
        for row in rows
        if row["event_id"] in meetings
    ]
    return _portion(rows, entries, "event_id")


# --- people -------------------------------------------------------------------------------------------------------


def _people(tx: Tx, after: str | None, now: datetime) -> Portion:
    del now
    query = select(contact).where(mine(tx, contact), contact.c.state != "erased").order_by(contact.c.id).limit(MOST)
    rows = all_rows(tx, query if after is None else query.where(contact.c.id > after))
    ids = [row["id"] for row in rows]
    held, cards, brought = _addresses(tx, ids), _cards(tx, ids), _brought_by(tx, rows)
    section = section_named("people")
    names = [each.name for each in section.fields if each.name in contact.c] if section else []
    entries = [
        {"id": row["id"]}
        | {name: _json(row[name]) for name in names}
        | {"brought_by": brought.get(row["introducer_address_id"])}
        | {"addresses": held.get(row["id"], []), "cards": cards.get(row["id"], [])}
        for row in rows
    ]
    return _portion(rows, entries)


def _brought_by(tx: Tx, rows: Sequence[Row]) -> dict[int, str]:
    wanted = [row["introducer_address_id"] for row in rows if row["introducer_address_id"] is not None]
    query = select(address.c.id, address.c.address).where(mine(tx, address), address.c.match != ERASED)
    return {row["id"]: row["address"] for row in all_rows(tx, query.where(among(tx, address.c.id, wanted)))}


def _addresses(tx: Tx, ids: Sequence[str]) -> dict[str, list[Entry]]:
    """The addresses of each, in alphabetical order, with where each was found."""
    rows: list[Row] = []
    for part in chunks(ids):
        query = select(address.c.id, address.c.address, address.c.contact_id)
        rows += all_rows(tx, query.where(mine(tx, address), address.c.contact_id.in_(part)))
    sources = _sources(tx, [row["id"] for row in rows])
    found: dict[str, list[Entry]] = {}
    for row in sorted(rows, key=lambda row: row["address"]):
        entry = {"address": row["address"], "sources": sorted(sources.get(row["id"], ()))}
        found.setdefault(row["contact_id"], []).append(entry)
    return found


def _sources(tx: Tx, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    touches = select(touch.c.address_id, touch.c.kind).where(mine(tx, touch), among(tx, touch.c.address_id, ids))
    for row in all_rows(tx, touches.distinct()):
        found.setdefault(row["address_id"], set()).add(SOURCE_OF_TOUCH[row["kind"]])
    joined = select(card_address.c.address_id, card.c.source).join(card, card.c.id == card_address.c.card_id)
    here = (mine(tx, card_address), among(tx, card_address.c.address_id, ids))
    for row in all_rows(tx, joined.where(*here).distinct()):
        found.setdefault(row["address_id"], set()).add(row["source"])
    return found


_CARD = ("source", "ref", "name", "organisation", "role", "phone", "url", "connected_on", "birthday", "origins")


def _cards(tx: Tx, ids: Sequence[str]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for part in chunks(ids):
        rows = all_rows(tx, select(card).where(mine(tx, card), card.c.contact_id.in_(part)))
        on = _on_cards(tx, [row["id"] for row in rows])
        for row in sorted(rows, key=lambda row: (row["source"], row["ref"])):
            entry = {name: _json(row[name]) for name in _CARD} | {"addresses": sorted(on.get(row["id"], ()))}
            found.setdefault(row["contact_id"], []).append(entry)
    return found


def _on_cards(tx: Tx, ids: Sequence[int]) -> dict[int, list[str]]:
    joined = select(card_address.c.card_id, address.c.address).join(address, address.c.id == card_address.c.address_id)
    here = (mine(tx, card_address), among(tx, card_address.c.card_id, ids), address.c.match != ERASED)
    found: dict[int, list[str]] = {}
    for row in all_rows(tx, joined.where(*here)):
        found.setdefault(row["card_id"], []).append(row["address"])
    return found


# --- mails and meetings -------------------------------------------------------------------------------------------


def _after(query: Select[Any], table: Table, after: int | None) -> Select[Any]:
    query = query.order_by(table.c.id).limit(MOST)
    return query if after is None else query.where(table.c.id > after)


def _taking_part(tx: Tx, ids: Sequence[int]) -> dict[int, list[Row]]:
    """Who took part in each of these items."""
    columns = (participant, address.c.address, address.c.match, address.c.contact_id)
    joined = select(*columns).join(address, address.c.id == participant.c.address_id)
    here = (mine(tx, participant), among(tx, participant.c.item_id, ids))
    found: dict[int, list[Row]] = {}
    for row in all_rows(tx, joined.where(*here).order_by(address.c.address)):
        found.setdefault(row["item_id"], []).append(row)
    return found


def _interactions(tx: Tx, after: int | None, now: datetime) -> Portion:
    """Mails with people whom the owner has here: when, in which direction, with whom. Never what they were about."""
    del now
    here = (mine(tx, message), message.c.at.is_not(None))
    rows = all_rows(tx, _after(select(message).where(*here), message, after))
    people, own = _taking_part(tx, [row["id"] for row in rows]), own_match_forms(tx)
    entries = [entry for row in rows if (entry := _interaction(row, people.get(row["id"], []), own))]
    return _portion(rows, entries)


def _interaction(row: Row, people: Sequence[Row], own: frozenset[str]) -> Entry | None:
    roles = {each["address"]: each["roles"] for each in people}
    met = touched(row["marks"], row["recipients"], roles, [each for each in roles if match_form(each) in own])
    if met is None:
        return None
    kind, whom = met
    known = {each["address"] for each in people if each["contact_id"] and each["match"] != ERASED}
    named = sorted(known.intersection(whom))
    if not named:
        return None
    return {
        "ref": row["ref"], "at": _json(row["at"]), "direction": NAMES[kind], "with": named, "weight": WEIGHT,
    }  # fmt: skip


def _meetings(tx: Tx, after: int | None, now: datetime) -> Portion:
    """Meetings with others, but for those that vanished before they began."""
    del now
    met = select(participant.c.item_id).where(mine(tx, participant), plays(participant, *EVENT_ROLES))
    stands = event.c.gone_at.is_(None) | (event.c.gone_at > event.c.start_at)
    query = select(event).where(and_(mine(tx, event), stands, event.c.id.in_(met)))
    rows = all_rows(tx, _after(query, event, after))
    people = _taking_part(tx, [row["id"] for row in rows])
    section = section_named("meetings")
    names = [each.name for each in section.fields if each.name in event.c] if section else []
    entries = [
        {name: _json(row[name]) for name in names} | {"people": [_guest(each) for each in people.get(row["id"], [])]}
        for row in rows
    ]
    for entry in entries:
        entry["people"] = [each for each in entry["people"] if each["address"] != ERASED]
    return _portion(rows, entries)


def _guest(row: Row) -> Entry:
    roles = [role.value for role in (Role.ORGANISER, Role.ATTENDEE) if row["roles"] & role.bit]
    told = {name: row[name] for name in ("address", "name", "reply", "resource")}
    return told | {"roles": roles}


_LISTS: Mapping[str, Callable[[Tx, Any, datetime], Portion]] = {
    "people": _people,
    "interactions": _interactions,
    "meetings": _meetings,
    "talks": _talks,
}
