"""Accounts whose access was withdrawn, which reading met, or sending. Called through `keepwarm.store.accounts`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import account as table
from keepwarm.store.tables import stream


def note_withdrawn(tx: Tx, account_id: str | None, now: datetime) -> None:
    """Something could not go out for that. An account that only sends has no stream that could tell."""
    here = (mine(tx, table), table.c.id == account_id, table.c.revoked_at.is_(None))
    tx.connection.execute(update(table).where(*here).values(revoked_at=now))


def let_in_again(tx: Tx, account_id: str | None) -> None:
    """Something went out, or the account was connected anew; there is no reason to wait with a look either."""
    here = (
        mine(tx, table),
        table.c.id == account_id,
        or_(table.c.revoked_at.is_not(None), table.c.read_back_at.is_not(None)),
    )
    tx.connection.execute(update(table).where(*here).values(revoked_at=None, read_back_at=None))


def withdrawn(tx: Tx) -> set[str]:
    """Ids of the owner's accounts that only the owner can mend."""
    query = select(table.c.id).where(mine(tx, table), table.c.disconnected_at.is_(None), is_withdrawn(table.c.id))
    return {row["id"] for row in all_rows(tx, query)}


def is_withdrawn(account_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether access to the account in that column was withdrawn, as far as anybody noticed."""
    read = exists().where(stream.c.account_id == account_id, stream.c.revoked_at.is_not(None))
    other = table.alias()
    return or_(read, exists().where(other.c.id == account_id, other.c.revoked_at.is_not(None)))


def look_back_at(tx: Tx, account_id: str, at: datetime) -> None:
    """When to look again for what the owner did with our entries there."""
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id == account_id).values(read_back_at=at))
