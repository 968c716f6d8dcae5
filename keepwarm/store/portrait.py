"""What the page about one person shows besides the contact itself, read for that person alone. Called by the pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select

from keepwarm.store.contacts import KINDS
from keepwarm.store.database import Tx
from keepwarm.store.notes import Note, notes_about
from keepwarm.store.rows import Row, all_rows, mine
from keepwarm.store.tables import (
    account,
    address,
    batch,
    card,
    card_address,
    contact,
    event,
    introduction,
    message,
    stream,
    touch,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where an address was found. ``kind``: mail, meeting, or the source of a card; ``where``: an account or import.

    ``number``: how many mails or meetings; 0 for a card.
    """

    kind: str
    where: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAddress:
    """An address, and all places where it was found; none: by hand."""

    address: str
    seen: list[Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One moment with somebody: ``kind`` is sent, received, meeting or note; a meeting may have a note too."""

    at: datetime
    kind: str
    title: str
    note: Note | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquainted:
    """Somebody else in the owner's life. ``said``: how a request to be introduced stands; empty: seen in mail."""

    id: str
    name: str
    said: str


def held_addresses(tx: Tx, contact_id: str) -> list[HeldAddress]:
    """Every address and profile, the most used first, with where it was found."""
    found: dict[int, list[Seen]] = defaultdict(list)
    for row in (*_in_items(tx, contact_id), *_on_cards(tx, contact_id)):
        where = row["label"] or row["name"] or ""
        found[row["address_id"]].append(Seen(kind=row["kind"], where=where, number=row["number"]))
    here = (mine(tx, address), address.c.contact_id == contact_id)
    rows = all_rows(tx, select(address.c.id, address.c.address).where(*here).order_by(address.c.address))
    ordered = sorted(rows, key=lambda row: -sum(each.number for each in found[row["id"]]))
    return [HeldAddress(address=row["address"], seen=found[row["id"]]) for row in ordered]


def passages(tx: Tx, contact_id: str, now: datetime, limit: int) -> list[Passage]:
    """What happened with somebody up to now, the newest first; a note about a meeting stands with it."""
    touched = (
        select(touch.c.at, touch.c.kind, event.c.title, event.c.id.label("event_id"))
        .join(address, address.c.id == touch.c.address_id)
        .outerjoin(event, (event.c.id == touch.c.item_id) & (touch.c.kind == "m"))
        .where(mine(tx, touch), address.c.contact_id == contact_id, touch.c.at <= now)
        .distinct()
        .order_by(touch.c.at.desc())
        .limit(limit)
    )
    notes = notes_about(tx, contact_id)
    of_event = {each.event_id: each for each in notes if each.event_id is not None}
    found = []
    for row in all_rows(tx, touched):
        note = of_event.pop(row["event_id"], None) if row["event_id"] is not None else None
        found.append(Passage(at=row["at"], kind=KINDS[row["kind"]], title=row["title"] or "", note=note))
    alone = [each for each in notes if each.at <= now and (each.event_id is None or each.event_id in of_event)]
    found += [Passage(at=each.at, kind="note", title="", note=each) for each in alone]
    return sorted(found, key=lambda each: each.at, reverse=True)[:limit]


def next_meeting(tx: Tx, contact_id: str, now: datetime) -> tuple[str, datetime] | None:
    """The next event ahead that has them in it, as (event id, start)."""
    query = (
        select(event.c.id, event.c.start_at)
        .join(touch, (touch.c.item_id == event.c.id) & (touch.c.kind == "m"))
        .join(address, address.c.id == touch.c.address_id)
        .where(mine(tx, touch), mine(tx, event), address.c.contact_id == contact_id, touch.c.at > now)
        .where(event.c.gone_at.is_(None), event.c.cancelled.is_(False))
        .order_by(event.c.start_at, event.c.id)
        .limit(1)
    )
    row = next(iter(all_rows(tx, query)), None)
    return (str(row["id"]), row["start_at"]) if row else None


def brought(tx: Tx, contact_id: str) -> list[Acquainted]:
    """Those whom this contact brought in, by name."""
    theirs = select(address.c.id).where(mine(tx, address), address.c.contact_id == contact_id)
    here = (mine(tx, contact), contact.c.introducer_address_id.in_(theirs), contact.c.id != contact_id)
    shown = contact.c.state.in_(("active", "proposed"))
    rows = all_rows(tx, select(contact.c.id, contact.c.name).where(*here, shown).order_by(contact.c.name, contact.c.id))
    return [Acquainted(id=row["id"], name=row["name"], said="") for row in rows]


def requests(tx: Tx, contact_id: str) -> tuple[list[Acquainted], list[Acquainted]]:
    """Introductions that the owner asked for: over whom to this contact, and over this contact to whom."""
    here = (mine(tx, introduction), or_(introduction.c.contact_id == contact_id, introduction.c.via_id == contact_id))
    other = case((introduction.c.contact_id == contact_id, introduction.c.via_id), else_=introduction.c.contact_id)
    query = select(introduction.c.via_id, introduction.c.said, contact.c.id, contact.c.name)
    joined = query.select_from(introduction.join(contact, (contact.c.id == other) & mine(tx, contact)))
    rows = all_rows(tx, joined.where(*here).order_by(introduction.c.created_at, introduction.c.id))
    found: tuple[list[Acquainted], list[Acquainted]] = ([], [])
    for row in rows:
        found[row["via_id"] == contact_id].append(Acquainted(id=row["id"], name=row["name"], said=row["said"]))
    return found


def _in_items(tx: Tx, contact_id: str) -> list[Row]:
    """How many mails and meetings of which account or import show each address."""
    found: list[Row] = []
    for item, kind, marks in ((message, "mail", ("s", "r")), (event, "meeting", ("m",))):
        items = touch.join(address, address.c.id == touch.c.address_id).join(item, item.c.id == touch.c.item_id)
        query = (
            select(touch.c.address_id, batch.c.label, account.c.name, func.count().label("number"))
            .select_from(_with_places(items, item))
            .where(mine(tx, touch), address.c.contact_id == contact_id, touch.c.kind.in_(marks))
            .group_by(touch.c.address_id, batch.c.label, account.c.name)
            .order_by(func.count().desc(), batch.c.label, account.c.name)
        )
        found += [{**row, "kind": kind} for row in all_rows(tx, query)]
    return found


def _on_cards(tx: Tx, contact_id: str) -> list[Row]:
    links = address.join(card_address, card_address.c.address_id == address.c.id)
    cards = links.join(card, card.c.id == card_address.c.card_id)
    query = select(address.c.id.label("address_id"), card.c.source.label("kind"), batch.c.label, account.c.name)
    here = (mine(tx, address), address.c.contact_id == contact_id)
    rows = all_rows(tx, query.select_from(_with_places(cards, card)).where(*here).distinct())
    return [{**row, "number": 0} for row in sorted(rows, key=lambda row: (row["kind"], row["label"] or ""))]


def _with_places(items: Any, item: Any) -> Any:
    """Joined with the import that brought the items, or the account that holds them."""
    held = items.outerjoin(batch, batch.c.id == item.c.batch_id).outerjoin(stream, stream.c.id == item.c.stream_id)
    return held.outerjoin(account, account.c.id == stream.c.account_id)
