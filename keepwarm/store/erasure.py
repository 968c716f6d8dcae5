"""Erasing somebody: all that tells about them goes, a salted mark stays so that no source brings them back (H7).

Called through `keepwarm.store.contacts`. What happened (a mail on a day) stays, without
name and address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, or_, select, update

from keepwarm.store.arrivals import delete_items
from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import may_stand
from keepwarm.store.judging import block
from keepwarm.store.listing import brought_in, refresh
from keepwarm.store.people import contact as read_contact
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import (
    ERASED,
    address,
    card,
    card_address,
    change,
    contact,
    follow_up,
    introduction,
    note,
    outbox,
    participant,
    plan_entry,
    promise,
    sighting,
    suggestion,
    tag,
    talk,
)
from keepwarm.store.traces import Traces, blank_events, joined_to, mentions, traces
from keepwarm.texts import mark

OURS_TO_DELETE = (note, promise, plan_entry, introduction, tag)
ERASED_SINCE = mark("Somebody it was about was erased.")


def erase(tx: Tx, contact_id: str, now: datetime) -> None:
    """Erase a contact for good: there is no undo. Raises NotFound."""
    name = read_contact(tx, contact_id, now).name
    found = traces(tx, contact_id)
    block(tx, [contact_id], None)
    brought = brought_in(tx, [contact_id])
    addresses = found.addresses
    cards = [*_ids(tx, card, contact_id), *_nobodys_cards(tx, addresses)]
    own = [each for table in OURS_TO_DELETE for each in _ids(tx, table, contact_id)]
    keys = {str(each) for each in (*found.ids, *addresses, *cards, *own)}
    _forget_changes(tx, contact_id, name, keys)
    _empty_outbox(tx, found, now)
    blank_events(tx, found)
    for table in OURS_TO_DELETE:
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.contact_id == contact_id))
    asked = (mine(tx, introduction), introduction.c.via_id == contact_id)
    tx.connection.execute(delete(introduction).where(*asked))
    introduces = (mine(tx, plan_entry), plan_entry.c.introducer_id == contact_id)
    tx.connection.execute(update(plan_entry).where(*introduces).values(introducer_id=None))
    either = or_(suggestion.c.contact_a == contact_id, suggestion.c.contact_b == contact_id)
    tx.connection.execute(delete(suggestion).where(mine(tx, suggestion), either))
    _let_go_of_follow_ups(tx, contact_id)
    for part in chunks(found.events):
        tx.connection.execute(delete(talk).where(mine(tx, talk), talk.c.event_id.in_(part)))
    delete_items(tx, card, cards)
    _blank(tx, addresses)
    tx.connection.execute(delete(contact).where(mine(tx, contact), contact.c.id == contact_id))
    refresh(tx, {contact_id} | brought, now)


def _ids(tx: Tx, table: Table, contact_id: str) -> list[Any]:
    return [
        row["id"] for row in all_rows(tx, select(table.c.id).where(mine(tx, table), table.c.contact_id == contact_id))
    ]


def _nobodys_cards(tx: Tx, addresses: Sequence[int]) -> list[int]:
    """Cards that are nobody's and hold one of these addresses: a provider noted them (source ``google_other``)."""
    found: set[int] = set()
    for part in chunks(addresses):
        joined = select(card.c.id).join(card_address, card_address.c.card_id == card.c.id)
        here = (mine(tx, card), card.c.contact_id.is_(None), card_address.c.address_id.in_(part))
        found |= {row["id"] for row in all_rows(tx, joined.where(*here))}
    return sorted(found)


def _let_go_of_follow_ups(tx: Tx, contact_id: str) -> None:
    """Those in the calendar stay as bare rows: the planner sees that nobody is behind them and removes the event."""
    here = (mine(tx, follow_up), follow_up.c.contact_id == contact_id)
    tx.connection.execute(delete(follow_up).where(*here, ~may_stand()))
    tx.connection.execute(update(follow_up).where(*here).values(reason={}))


def _blank(tx: Tx, addresses: Sequence[int]) -> None:
    """Take names and addresses away; the key stays, so a further import finds the place taken by nobody."""
    for part in chunks(addresses):
        people = (mine(tx, participant), participant.c.address_id.in_(part))
        _blank_images(tx, part)
        tx.connection.execute(update(participant).where(*people).values(name=""))
        values = {"contact_id": None, "match": ERASED, "address": ERASED}
        tx.connection.execute(update(address).where(mine(tx, address), address.c.id.in_(part)).values(**values))


def _blank_images(tx: Tx, addresses: Sequence[int]) -> None:
    """The same in what other imports hold of changed events."""
    theirs = select(participant.c.item_id).where(mine(tx, participant), participant.c.address_id.in_(addresses))
    query = select(sighting).where(mine(tx, sighting), sighting.c.kind == "e", sighting.c.item_id.in_(theirs))
    for row in all_rows(tx, query):
        if not row["image"]:
            continue
        links = [each | {"name": ""} if each["address_id"] in addresses else each for each in row["image"]["links"]]
        here = (mine(tx, sighting), sighting.c.item_id == row["item_id"], sighting.c.batch_id == row["batch_id"])
        tx.connection.execute(update(sighting).where(*here).values(image=row["image"] | {"links": links}))


def _empty_outbox(tx: Tx, found: Traces, now: datetime) -> None:
    """What waits is not sent; the rows stay, so that nothing goes out twice, and tell no more (RELIABILITY.md B)."""
    subjects = {*found.ids, *map(str, found.events)}
    for row in found.intents:
        about = row["subject_ref"] in subjects
        here = update(outbox).where(mine(tx, outbox), outbox.c.id == row["id"])
        if about or mentions(row["payload"].get("whom"), found.ids):
            due = here.where(outbox.c.state == "due", outbox.c.kind != "follow_up_remove")
            tx.connection.execute(due.values(state="skipped", reason=ERASED_SINCE, settled_at=now))
        tx.connection.execute(here.values(payload={} if about else _without(row["payload"], found.ids)))


def _without(payload: dict[str, Any], ids: Sequence[str]) -> dict[str, Any]:
    """A payload that speaks of several people, without these."""
    return {name: _left(each, ids) for name, each in payload.items()}


def _left(held: Any, ids: Sequence[str]) -> Any:
    if isinstance(held, list):
        return [each for each in held if not mentions(each, ids)]
    return "" if mentions(held, ids) else held


def _forget_changes(tx: Tx, contact_id: str, name: str, keys: set[str]) -> None:
    """Take every image of them out of the undo log, and the label that may name them.

    A row of theirs that was removed since is known by the image that was taken then; so is whoever was joined to them.
    """
    rows = all_rows(tx, select(change).where(mine(tx, change)))
    joined = joined_to(rows, contact_id)
    ids = {contact_id, *joined}
    keys = keys | ids | {str(image[1]) for row in rows for image in row["before"] if _about(image, ids, keys)}
    for each in {name, *joined.values()}:
        tx.connection.execute(update(change).where(mine(tx, change), change.c.label == each).values(label=""))
    for row in rows:
        kept = [image for image in row["before"] if not _about(image, ids, keys)]
        here = (mine(tx, change), change.c.id == row["id"])
        if not kept and row["before"]:
            tx.connection.execute(delete(change).where(*here))
        elif len(kept) < len(row["before"]):
            tx.connection.execute(update(change).where(*here).values(before=kept, label=""))


def _about(image: list[Any], ids: set[str], keys: set[str]) -> bool:
    _table, key, row = image
    whose = {(row or {}).get(side) for side in ("contact_id", "contact_a", "contact_b")}
    return str(key) in keys or not ids.isdisjoint(whose)
