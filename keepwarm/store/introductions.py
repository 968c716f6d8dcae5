"""Requests to be introduced, as the owner noted them. Called by the command and the pages. All can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.introductions import SAID, Request, RequestStanding, request_standing
from keepwarm.plan import Happened
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow, must_exist
from keepwarm.store.planning import happened
from keepwarm.store.rows import Row, all_rows, first, mine
from keepwarm.store.tables import introduction as table
from keepwarm.store.world import World, meet


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """One request: whom the owner asked (``via``), whom they want to meet, how it stands."""

    id: str
    via: ContactRow
    whom: ContactRow
    standing: RequestStanding


def introductions(tx: Tx, at_now: World) -> list[Introduction]:
    """All that concern active people, the newest first."""
    query = select(table).where(mine(tx, table)).order_by(table.c.created_at.desc(), table.c.id)
    found = all_rows(tx, query)
    meet(at_now, (row[side] for row in found for side in ("via_id", "contact_id")))
    rows = [row for row in found if row["via_id"] in at_now.people and row["contact_id"] in at_now.people]
    since = min((row["said_at"] for row in rows), default=at_now.now)
    went_on = happened(tx, at_now, sorted({row[side] for row in rows for side in ("via_id", "contact_id")}), since)
    return [_introduction(row, at_now, went_on) for row in rows]


def ask(tx: Tx, now: datetime, *, via_id: str, contact_id: str) -> str:
    """Note that the owner asked; the id. Raises NotFound, and NotPossible for the same request twice."""
    must_exist(tx, via_id)
    whom = must_exist(tx, contact_id)
    if via_id == contact_id:
        raise NotPossible("Nobody introduces you to themselves. Nothing was changed.")
    same = (mine(tx, table), table.c.via_id == via_id, table.c.contact_id == contact_id)
    if first(tx, select(table.c.id).where(*same)) is not None:
        raise NotPossible("You asked this before; it stands in your plan. Nothing was changed.")
    row: dict[str, Any] = {"id": tx.new_id(), "owner_id": tx.owner_id, "via_id": via_id, "contact_id": contact_id}
    with recording(tx, "introduction", whom["name"], now) as record:
        record.added(table, [row["id"]])
        tx.connection.execute(insert(table).values(**row, said="asked", said_at=now, created_at=now))
    return str(row["id"])


def say(tx: Tx, introduction_id: str, now: datetime, said: str) -> None:
    """The owner's word on how it stands. Raises NotFound."""
    if said not in SAID:
        raise ValueError(f"not a word on an introduction: {said}")
    _row(tx, introduction_id)
    with recording(tx, "introduction", "", now) as record:
        record.before(table, [introduction_id], columns=["said", "said_at"])
        here = (mine(tx, table), table.c.id == introduction_id)
        tx.connection.execute(update(table).where(*here).values(said=said, said_at=now))


def remove(tx: Tx, introduction_id: str, now: datetime) -> None:
    """Forget a request. Raises NotFound."""
    _row(tx, introduction_id)
    with recording(tx, "introduction", "", now) as record:
        record.before(table, [introduction_id])
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.id == introduction_id))


def _row(tx: Tx, introduction_id: str) -> Row:
    row = first(tx, select(table).where(mine(tx, table), table.c.id == introduction_id))
    if row is None:
        raise NotFound("There is no such introduction.")
    return row


def _introduction(row: Row, at_now: World, went_on: dict[str, Happened]) -> Introduction:
    via, whom = at_now.people[row["via_id"]], at_now.people[row["contact_id"]]
    request = Request(via=via.name, whom=whom.name, said=row["said"], said_at=row["said_at"])
    standing = request_standing(request, went_on[via.id], went_on[whom.id], at_now.now, at_now.texts)
    return Introduction(id=row["id"], via=via, whom=whom, standing=standing)
