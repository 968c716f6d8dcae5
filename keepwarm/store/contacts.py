"""Who is in the owner's life: detection, reading, and what the owner says about people.

Called by `workers.sync`, the command and the pages. Subjects with a file each: `evidence` and `detecting`, `people`,
`judging`, `erasure`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from keepwarm.store.database import Tx
from keepwarm.store.detecting import Detected, detect, has_news
from keepwarm.store.erasure import erase
from keepwarm.store.judging import (
    accept,
    add_contact,
    choose,
    decline_suggestion,
    edit,
    edit_many,
    ignore,
    join,
    lay_to_rest,
    never,
    release,
)
from keepwarm.store.people import ContactRow, contact, contact_rows, contacts
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import address, event, note, touch
from keepwarm.store.tables import contact as contact_table
from keepwarm.store.tables import suggestion as suggestion_table

__all__ = [
    "ContactRow", "Detected", "Happening", "Suggestion", "accept", "add_contact", "choose", "contact", "contact_rows",
    "contacts", "decline_suggestion", "detect", "edit", "edit_many", "erase", "has_news", "ignore", "join",
    "lay_to_rest", "never", "release", "suggested", "suggestions", "timeline",
]  # fmt: skip

KINDS = {"s": "sent", "r": "received", "m": "meeting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two that are likely one person; ``reason`` holds "key" and "values" for `keepwarm.contacts.likely_reason`."""

    id: str
    a: ContactRow
    b: ContactRow
    reason: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One moment with a contact: ``kind`` is sent, received, meeting, note or in_touch; only meetings have a title."""

    at: datetime
    kind: str
    title: str | None


def suggestions(tx: Tx, now: datetime, *, limit: int | None = None, offset: int = 0) -> list[Suggestion]:
    """The open questions whether two are one, among people who are proposed or active."""
    table = suggestion_table
    rows = all_rows(tx, _open_pairs(tx).order_by(table.c.id).limit(limit).offset(offset))
    people = contact_rows(tx, list({row[side] for row in rows for side in ("contact_a", "contact_b")}), now)
    shown = {key: each for key, each in people.items() if each.state in ("proposed", "active")}
    return [
        Suggestion(id=row["id"], a=shown[row["contact_a"]], b=shown[row["contact_b"]], reason=row["reason"])
        for row in rows
        if row["contact_a"] in shown and row["contact_b"] in shown
    ]


def suggested(tx: Tx) -> int:
    """How many such questions are open."""
    return int(tx.connection.execute(select(func.count()).select_from(_open_pairs(tx).subquery())).scalar_one())


def _open_pairs(tx: Tx) -> Select[Any]:
    table, a, b = suggestion_table, contact_table.alias(), contact_table.alias()
    both = table.join(a, a.c.id == table.c.contact_a).join(b, b.c.id == table.c.contact_b)
    here = (mine(tx, table), mine(tx, a), mine(tx, b), table.c.state == "open")
    return select(table).select_from(both).where(*here, *(each.c.state.in_(("proposed", "active")) for each in (a, b)))


def timeline(tx: Tx, contact_id: str, now: datetime, limit: int = 50) -> list[Happening]:
    """What happened with somebody up to now, newest first. Mails have no title: none is kept."""
    touched = (
        select(touch.c.at, touch.c.kind, event.c.title)
        .join(address, address.c.id == touch.c.address_id)
        .outerjoin(event, (event.c.id == touch.c.item_id) & (touch.c.kind == "m"))
        .where(mine(tx, touch), address.c.contact_id == contact_id, touch.c.at <= now)
        .distinct()
        .order_by(touch.c.at.desc())
        .limit(limit)
    )
    noted = select(note.c.at, note.c.no_talk).where(mine(tx, note), note.c.contact_id == contact_id, note.c.at <= now)
    found = [Happening(at=row["at"], kind=KINDS[row["kind"]], title=row["title"]) for row in all_rows(tx, touched)]
    found += [
        Happening(at=row["at"], kind="in_touch" if row["no_talk"] else "note", title=None)
        for row in all_rows(tx, noted)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:limit]
