"""Undoing an import: what only it brought goes, so that all is as if it had never been. Called through `accounts`.

Items that another import or account holds too stay, as that one holds them. Proposals that rest on what changed are let
go and detection looks again; who is found again keeps id and date. People whom the owner accepted stay while anything
speaks for them: evidence, a note, a promise, a place in the plan, or that the owner added them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, or_, select, update

from keepwarm.errors import NotPossible
from keepwarm.store.anew import let_go
from keepwarm.store.arrivals import delete_items, drop_links
from keepwarm.store.changelog import decoded
from keepwarm.store.database import Tx
from keepwarm.store.detecting import detect
from keepwarm.store.heirs import provide
from keepwarm.store.imports import batch as read_batch
from keepwarm.store.mails import SENT, SENT_TOO, mark_mails
from keepwarm.store.moving.back import take_back
from keepwarm.store.own import own_match_forms, store_inferred
from keepwarm.store.rows import Row, all_rows, chunks, insert_new, mine
from keepwarm.store.tables import (
    ERASED,
    address,
    batch,
    card,
    card_address,
    change,
    contact,
    event,
    message,
    own_address,
    participant,
    quarantine,
    sighting,
    stream,
    suggestion,
)
from keepwarm.store.touches import rebuild_touches, retouch_events

ITEMS: tuple[tuple[Table, str], ...] = ((message, "m"), (event, "e"), (card, "c"))


@dataclass(slots=True, kw_only=True)
class Undoing:
    """What an undo came across. Not frozen: it collects."""

    removed: dict[str, int] = field(default_factory=dict)
    restored: list[int] = field(default_factory=list)
    addresses: set[int] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)


def undo_batch(tx: Tx, batch_id: str, now: datetime) -> dict[str, int]:
    """Take an import back; how many messages, events, cards and contacts went. NotPossible if it was undone before."""
    gone = read_batch(tx, batch_id)
    if gone.undone_at is not None:
        raise NotPossible("This import was taken back already. Nothing was changed.")
    provide(tx, gone, now)
    found = Undoing()
    before = _contact_ids(tx)
    records = take_back(tx, batch_id, now)
    for table, kind in ITEMS:
        found.removed[f"{table.name}s"] = _undo_items(tx, found, table, kind, batch_id)
    _forget_batch(tx, batch_id, now)
    everybody = _own_anew(tx)
    if not everybody:
        retouch_events(tx, found.restored)
    if everybody or records or found.addresses or found.contacts:
        detect(tx, now, let_go(tx, None if everybody else _touched(tx, found)))
        _drop_orphans(tx)
    found.removed["contacts"] = len(before - _contact_ids(tx))
    return found.removed


def _undo_items(tx: Tx, found: Undoing, table: Table, kind: str, batch_id: str) -> int:
    """Remove the batch's items of one kind, or hand them to who holds them too; how many were removed."""
    ids = [row["id"] for row in all_rows(tx, select(table.c.id).where(mine(tx, table), table.c.batch_id == batch_id))]
    here = (mine(tx, sighting), sighting.c.batch_id == batch_id, sighting.c.kind == kind)
    with_image = select(sighting.c.item_id).where(*here, sighting.c.image.is_not(None))
    replaced = [row["item_id"] for row in all_rows(tx, with_image)]
    tx.connection.execute(delete(sighting).where(*here))
    holders = _next_holders(tx, ids)
    other = [each for each in holders if holders[each]["image"]]  # another version is stored from here on
    changed = [] if table is message else [*replaced, *other]  # copies of a mail differ in their place alone
    _note_people(tx, found, table, [*changed, *(each for each in ids if each not in holders)])
    delete_items(tx, table, [each for each in ids if each not in holders])
    for item_id, holder in holders.items():
        _hand_over(tx, found, table, item_id, holder)
    if table is message:
        _file_anew(tx, [*replaced, *holders])
    if table is card:
        _forget_news(tx, replaced)
    return len(ids) - len(holders)


def _file_anew(tx: Tx, ids: Sequence[int]) -> None:
    """Whether another import's copy of these mails still lies in a Sent folder."""
    for part in chunks(ids):
        query = select(message.c.id, message.c.marks).where(mine(tx, message), message.c.id.in_(part))
        before = {row["id"]: row["marks"] for row in all_rows(tx, query)}
        aside = select(sighting.c.item_id).where(mine(tx, sighting), sighting.c.item_id.in_(part))
        filed = {row["item_id"] for row in all_rows(tx, aside.where(sighting.c.image.is_not(None)))}
        after = {key: marks & ~SENT_TOO | (SENT_TOO if key in filed else 0) for key, marks in before.items()}
        mark_mails(tx, before, after)


def _forget_news(tx: Tx, ids: Sequence[int]) -> None:
    """What these cards said before was said by what is taken back."""
    for part in chunks(ids):
        here = (mine(tx, card), card.c.id.in_(part))
        tx.connection.execute(update(card).where(*here).values(was=None, changed_at=None))


def _next_holders(tx: Tx, ids: Sequence[int]) -> dict[int, Row]:
    """The sighting by which each item stays: of the stored version if there is one, else the newest."""
    found: dict[int, Row] = {}
    for part in chunks(ids):
        query = select(sighting, batch.c.stream_id).join(batch, batch.c.id == sighting.c.batch_id)
        here = (mine(tx, sighting), sighting.c.item_id.in_(part))
        rows = all_rows(tx, query.where(*here).order_by(sighting.c.at, batch.c.created_at, batch.c.id))
        found |= {row["item_id"]: row for row in sorted(rows, key=lambda row: row["image"] is None)}
    return found


