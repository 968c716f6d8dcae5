"""Everything that is held about one person, row by row. Called by the page that shows it and hands it out.

What `erasure` takes away is what stands here: `tests/keepwarm/store/test_holdings.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select

from keepwarm.store.database import Tx
from keepwarm.store.people import must_exist
from keepwarm.store.rows import all_rows, chunks, mine
from keepwarm.store.tables import (
    EVENT_ROLES,
    address,
    card,
    card_address,
    change,
    contact,
    event,
    follow_up,
    introduction,
    message,
    note,
    participant,
    plan_entry,
    plays,
    promise,
    suggestion,
    tag,
    talk,
)
from keepwarm.store.traces import traces
from keepwarm.types import Role

Holdings = dict[str, list[dict[str, Any]]]  # by part, in the order they are shown: rows fit for JSON
BY_CONTACT = (("tags", tag), ("notes", note), ("promises", promise), ("plan", plan_entry), ("follow_ups", follow_up))
OURS = frozenset({"owner_id", "stream_id", "batch_id", "fingerprint", "event_fingerprint", "resource_ref", "match"})


def holdings(tx: Tx, contact_id: str) -> Holdings:
    """Every row about somebody. Moments are ISO 8601 in UTC, roles in words. Raises NotFound."""
    found: Holdings = {"contact": [_plain(must_exist(tx, contact_id))]}
    found["addresses"] = _rows(tx, address, address.c.contact_id == contact_id)
    ids = [each["id"] for each in found["addresses"]]
    found["cards"] = _cards(tx, contact_id, ids)
    found |= {name: _rows(tx, table, table.c.contact_id == contact_id) for name, table in BY_CONTACT}
    found["introductions"] = _rows(
        tx, introduction, or_(introduction.c.contact_id == contact_id, introduction.c.via_id == contact_id)
    )
    found["introduced"] = _introduced(tx, ids)
    found["pairs"] = _rows(
        tx, suggestion, or_(suggestion.c.contact_a == contact_id, suggestion.c.contact_b == contact_id)
    )
    found["mails"] = _mails(tx, ids)
    found["meetings"] = _meetings(tx, ids)
    found["talks"] = _among(tx, talk, talk.c.event_id, [each["item_id"] for each in found["meetings"]])
    found["sent"] = [_plain(row) for row in traces(tx, contact_id).intents]
    keys = {str(each["id"]) for part in found.values() for each in part if "id" in each} | {contact_id}
    found["changes"] = _changes(tx, keys)
    return found


def _rows(tx: Tx, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key))
    return [_plain(row) for row in all_rows(tx, select(table).where(mine(tx, table), which).order_by(key))]


def _among(tx: Tx, table: Table, column: ColumnElement[Any], values: Sequence[Any]) -> list[dict[str, Any]]:
    return [row for part in chunks(values) for row in _rows(tx, table, column.in_(part))]


def _cards(tx: Tx, contact_id: str, address_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Their cards, and those that are nobody's and hold an address of theirs."""
    loose = select(card_address.c.card_id).where(mine(tx, card_address), card_address.c.address_id.in_(address_ids))
    rows = _rows(tx, card, or_(card.c.contact_id == contact_id, card.c.contact_id.is_(None) & card.c.id.in_(loose)))
    for row in rows:
        query = select(address.c.address).join(card_address, card_address.c.address_id == address.c.id)
        held = all_rows(tx, query.where(mine(tx, address), card_address.c.card_id == row["id"]))
        row["addresses"] = sorted(each["address"] for each in held)
    return rows


def _introduced(tx: Tx, address_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Those whom they brought in: that much of them tells about this person too."""
    rows = []
    for part in chunks(address_ids):
        here = (mine(tx, contact), contact.c.introducer_address_id.in_(part))
        rows += [dict(row) for row in all_rows(tx, select(contact.c.id, contact.c.name).where(*here))]
    return rows


def _mails(tx: Tx, address_ids: Sequence[int]) -> list[dict[str, Any]]:
    """When they had which part in a mail, the newest first; of the mails themselves nothing is kept."""
    columns = (participant.c.item_id, participant.c.name, participant.c.roles, message.c.at)
    query = select(*columns).join(message, message.c.id == participant.c.item_id)
    return _parts_taken(tx, query, address_ids, ~plays(participant, *EVENT_ROLES), "at")


def _meetings(tx: Tx, address_ids: Sequence[int]) -> list[dict[str, Any]]:
    columns = (participant.c.item_id, participant.c.name, participant.c.roles, participant.c.reply)
    of_event = (event.c.title, event.c.start_at, event.c.end_at, event.c.location, event.c.cancelled, event.c.gone_at)
    query = select(*columns, *of_event).join(event, event.c.id == participant.c.item_id)
    return _parts_taken(tx, query, address_ids, plays(participant, *EVENT_ROLES), "start_at")


def _parts_taken(
    tx: Tx, query: Any, address_ids: Sequence[int], which: ColumnElement[bool], by: str
) -> list[dict[str, Any]]:
    rows = []
    for part in chunks(address_ids):
        here = (mine(tx, participant), participant.c.address_id.in_(part), which)
        rows += [_plain(row) for row in all_rows(tx, query.where(*here))]
    for row in rows:
        bits = row.pop("roles")
        row["roles"] = [str(role) for role in Role if role.bit & bits]
    return sorted(rows, key=lambda row: (row[by] or "", row["item_id"]), reverse=True)


def _changes(tx: Tx, keys: set[str]) -> list[dict[str, Any]]:
    """What the owner changed that keeps rows of theirs as they were, so that it can be taken back."""
    columns = (change.c.id, change.c.at, change.c.what, change.c.label, change.c.undone_at, change.c.before)
    rows = all_rows(tx, select(*columns).where(mine(tx, change)).order_by(change.c.id.desc()))
    found = []
    for row in rows:
        images = [image for image in row["before"] if str(image[1]) in keys or _names(image, keys)]
        if images:
            found.append(_plain({**row, "before": images}))
    return found


def _names(image: Sequence[Any], keys: set[str]) -> bool:
    row = image[2] or {}
    return any(row.get(each) in keys for each in ("contact_id", "contact_a", "contact_b"))


def _plain(row: Any) -> dict[str, Any]:
    return {name: _as_text(each) for name, each in dict(row).items() if name not in OURS}


def _as_text(each: Any) -> Any:
    return each.isoformat() if isinstance(each, datetime | date) else each
