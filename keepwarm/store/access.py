"""Sign-in: sessions, one for each device, and tokens that work once.

Only hashes of tokens are kept. Called by `service.auth` in a system transaction, and by its pages as one owner.
`password_links`, `identities`, `invitations` and `tries` are the other ways in, and what slows guessing down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, changed, first, mine, value
from keepwarm.store.tables import one_time_token
from keepwarm.store.tables import session as table

DAYS = 30  # a session ends so long after its sign-in; ours: a month on one's own device
IDLE = timedelta(days=14)  # and after so many days without a visit; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A device that is signed in. ``id`` names it and opens nothing; ``seen_at``: the day, UTC, of its last visit."""

    id: str
    owner_id: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def new_one_time_token(tx: Tx, purpose: str, now: datetime, hours: float = 24) -> str:
    """A token for one use within ``hours``."""
    token = tx.new_id() + tx.new_id()
    row = {"token_hash": _hash(token), "purpose": purpose, "expires_at": now + timedelta(hours=hours)}
    tx.connection.execute(insert(one_time_token).values(**row))
    return token


def use_one_time_token(tx: Tx, token: str, purpose: str, now: datetime) -> bool:
    """Use it up; False if it is unknown, used, too old or for something else."""
    valid = _good_token(token, purpose, now)
    return changed(tx, update(one_time_token).where(valid).values(used_at=now)) == 1


def token_is_good(tx: Tx, token: str, purpose: str, now: datetime) -> bool:
    """Whether it could be used now; does not use it."""
    return first(tx, select(one_time_token.c.purpose).where(_good_token(token, purpose, now))) is not None


def new_session(tx: Tx, owner_id: str, now: datetime, days: int = DAYS, device: str = "") -> str:
    """A token for a session of ``days``; sessions that are over are cleared away."""
    tx.connection.execute(delete(table).where(~_lives(now)))
    token = tx.new_id() + tx.new_id()
    row = {
        "token_hash": _hash(token),
        "owner_id": owner_id,
        "created_at": now,
        "expires_at": now + timedelta(days=days),
        "seen_at": day_of(now),
        "device": device,
    }
    tx.connection.execute(insert(table).values(**row))
    return token


def session(tx: Tx, token: str, now: datetime) -> Session | None:
    """The session behind a token; None once it is over."""
    row = first(tx, select(table).where(table.c.token_hash == _hash(token), _lives(now)))
    return _session(row) if row else None


def see(tx: Tx, token: str, now: datetime) -> None:
    """Note that a session was used today."""
    tx.connection.execute(update(table).where(table.c.token_hash == _hash(token)).values(seen_at=day_of(now)))


def rotate(tx: Tx, token: str, now: datetime) -> str | None:
    """Another token for the same session; the one of before is worth nothing. None where there is no such session."""
    new = tx.new_id() + tx.new_id()
    here = update(table).where(table.c.token_hash == _hash(token), _lives(now))
    return new if changed(tx, here.values(token_hash=_hash(new))) == 1 else None


def sessions(tx: Tx, now: datetime) -> list[Session]:
    """The devices on which this owner is signed in, the last used first."""
    query = select(table).where(mine(tx, table), _lives(now))
    return [_session(row) for row in all_rows(tx, query.order_by(table.c.seen_at.desc(), table.c.created_at.desc()))]


def end_session(tx: Tx, token: str) -> None:
    tx.connection.execute(delete(table).where(table.c.token_hash == _hash(token)))


def end_device(tx: Tx, session_id: str) -> bool:
    """Sign this owner out on one device; False if there is no such one."""
    return changed(tx, delete(table).where(mine(tx, table), table.c.token_hash == session_id)) == 1


def end_others(tx: Tx, token: str) -> int:
    """Sign this owner out everywhere but here; on how many devices."""
    return changed(tx, delete(table).where(mine(tx, table), table.c.token_hash != _hash(token)))


def end_sessions(tx: Tx, owner_id: str) -> None:
    """End all sessions of an owner (their password changed)."""
    tx.connection.execute(delete(table).where(table.c.owner_id == owner_id))


def day_of(now: datetime) -> datetime:
    """The beginning of the day, UTC: when somebody was there is kept to the day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _lives(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.expires_at > now, table.c.seen_at >= day_of(now) - IDLE)


def _good_token(token: str, purpose: str, now: datetime) -> ColumnElement[bool]:
    fits = and_(one_time_token.c.token_hash == _hash(token), one_time_token.c.purpose == purpose)
    return and_(fits, one_time_token.c.expires_at > now, one_time_token.c.used_at.is_(None))


def _session(row: Row) -> Session:
    return value(Session, row, id=row["token_hash"])


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
