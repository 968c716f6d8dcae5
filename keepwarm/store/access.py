"""Sign-in: sessions and tokens that work once.

Only hashes are kept. Called by `service.auth` in a system transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import changed, first
from keepwarm.store.tables import one_time_token, session


def new_one_time_token(tx: Tx, purpose: str, now: datetime, hours: float = 24) -> str:
    """A token for one use within ``hours``."""
    token = tx.new_id() + tx.new_id()
    row = {"token_hash": _hash(token), "purpose": purpose, "expires_at": now + timedelta(hours=hours)}
    tx.connection.execute(insert(one_time_token).values(**row))
    return token


def use_one_time_token(tx: Tx, token: str, purpose: str, now: datetime) -> bool:
    """Use it up; False if it is unknown, used, too old or for something else."""
    table = one_time_token
    valid = (table.c.token_hash == _hash(token), table.c.purpose == purpose, table.c.expires_at > now)
    return changed(tx, update(table).where(*valid, table.c.used_at.is_(None)).values(used_at=now)) == 1


def token_is_good(tx: Tx, token: str, purpose: str, now: datetime) -> bool:
    """Whether it could be used now; does not use it."""
    table = one_time_token
    valid = (table.c.token_hash == _hash(token), table.c.purpose == purpose, table.c.expires_at > now)
    return first(tx, select(table.c.purpose).where(*valid, table.c.used_at.is_(None))) is not None


def new_session(tx: Tx, owner_id: str, now: datetime, days: int = 30) -> str:
    """A token for a session of ``days``; sessions that are over are cleared away."""
    tx.connection.execute(delete(session).where(session.c.expires_at <= now))
    token = tx.new_id() + tx.new_id()
    row = {
        "token_hash": _hash(token),
        "owner_id": owner_id,
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    tx.connection.execute(insert(session).values(**row))
    return token


def session_owner(tx: Tx, token: str, now: datetime) -> str | None:
    """Whose session it is; None once it is over."""
    good = (session.c.token_hash == _hash(token), session.c.expires_at > now)
    row = first(tx, select(session.c.owner_id).where(*good))
    return row["owner_id"] if row else None


def end_session(tx: Tx, token: str) -> None:
    tx.connection.execute(delete(session).where(session.c.token_hash == _hash(token)))


def end_sessions(tx: Tx, owner_id: str) -> None:
    """End all sessions of an owner (their password changed)."""
    tx.connection.execute(delete(session).where(session.c.owner_id == owner_id))


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
