"""Ways to a new password: asked for by anybody who names an address, or made by the command for one owner.

What the page writes is the same for every address; whose it is, a worker looks up afterwards (`workers.letting_in`).
The address of a link follows from its id, so nothing that is kept here opens anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, first, mine
from keepwarm.store.tables import password_link as table

LASTS = timedelta(hours=1)  # brief of the issue; OWASP "Forgot Password Cheat Sheet": short


def ask(tx: Tx, email: str, now: datetime) -> str:
    """Note that somebody asks for this address, whether or not it is anybody's; the id (system transaction)."""
    return _insert(tx, now, owner_id="", email=email.strip().lower(), answered_at=None)


def make(tx: Tx, now: datetime) -> str:
    """A link for the owner of this transaction; its id."""
    return _insert(tx, now, owner_id=tx.owner_id, email="", answered_at=now)


def waiting(tx: Tx, limit: int = 100) -> list[str]:
    """Ids that nobody has answered yet, the oldest first."""
    query = select(table.c.id).where(table.c.answered_at.is_(None)).order_by(table.c.asked_at, table.c.id)
    return [row["id"] for row in all_rows(tx, query.limit(limit))]


def take(tx: Tx, link_id: str, now: datetime) -> str | None:
    """The address that was asked for, once; None if another worker has answered, or it is too late."""
    open_ = (table.c.id == link_id, table.c.answered_at.is_(None), table.c.expires_at > now)
    row = first(tx, update(table).where(*open_).values(answered_at=now).returning(table.c.email))
    return str(row["email"]) if row else None


def give(tx: Tx, link_id: str) -> None:
    """It is this owner's; the address is not needed any more."""
    tx.connection.execute(update(table).where(table.c.id == link_id).values(owner_id=tx.owner_id, email=""))


def drop(tx: Tx, link_id: str) -> None:
    """It was nobody's address."""
    tx.connection.execute(delete(table).where(table.c.id == link_id, table.c.owner_id == ""))


def whose(tx: Tx, link_id: str, now: datetime) -> str | None:
    """The owner whom it would give a new password now; None if it is unknown, used or too old."""
    row = first(tx, select(table.c.owner_id).where(_good(link_id, now)))
    return str(row["owner_id"]) if row else None


def use(tx: Tx, link_id: str, now: datetime) -> bool:
    """Use it up, and every other link of this owner with it; False if it is not this owner's, used or too old."""
    used = changed(tx, update(table).where(mine(tx, table), _good(link_id, now)).values(used_at=now)) == 1
    if used:
        end_all(tx, now)
    return used


def end_all(tx: Tx, now: datetime) -> None:
    """No link of this owner works any more."""
    tx.connection.execute(update(table).where(mine(tx, table), table.c.used_at.is_(None)).values(used_at=now))


def expires_at(tx: Tx, link_id: str) -> datetime | None:
    """Until when one of this owner's works; None once it is used."""
    row = first(tx, select(table.c.expires_at).where(mine(tx, table), table.c.id == link_id, table.c.used_at.is_(None)))
    return row["expires_at"] if row else None


def _insert(tx: Tx, now: datetime, *, owner_id: str, email: str, answered_at: datetime | None) -> str:
    row = {"id": tx.new_id(), "owner_id": owner_id, "email": email, "asked_at": now, "expires_at": now + LASTS}
    tx.connection.execute(insert(table).values(**row, answered_at=answered_at))
    return str(row["id"])


def _good(link_id: str, now: datetime) -> ColumnElement[bool]:
    lives = and_(table.c.expires_at > now, table.c.used_at.is_(None))
    return and_(table.c.id == link_id, table.c.owner_id != "", lives)
