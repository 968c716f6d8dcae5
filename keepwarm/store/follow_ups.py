"""Follow-ups: next steps with a date, which become events in the owner's calendar.

Called by `workers.nextsteps`, `workers.effects`, the command and the pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from keepwarm.errors import NotFound
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, changed, first, insert_new, mine, value
from keepwarm.store.tables import contact
from keepwarm.store.tables import follow_up as follow_up_table
from keepwarm.store.tables import outbox as outbox_table


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """``wall`` is the local time as ISO text in ``zone``; ``contact_name`` is empty once nobody is behind it."""

    id: str
    contact_id: str
    contact_name: str
    cycle: str
    at: datetime
    zone: str
    wall: str
    state: str  # planned, placed, moved, deleted, done, removed
    reason: dict[str, Any]
    sequence: int
    event_fingerprint: str
    created_at: datetime
    account_id: str  # whose calendar its event stands in, once it is written; empty: ours
    missing_at: datetime | None = None  # when its event was not there at a look


def follow_ups(
    tx: Tx, *, states: Sequence[str] | None = None, since: datetime | None = None, contact_id: str | None = None
) -> list[FollowUp]:
    """Follow-ups by time; ``since``: those at that moment or later."""
    query = _follow_ups(tx).order_by(follow_up_table.c.at, follow_up_table.c.id)
    if states is not None:
        query = query.where(follow_up_table.c.state.in_(list(states)))
    if since is not None:
        query = query.where(follow_up_table.c.at >= since)
    if contact_id is not None:
        query = query.where(follow_up_table.c.contact_id == contact_id)
    return [_follow_up(row) for row in all_rows(tx, query)]


def follow_up(tx: Tx, follow_up_id: str) -> FollowUp:
    """One follow-up. Raises NotFound."""
    row = first(tx, _follow_ups(tx).where(follow_up_table.c.id == follow_up_id))
    if row is None:
        raise NotFound("There is no such follow-up.")
    return _follow_up(row)


def place(  # noqa: PLR0913 - a row's columns, each by name
    tx: Tx, *, id: str, contact_id: str, cycle: str, at: datetime, wall: str, zone: str, reason: dict[str, Any],  # noqa: A002 - the column's name
    now: datetime,
) -> None:  # fmt: skip
    """Plan it, or move it if it is there and live; in a period that has another one already nothing happens."""
    place = {"at": at, "wall": wall, "zone": zone, "reason": reason}
    row = {"id": id, "owner_id": tx.owner_id, "contact_id": contact_id, "cycle": cycle, "state": "planned"}
    here = (mine(tx, follow_up_table), follow_up_table.c.id == id)
    live = follow_up_table.c.state.in_(("planned", "placed", "moved"))
    if changed(tx, update(follow_up_table).where(*here, live).values(**place)) == 0:
        insert_new(
            tx,
            follow_up_table,
            [row | place | {"created_at": now, "event_fingerprint": "", "sequence": 0, "account_id": ""}],
        )


def change(  # noqa: PLR0913 - a row's columns, each by name
    tx: Tx, follow_up_id: str, *, state: str | None = None, at: datetime | None = None, wall: str | None = None,
    event_fingerprint: str | None = None, sequence: int | None = None, account_id: str | None = None,
) -> None:  # fmt: skip
    """Change what is given. Raises NotFound."""
    values = {"state": state, "at": at, "wall": wall, "sequence": sequence}
    values |= {"event_fingerprint": event_fingerprint, "account_id": account_id}
    given = {name: each for name, each in values.items() if each is not None}
    here = (mine(tx, follow_up_table), follow_up_table.c.id == follow_up_id)
    if given and changed(tx, update(follow_up_table).where(*here).values(**given)) == 0:
        raise NotFound("There is no such follow-up.")


def move(tx: Tx, standing: FollowUp, now: datetime, *, at: datetime, wall: str, sequence: int) -> None:
    """The owner puts it at another moment; one change, to be taken back."""
    with recording(tx, "move", standing.contact_name, now) as record:
        record.before(follow_up_table, [standing.id], columns=["state", "at", "wall"])
        change(tx, standing.id, state="moved", at=at, wall=wall, sequence=sequence)


def take_away(tx: Tx, standing: FollowUp, now: datetime) -> None:
    """The owner takes it out of the calendar; one change, to be taken back."""
    with recording(tx, "take_away", standing.contact_name, now) as record:
        record.before(follow_up_table, [standing.id], columns=["state"])
        change(tx, standing.id, state="deleted")


def note_missing(tx: Tx, follow_up_id: str, at: datetime | None) -> None:
    """Its event was not there when we looked; None: it is there."""
    here = (mine(tx, follow_up_table), follow_up_table.c.id == follow_up_id)
    tx.connection.execute(update(follow_up_table).where(*here).values(missing_at=at))


def may_stand() -> ColumnElement[bool]:
    """Follow-ups whose event may stand in a calendar: written, or tried with an answer that we never got."""
    written = follow_up_table.c.state.in_(("placed", "moved"))
    tried = exists().where(
        outbox_table.c.owner_id == follow_up_table.c.owner_id,
        outbox_table.c.subject_ref == follow_up_table.c.id,
        outbox_table.c.kind == "follow_up_put",
        outbox_table.c.fence > 0,
    )
    return or_(written, and_(follow_up_table.c.state == "planned", tried))


def _follow_ups(tx: Tx) -> Any:
    whose = and_(contact.c.id == follow_up_table.c.contact_id, contact.c.owner_id == follow_up_table.c.owner_id)
    query = select(follow_up_table, contact.c.name.label("contact_name"))
    return query.select_from(follow_up_table.outerjoin(contact, whose)).where(mine(tx, follow_up_table))


def _follow_up(row: Row) -> FollowUp:
    return value(FollowUp, row, contact_name=row["contact_name"] or "")
