"""How events and cards become rows. Called by `items` for one page, and by `removal` to take them away.

Mails, which come by the hundred thousand, have a module of their own: `mails`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, func, select, update

from keepwarm.contacts import match_form
from keepwarm.mentions import Named
from keepwarm.store import holders
from keepwarm.store.changelog import Image, encoded
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, insert_new, insert_tuples, many, mine, upsert
from keepwarm.store.tables import (
    address,
    card,
    card_address,
    event,
    identity,
    message,
    participant,
    sighting,
    touch,
)
from keepwarm.store.touches import TOUCH_COLUMNS, drop_touches, event_touch_rows
from keepwarm.types import CalendarEvent, ContactCard, Gone, Participant, Reply

Rows = list[dict[str, Any]]
Known = dict[int, Row]

EVENT_COLUMNS = (
    "title", "start_at", "end_at", "zone", "zone_guessed", "all_day", "recurring", "cancelled", "busy", "location",
)  # fmt: skip
NOBODY = {"roles": 0, "name": "", "reply": str(Reply.NONE), "resource": False}
CARD_COLUMNS = ("name", "organisation", "role", "phone", "url", "connected_on", "birthday", "origins")


@dataclass(slots=True, kw_only=True)
class Arrival:
    """Where a page's items come from and who the owner is. Not frozen: it remembers the addresses written already."""

    tx: Tx
    stream_id: str
    batch_id: str | None  # None: from an account that stays connected
    own: frozenset[str]
    now: datetime
    addresses: dict[str, int] = field(default_factory=dict)
    erased: frozenset[int] = frozenset()  # addresses whose names are not kept
    images: list[Image] = field(default_factory=list)  # which rows its records made, changed or added to
    skipped: Counter[str] = field(default_factory=Counter)  # of its records, by reason

    @property
    def owner_id(self) -> str:
        return self.tx.owner_id

    @property
    def source(self) -> dict[str, str | None]:
        return {"stream_id": self.stream_id, "batch_id": self.batch_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How many items were stored or changed, and the keys of these."""

    stored: int
    ids: list[int]


def keep_events(to: Arrival, events: Sequence[CalendarEvent]) -> Stored:
    """Store the events that are new or changed. Of two versions in one page the later stands."""
    versions = {(identity(to.owner_id, "event", each.uid, each.occurrence), fingerprint(each)): each for each in events}
    by_id = {item_id: (each, mark) for (item_id, mark), each in versions.items()}
    known = _known(to, event, by_id, tuple(event.columns))
    same = {i for i, (_, mark) in by_id.items() if i in known and _same_event(known[i], mark)}
    see(to, event, "e", [known[item_id] for item_id in same])
    _note_resources(to, event, {item_id: by_id[item_id][0].resource_ref for item_id in same}, known)
    fresh = {item_id: each for item_id, each in by_id.items() if item_id not in same}
    replaced = {item_id: known[item_id] for item_id in fresh if item_id in known}
    people_before = participants_of(to.tx, list(replaced))
    _put_aside(to, event, "e", replaced, people_before)
    _keep_addresses(to, (person.address.address for each, _ in fresh.values() for person in each.participants))
    rows: Rows = []
    people: Rows = []
    touches: list[tuple[Any, ...]] = []
    for item_id, (each, mark) in fresh.items():
        found = _people(to, item_id, each.start_at, each.participants)
        row = _event_row(to, item_id, each, mark)
        if before := replaced.get(item_id):
            matters = _matters(before, row) or _answers(people_before.get(item_id, [])) != _answers(found)
            row |= {"generation": before["generation"] + matters, "first_seen_at": before["first_seen_at"]}
        rows.append(row)
        people += found
        touches += event_touch_rows(to.tx, item_id, each, None, to.own)
    _drop_people(to.tx, list(replaced))
    upsert(to.tx, event, rows, _all_but(event, "id", "owner_id", "uid", "occurrence"))
    if to.batch_id is None:
        holders.note_replaced(to.tx, to.stream_id, replaced)
    insert_new(to.tx, participant, people)
    insert_tuples(to.tx, touch, TOUCH_COLUMNS, touches)
    return Stored(stored=sum(item_id not in same for item_id, _ in versions), ids=list(fresh))


def keep_cards(to: Arrival, cards: Sequence[ContactCard]) -> Stored:
    """Store the cards that are new or changed; whose they are stays."""
    versions = {(identity(to.owner_id, "card", each.source, each.ref), fingerprint(each)): each for each in cards}
    by_id = {item_id: (each, mark) for (item_id, mark), each in versions.items()}
    known = _known(to, card, by_id, tuple(card.columns))
    same = {i for i, (_, mark) in by_id.items() if i in known and known[i]["fingerprint"] == mark}
    see(to, card, "c", [known[item_id] for item_id in same])
    _note_resources(to, card, {item_id: by_id[item_id][0].resource_ref for item_id in same}, known)
    fresh = {item_id: each for item_id, each in by_id.items() if item_id not in same}
    replaced = {item_id: known[item_id] for item_id in fresh if item_id in known}
    _put_aside(to, card, "c", replaced, card_addresses_of(to.tx, list(replaced)))
    _keep_addresses(to, (found for each, _ in fresh.values() for found in each.addresses))
    for part in chunks(replaced):
        to.tx.connection.execute(
            delete(card_address).where(mine(to.tx, card_address), card_address.c.card_id.in_(part))
        )
    rows = [
        _card_row(to, item_id, each, mark) | _news_in(to, replaced.get(item_id), each)
        for item_id, (each, mark) in fresh.items()
    ]
    upsert(to.tx, card, rows, _all_but(card, "id", "owner_id", "source", "ref", "contact_id"))
    links = [
        {"card_id": item_id, "address_id": to.addresses[found], "owner_id": to.owner_id}
        for item_id, (each, _) in fresh.items()
        for found in each.addresses
    ]
    insert_new(to.tx, card_address, links)
    return Stored(stored=sum(item_id not in same for item_id, _ in versions), ids=list(fresh))


def _news_in(to: Arrival, before: Row | None, each: ContactCard) -> dict[str, Any]:
    """What the version before said of their work, where this one says something else: a reason to write."""
    names = ("organisation", "role")
    told = ((before[name], getattr(each, name)) for name in names) if before else ()
    if before is None or all(not old or not new or old == new for old, new in told):
        kept = (before["was"], before["changed_at"]) if before else (None, None)
        return dict(zip(("was", "changed_at"), kept, strict=True))
    return {"was": {name: before[name] for name in names}, "changed_at": to.now}


def remove_gone(to: Arrival, gone: Sequence[Gone]) -> None:
    """Carry out what the provider no longer has: mails and cards go, events are kept and marked."""
    messages = [identity(to.owner_id, "message", each.ref) for each in gone if each.kind == "message"]
    cards = [identity(to.owner_id, "card", *each.ref.split("|", 1)) for each in gone if each.kind == "card"]
    events = [identity(to.owner_id, "event", *_occurrence(each.ref)) for each in gone if each.kind == "event"]
    delete_items(to.tx, message, messages)
    delete_items(to.tx, card, cards)
    mark_gone(to, holders.lost(to.tx, to.stream_id, events))


def mark_gone(to: Arrival, events: Sequence[int]) -> None:
    """Events that the provider no longer has: kept, marked, and no touch to come."""
    for part in chunks(events):
        here = and_(mine(to.tx, event), event.c.id.in_(part), event.c.gone_at.is_(None))
        to.tx.connection.execute(update(event).where(here).values(gone_at=to.now, generation=event.c.generation + 1))
        drop_touches(to.tx, part, since=to.now)


def _occurrence(ref: str) -> tuple[str, str]:
    uid, _, occurrence = ref.rpartition("|")
    return (uid, occurrence) if uid else (occurrence, "")


def drop_links(tx: Tx, table: Table, ids: Sequence[int]) -> None:
    """Remove what hangs on items: participants and touches of mails and events, addresses of cards."""
    if table is not card:
        _drop_people(tx, ids)
        return
    for part in chunks(ids):
        tx.connection.execute(delete(card_address).where(mine(tx, card_address), card_address.c.card_id.in_(part)))


def delete_items(tx: Tx, table: Table, ids: Sequence[int]) -> None:
    """Remove mails, events or cards with all that hangs on them."""
    for part in chunks(ids):
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.id.in_(part)))
        tx.connection.execute(delete(sighting).where(mine(tx, sighting), sighting.c.item_id.in_(part)))
    drop_links(tx, table, ids)


def participants_of(tx: Tx, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The participant rows of items, by item."""
    found: dict[int, list[dict[str, Any]]] = {}
    for part in chunks(ids):
        for row in all_rows(tx, select(participant).where(mine(tx, participant), participant.c.item_id.in_(part))):
            found.setdefault(row["item_id"], []).append(dict(row))
    return found


def card_addresses_of(tx: Tx, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The address rows of cards, by card."""
    found: dict[int, list[dict[str, Any]]] = {}
    for part in chunks(ids):
        for row in all_rows(tx, select(card_address).where(mine(tx, card_address), card_address.c.card_id.in_(part))):
            found.setdefault(row["card_id"], []).append(dict(row))
    return found


def fingerprint(item: CalendarEvent | ContactCard) -> str:
    """A hash of all that is stored of an event or card: equal means nothing new."""
    if isinstance(item, CalendarEvent):
        people = sorted((p.role, p.address.address, p.address.name, p.reply, p.resource) for p in item.participants)
        parts = [*(getattr(item, name) for name in EVENT_COLUMNS), people]
    else:
        parts = [*(getattr(item, name) for name in CARD_COLUMNS), sorted(item.addresses)]
    return blake2b(repr([str(part) for part in parts]).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _known(to: Arrival, table: Table, ids: Iterable[int], columns: Sequence[Any]) -> Known:
    found: Known = {}
    for part in chunks(ids):
        query = select(table.c.id.label("id"), *(c for c in columns if c.name != "id"))
        found |= {row["id"]: row for row in all_rows(to.tx, query.where(mine(to.tx, table), table.c.id.in_(part)))}
    return found


def see(to: Arrival, table: Table, kind: str, rows: Sequence[Row]) -> None:
    """Note that this source holds these stored items too."""
    others = [row for row in rows if row["batch_id"] != to.batch_id]
    if to.batch_id is not None:
        insert_new(to.tx, sighting, note_sightings(to, kind, {row["id"]: to.batch_id for row in others}))
        return
    seen = note_sightings(to, kind, {row["id"]: row["batch_id"] for row in others})
    insert_new(to.tx, sighting, seen)  # a connected account outlives every import: it becomes the holder
    take = update(table).where(table.c.id == bindparam("key"), table.c.owner_id == to.owner_id)
    many(to.tx, take.values(**to.source), [{"key": row["id"]} for row in others])


def _note_resources(to: Arrival, table: Table, found: Mapping[int, str], known: Known) -> None:
    """Note where an account holds what was known already, so that its removal there is understood."""
    if to.batch_id is not None:
        return
    beside = holders.note_known(to.tx, to.stream_id, found, known) if table is event else set[int]()
    moved = [
        {"key": item_id, "here": ref, "stream": to.stream_id}
        for item_id, ref in found.items()
        if ref
        and item_id not in beside
        and (known[item_id]["resource_ref"], known[item_id]["stream_id"]) != (ref, to.stream_id)
    ]
    here = update(table).where(table.c.id == bindparam("key"), table.c.owner_id == to.owner_id)
    many(to.tx, here.values(resource_ref=bindparam("here"), stream_id=bindparam("stream")), moved)


def _put_aside(to: Arrival, table: Table, kind: str, replaced: Known, links: dict[int, list[dict[str, Any]]]) -> None:
    """Remember how other imports hold what is about to be replaced by this source's version."""
    link = participant if table is event else card_address
    rows: Rows = []
    for item_id, row in replaced.items():
        image = {"row": encoded(table, row), "links": [encoded(link, each) for each in links.get(item_id, [])]}
        plain = and_(mine(to.tx, sighting), sighting.c.item_id == item_id, sighting.c.batch_id != (to.batch_id or ""))
        held = select(func.count()).select_from(sighting).where(plain)
        if to.tx.connection.execute(held).scalar_one():
            empty = update(sighting).where(plain, sighting.c.image.is_(None))
            to.tx.connection.execute(empty.values(image=image))
        if row["batch_id"] not in (None, to.batch_id):
            for seen in note_sightings(to, kind, {item_id: row["batch_id"]}):
                rows.append(seen | {"image": image, "at": row.get("first_seen_at", to.now)})
    insert_new(to.tx, sighting, rows)
    if to.batch_id is not None:  # what this batch saw earlier is now what is stored
        for part in chunks(replaced):
            here = and_(mine(to.tx, sighting), sighting.c.batch_id == to.batch_id, sighting.c.item_id.in_(part))
            to.tx.connection.execute(delete(sighting).where(here))


def note_sightings(to: Arrival, kind: str, held: Mapping[int, str]) -> Rows:
    """The rows that say which import holds these items too: batch id by item."""
    common = {"owner_id": to.owner_id, "kind": kind, "at": to.now, "image": None}
    return [{"item_id": item_id, "batch_id": batch_id} | common for item_id, batch_id in held.items()]


def _keep_addresses(to: Arrival, found: Iterable[str]) -> None:
    """Write the addresses not yet written for this page, ordered by key: two writers never lock crosswise."""
    new = {each: identity(to.owner_id, "address", each) for each in set(found) - to.addresses.keys()}
    rows = [
        {"id": key, "owner_id": to.owner_id, "address": each, "match": match_form(each), "contact_id": None}
        for each, key in sorted(new.items(), key=lambda item: item[1])
    ]
    insert_new(to.tx, address, rows)
    to.addresses |= new


def _people(to: Arrival, item_id: int, at: datetime | None, people: Sequence[Participant]) -> Rows:
    """One row for each address, with all its roles; an attendee's answer stands beside the organiser's silence."""
    found: dict[int, dict[str, Any]] = {}
    for each in people:
        key = to.addresses[each.address.address]
        row = found.setdefault(key, {"owner_id": to.owner_id, "item_id": item_id, "address_id": key, "at": at} | NOBODY)
        row["roles"] |= each.role.bit
        row["name"] = "" if key in to.erased else row["name"] or each.address.name
        row["reply"] = str(each.reply) if each.reply is not Reply.NONE else row["reply"]
        row["resource"] |= each.resource
    return list(found.values())


def _drop_people(tx: Tx, ids: Sequence[int]) -> None:
    for part in chunks(ids):
        drop_touches(tx, part)
        tx.connection.execute(delete(participant).where(mine(tx, participant), participant.c.item_id.in_(part)))


def _event_row(to: Arrival, item_id: int, each: CalendarEvent, mark: str) -> dict[str, Any]:
    row = {"id": item_id, "owner_id": to.owner_id, "uid": each.uid, "occurrence": each.occurrence, "fingerprint": mark}
    row |= {name: getattr(each, name) for name in EVENT_COLUMNS} | to.source | {"resource_ref": each.resource_ref}
    return row | _kept_quiet(to, each) | {"generation": 0, "first_seen_at": to.now, "gone_at": None}


def _kept_quiet(to: Arrival, each: CalendarEvent) -> dict[str, str]:
    """No title and place for an event that tells of somebody erased: they were the only guest, or it names them."""
    gone = [one for one in each.participants if to.addresses[one.address.address] in to.erased]
    if not gone:
        return {}
    known = Named(
        names=frozenset(one.address.name for one in gone), addresses=frozenset(one.address.address for one in gone)
    )
    others = [one for one in each.participants if one not in gone and not one.resource]
    alone = all(match_form(one.address.address) in to.own for one in others)
    return {"title": "", "location": ""} if alone or known.hinted_in(each.title, each.location) else {}


def _card_row(to: Arrival, item_id: int, each: ContactCard, mark: str) -> dict[str, Any]:
    row = {"id": item_id, "owner_id": to.owner_id, "source": each.source, "ref": each.ref, "fingerprint": mark}
    row |= {name: getattr(each, name) for name in CARD_COLUMNS} | to.source | {"resource_ref": each.resource_ref}
    return row | {"origins": list(each.origins), "contact_id": None}


def _same_event(row: Row, mark: str) -> bool:
    return bool(row["fingerprint"] == mark and row["gone_at"] is None)


def _matters(before: Row, after: dict[str, Any]) -> bool:
    """Whether a mail about the event would now be wrong."""
    return before["gone_at"] is not None or any(before[n] != after[n] for n in ("start_at", "end_at", "cancelled"))


def _answers(people: Iterable[dict[str, Any]]) -> set[tuple[int, int, str]]:
    return {(each["address_id"], each["roles"], each["reply"]) for each in people}


def _all_but(table: Table, *names: str) -> list[str]:
    return [column.name for column in table.columns if column.name not in names]
