"""An import of records taken back: what it made goes, what it changed becomes as it was. Called by `removal`.

People stay while anything else speaks for them that the import did not bring: a note, a promise, a tag, a place in the
plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, delete, or_, select, update

from keepwarm.store.changelog import own_key, restore, table_named
from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import may_stand
from keepwarm.store.moving.written import written
from keepwarm.store.own import own_match_forms
from keepwarm.store.rows import Row, all_rows, chunks, mine
from keepwarm.store.tables import (
    address,
    brought,
    card,
    contact,
    follow_up,
    note,
    plan_entry,
    promise,
    suggestion,
    tag,
)
from keepwarm.store.tables import owner as owner_table
from keepwarm.store.touches import rebuild_touches

SPEAKING = (note, promise, plan_entry, tag)


def take_back(tx: Tx, batch_id: str, now: datetime) -> int:
    """How many records it had put in."""
    rows = [row for row in written(tx, batch_id) if row["table_name"]]
    if not rows:
        return 0
    before = own_match_forms(tx)
    staying = _staying(tx, rows)
    for row in rows:
        if row["table_name"] == owner_table.name:
            here = update(owner_table).where(owner_table.c.id == tx.owner_id)
            tx.connection.execute(here.values(**row["before"]))
    images = [_image(row) for row in rows if row["table_name"] != owner_table.name and row["key"] not in staying]
    gone = [key for name, key, image in images if name == contact.name and image is None]
    _let_go(tx, gone)
    restore(tx, images, now)
    tx.connection.execute(delete(brought).where(mine(tx, brought), brought.c.batch_id == batch_id))
    if own_match_forms(tx) != before:
        rebuild_touches(tx)
    return len(rows)


def _image(row: Row) -> list[Any]:
    table = table_named(row["table_name"])
    key = int(row["key"]) if isinstance(own_key(table).type, BigInteger) else row["key"]
    return [row["table_name"], key, row["before"]]


def _staying(tx: Tx, rows: Sequence[Row]) -> set[str]:
    """Those of the people it made who have something that it did not bring."""
    made = [row["key"] for row in rows if row["table_name"] == contact.name and row["before"] is None]
    keys = {row["key"] for row in rows}
    found: set[str] = set()
    for table in SPEAKING:
        query = select(table.c.id, table.c.contact_id).where(mine(tx, table))
        for part in chunks(made):
            spoken = all_rows(tx, query.where(table.c.contact_id.in_(part)))
            found |= {row["contact_id"] for row in spoken if row["id"] not in keys}
    return found


def _let_go(tx: Tx, gone: Sequence[str]) -> None:
    """What hangs on people who go: their addresses are nobody's, a follow-up in a calendar is left to the planner."""
    for part in chunks(gone):
        for table in (address, card):
            here = (mine(tx, table), table.c.contact_id.in_(part))
            tx.connection.execute(update(table).where(*here).values(contact_id=None))
        theirs = (mine(tx, follow_up), follow_up.c.contact_id.in_(part))
        tx.connection.execute(delete(follow_up).where(*theirs, ~may_stand()))
        either = or_(suggestion.c.contact_a.in_(part), suggestion.c.contact_b.in_(part))
        tx.connection.execute(delete(suggestion).where(mine(tx, suggestion), either, suggestion.c.state == "open"))