def _hand_over(tx: Tx, found: Undoing, table: Table, item_id: int, holder: Row) -> None:
    """Make the item what this holder has: its version if it differs, seen when it saw it."""
    here = (mine(tx, table), table.c.id == item_id)
    values: dict[str, Any] = {"batch_id": holder["batch_id"], "stream_id": holder["stream_id"]}
    image = holder["image"]
    if table is message:
        values["marks"] = message.c.marks.op("&")(~SENT) + (SENT if image else 0)
    elif image:
        values |= {name: each for name, each in decoded(table, image["row"]).items() if name not in _STAYS}
        link = participant if table is event else card_address
        drop_links(tx, table, [item_id])
        insert_new(tx, link, [decoded(link, each) for each in image["links"]])
        found.restored.append(item_id)
        _note_people(tx, found, table, [item_id])
    if table is event:
        first = select(sighting.c.at).where(mine(tx, sighting), sighting.c.item_id == item_id)
        values["first_seen_at"] = min(row["at"] for row in all_rows(tx, first))
        values["generation"] = event.c.generation + int(bool(image))  # what is prepared for the other version is void
    tx.connection.execute(update(table).where(*here).values(**values))
    done = (mine(tx, sighting), sighting.c.item_id == item_id, sighting.c.batch_id == holder["batch_id"])
    tx.connection.execute(delete(sighting).where(*done))


_STAYS = frozenset({"id", "owner_id", "batch_id", "stream_id", "contact_id", "generation", "first_seen_at"})


def _note_people(tx: Tx, found: Undoing, table: Table, ids: Sequence[int]) -> None:
    """Remember whose evidence is about to change."""
    link, key = (card_address, card_address.c.card_id) if table is card else (participant, participant.c.item_id)
    for part in chunks(ids):
        rows = all_rows(tx, select(link.c.address_id).where(mine(tx, link), key.in_(part)).distinct())
        found.addresses |= {row["address_id"] for row in rows}
        if table is card:
            held = select(card.c.contact_id).where(mine(tx, card), card.c.id.in_(part))
            found.contacts |= {row["contact_id"] for row in all_rows(tx, held) if row["contact_id"]}


def _forget_batch(tx: Tx, batch_id: str, now: datetime) -> None:
    """Its sources stay to be read; its quarantine goes, its stream rests, its place in the undo log is settled."""
    tx.connection.execute(delete(quarantine).where(mine(tx, quarantine), quarantine.c.batch_id == batch_id))
    tx.connection.execute(update(batch).where(mine(tx, batch), batch.c.id == batch_id).values(undone_at=now))
    rest = {"stale_since": None, "lease_until": None, "fence": stream.c.fence + 1}
    tx.connection.execute(
        update(stream).where(mine(tx, stream), stream.c.kind == "files", stream.c.place_ref == batch_id).values(**rest)
    )
    open_ones = (mine(tx, change), change.c.what == "import", change.c.undone_at.is_(None))
    for row in all_rows(tx, select(change).where(*open_ones)):
        if row["before"][0][1] == batch_id:
            tx.connection.execute(
                update(change).where(mine(tx, change), change.c.id == row["id"]).values(undone_at=now)
            )


def _own_anew(tx: Tx) -> bool:
    """Infer the owner's addresses from what is left; whether that changed who the owner is."""
    before = own_match_forms(tx)
    tx.connection.execute(delete(own_address).where(mine(tx, own_address), own_address.c.origin == "inferred"))
    store_inferred(tx)
    if own_match_forms(tx) == before:
        return False
    rebuild_touches(tx)
    return True


def _touched(tx: Tx, found: Undoing) -> list[str]:
    """The contacts whose evidence changed, and whom they brought in."""
    touched = set(found.contacts)
    for part in chunks(sorted(found.addresses)):
        here = (mine(tx, address), address.c.id.in_(part), address.c.contact_id.is_not(None))
        touched |= {row["contact_id"] for row in all_rows(tx, select(address.c.contact_id).where(*here))}
        brought = (mine(tx, contact), contact.c.introducer_address_id.in_(part))
        touched |= {row["id"] for row in all_rows(tx, select(contact.c.id).where(*brought))}
    return sorted(touched)


def _drop_orphans(tx: Tx) -> None:
    """Addresses that nothing names any more, and questions about people who are gone."""
    named = select(participant.c.address_id).where(mine(tx, participant))
    carded = select(card_address.c.address_id).where(mine(tx, card_address))
    loose = (mine(tx, address), address.c.contact_id.is_(None), address.c.match != ERASED)
    tx.connection.execute(delete(address).where(*loose, address.c.id.not_in(named), address.c.id.not_in(carded)))
    people = select(contact.c.id).where(mine(tx, contact))
    gone = or_(suggestion.c.contact_a.not_in(people), suggestion.c.contact_b.not_in(people))
    tx.connection.execute(delete(suggestion).where(mine(tx, suggestion), suggestion.c.state != "joined", gone))


def _contact_ids(tx: Tx) -> set[str]:
    return {row["id"] for row in all_rows(tx, select(contact.c.id).where(mine(tx, contact)))}
