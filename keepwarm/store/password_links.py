"""Ways to a new password, asked for by anybody who names an address or made by the command; and to a new address.

What the page writes is the same for every address; whose it is, a worker looks up afterwards (`workers.letting_in`).
The address of a link follows from its id, so nothing that is kept here opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, first, mine
from keepwarm.store.tables import password_link as table

ADDRESS_LASTS = timedelta(hours=24)  # ours: whoever reads that mailbox may do so tomorrow
LASTS = timedelta(hours=1)  # ours; OWASP "Forgot Password Cheat Sheet": short


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """The address with which an owner wants to sign in."""

    owner_id: str
    address: str


def ask(tx: Tx, email: str, now: datetime) -> str:
    """Note that somebody asks for this address, whether or not it is anybody's; the id (system transaction)."""
    return _insert(tx, now, owner_id="", email=email.strip().lower(), answered_at=None)


def make(tx: Tx, now: datetime) -> str:
    """A link for the owner of this transaction; its id."""
    return _insert(tx, now, owner_id=tx.owner_id, email="", answered_at=now)


def make_for_address(tx: Tx, address: str, now: datetime) -> str:
    """A link by which this address becomes the owner's; its id. Those made before for another one work no more."""
    here = (mine(tx, table), table.c.used_at.is_(None), table.c.email != "")
    tx.connection.execute(update(table).where(*here).values(used_at=now))
    return _insert(tx, now, owner_id=tx.owner_id, email=address, answered_at=now, lasts=ADDRESS_LASTS)


def wanted_address(tx: Tx, link_id: str, now: datetime) -> NewAddress | None:
    """Whose address it would change now, and to which; None if it is unknown, used or too old (system transaction)."""
    row = first(tx, select(table.c.owner_id, table.c.email).where(_good(link_id, now, for_address=True)))
    return NewAddress(owner_id=row["owner_id"], address=row["email"]) if row else None


def use_address(tx: Tx, link_id: str, now: datetime) -> bool:
    """Use up a link to a new address, as ``use`` does."""
    return _use(tx, link_id, now, for_address=True)


def awaited_address(tx: Tx, now: datetime) -> str:
    """The address that this owner was asked to confirm and has not yet; empty for none."""
    lives = (table.c.used_at.is_(None), table.c.expires_at > now, table.c.email != "")
    row = first(tx, select(table.c.email).where(mine(tx, table), *lives))
    return str(row["email"]) if row else ""


def waiting(tx: Tx, now: datetime, limit: int = 100) -> list[str]:
    """Ids that nobody has answered yet and somebody still can, the oldest first."""
    open_ = (table.c.answered_at.is_(None), table.c.expires_at > now)
    query = select(table.c.id).where(*open_).order_by(table.c.asked_at, table.c.id)
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
    return _use(tx, link_id, now)


def _use(tx: Tx, link_id: str, now: datetime, *, for_address: bool = False) -> bool:
    here = (mine(tx, table), _good(link_id, now, for_address=for_address))
    used = changed(tx, update(table).where(*here).values(used_at=now)) == 1
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


def _insert(
    tx: Tx, now: datetime, *, owner_id: str, email: str, answered_at: datetime | None, lasts: timedelta = LASTS
) -> str:
    row = {"id": tx.new_id(), "owner_id": owner_id, "email": email, "asked_at": now, "expires_at": now + lasts}
    tx.connection.execute(insert(table).values(**row, answered_at=answered_at))
    return str(row["id"])


def _good(link_id: str, now: datetime, *, for_address: bool = False) -> ColumnElement[bool]:
    """An answered link to a new password holds no address, one to a new address holds it."""
    kind = table.c.email != "" if for_address else table.c.email == ""
    lives = and_(table.c.expires_at > now, table.c.used_at.is_(None))
    return and_(table.c.id == link_id, table.c.owner_id != "", kind, lives)
