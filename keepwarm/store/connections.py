"""The connected accounts. Called through `keepwarm.store.accounts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, mine, value
from keepwarm.store.tables import account as table

ONE_EACH = frozenset({"files", "local"})  # providers of which an owner has one account at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    provider: str
    name: str
    settings: dict[str, Any]
    connected_at: datetime


def accounts(tx: Tx) -> list[Account]:
    """The connected accounts, oldest first."""
    query = select(table).where(mine(tx, table), table.c.disconnected_at.is_(None))
    return [value(Account, row) for row in all_rows(tx, query.order_by(table.c.connected_at, table.c.id))]


def ensure_account(
    tx: Tx, *, provider: str, name: str = "", settings: Mapping[str, Any] | None = None, now: datetime
) -> Account:
    """The account of this provider and name, made if it is not there; for "files" and "local" there is one of each."""
    for each in accounts(tx):
        if each.provider == provider and (provider in ONE_EACH or each.name == name):
            return each
    row = {"id": tx.new_id(), "provider": provider, "name": name, "settings": dict(settings or {}), "connected_at": now}
    tx.connection.execute(insert(table).values(**row, owner_id=tx.owner_id))
    return value(Account, row)


def set_account(tx: Tx, account_id: str, **settings: Any) -> None:
    """Change settings of an account, such as ``drafts``: the owner allows texts among their drafts. Raises NotFound."""
    found = next((each for each in accounts(tx) if each.id == account_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    here = (mine(tx, table), table.c.id == account_id)
    tx.connection.execute(update(table).where(*here).values(settings=found.settings | settings))
