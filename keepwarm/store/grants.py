"""What an account's provider gave us to act, sealed. Called through `keepwarm.store.accounts`.

The store keeps what it is handed; sealing and opening is `workers.sealing`, whose key lies elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, not_, or_, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, first, insert_new, mine, value
from keepwarm.store.tables import grant as table
from keepwarm.store.tables import stream
from keepwarm.store.withdrawn import is_withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A grant as it is stored. ``key_id`` names the key that opens it."""

    account_id: str
    owner_id: str
    sealed: str = field(repr=False)
    key_id: str


def keep_grant(tx: Tx, account_id: str, sealed: str, key_id: str, now: datetime | None = None) -> None:
    """Store the grant of an account in place of any earlier one; ``now``: it has to be renewed in time.

    Notices are asked for anew then: those that stood may have ended with the grant before.
    """
    values = {"sealed": sealed, "key_id": key_id, "renewed_at": now}
    here = (mine(tx, table), table.c.account_id == account_id)
    if now is not None:
        streams = (mine(tx, stream), stream.c.account_id == account_id)
        tx.connection.execute(update(stream).where(*streams).values(subscribe_at=None))
    if changed(tx, update(table).where(*here).values(**values)) == 0:
        insert_new(tx, table, [{"account_id": account_id, "owner_id": tx.owner_id, "lease_until": None} | values])


def grant(tx: Tx, account_id: str) -> Sealed | None:
    """The grant of an account; None if there is none."""
    row = first(tx, select(table).where(mine(tx, table), table.c.account_id == account_id))
    return value(Sealed, row) if row is not None else None


def lease_grant(tx: Tx, account_id: str, now: datetime, until: datetime) -> bool:
    """Take the right to renew it; False while somebody else has it, or where there is none."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    here = (mine(tx, table), table.c.account_id == account_id, free)
    return changed(tx, update(table).where(*here).values(lease_until=until)) == 1


def release_grant(tx: Tx, account_id: str, until: datetime) -> None:
    """Give that right back."""
    here = (mine(tx, table), table.c.account_id == account_id, table.c.lease_until == until)
    tx.connection.execute(update(table).where(*here).values(lease_until=None))


def keep_renewed(tx: Tx, old: Sealed, until: datetime, sealed: str, key_id: str, now: datetime) -> bool:
    """Store what the ``old`` grant was renewed to, and give the right back; False if it was replaced meanwhile.

    Also by one whose right ran out in the exchange, as long as the old grant still stands: a provider that gives a new
    token takes back the old one.
    """
    ours = or_(table.c.lease_until == until, table.c.sealed == old.sealed)
    here = (mine(tx, table), table.c.account_id == old.account_id, ours)
    values = {"sealed": sealed, "key_id": key_id, "lease_until": None, "renewed_at": now}
    return changed(tx, update(table).where(*here).values(**values)) == 1


def take_idle(tx: Tx, account_id: str, before: datetime, as_of: datetime) -> str | None:
    """The owner's id, if the grant was not renewed since then, for one who does; to others it is as old as ``as_of``.

    For a system transaction.
    """
    here = (table.c.account_id == account_id, table.c.renewed_at <= before, not_(is_withdrawn(table.c.account_id)))
    row = first(tx, update(table).where(*here).values(renewed_at=as_of).returning(table.c.owner_id))
    return row["owner_id"] if row else None


def idle_grants(tx: Tx, before: datetime, limit: int = 100) -> list[str]:
    """Account ids of grants that were not renewed since then and have to be; for a system transaction.

    A dead one is left alone: to try it again would tell the owner as of something new.
    """
    lives = not_(is_withdrawn(table.c.account_id))
    query = select(table.c.account_id).where(table.c.renewed_at <= before, lives).order_by(table.c.renewed_at)
    return [row["account_id"] for row in all_rows(tx, query.limit(limit))]


def forget_grant(tx: Tx, account_id: str) -> None:
    """Absent is success."""
    tx.connection.execute(delete(table).where(mine(tx, table), table.c.account_id == account_id))


def grants_under(tx: Tx, *, other_than: str, limit: int = 100) -> list[Sealed]:
    """Grants of all owners that are sealed under another key than this one; for a system transaction."""
    query = select(table).where(table.c.key_id != other_than).order_by(table.c.account_id).limit(limit)
    return [value(Sealed, row) for row in all_rows(tx, query)]


def reseal(tx: Tx, old: Sealed, sealed: str, key_id: str) -> bool:
    """Put the same grant under another key, unless it changed meanwhile."""
    same = (table.c.account_id == old.account_id, table.c.sealed == old.sealed)
    return changed(tx, update(table).where(*same).values(sealed=sealed, key_id=key_id)) == 1
