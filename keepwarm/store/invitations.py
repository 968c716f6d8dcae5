"""Invitations to make an account of one's own here: by the operator, for one address, used once.

The address of an invitation follows from its id (`workers.letting_in`), so nothing that is kept here opens anything.
All in system transactions: an invitation is no owner's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, first, value
from keepwarm.store.tables import invitation as table

LASTS = timedelta(days=14)  # ours: somebody may be on holiday


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    id: str
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """open, taken, revoked, or over."""
        if self.used_at or self.revoked_at:
            return "taken" if self.used_at else "revoked"
        return "open" if self.expires_at > now else "over"


def invite(tx: Tx, email: str, now: datetime) -> Invitation:
    """An invitation; one that was still open for this address takes no more."""
    email = email.strip().lower()
    earlier = update(table).where(table.c.email == email, _open(now))
    tx.connection.execute(earlier.values(revoked_at=now))
    row = {"id": tx.new_id(), "email": email, "created_at": now, "expires_at": now + LASTS}
    tx.connection.execute(insert(table).values(**row))
    return Invitation(**row, used_at=None, revoked_at=None)  # type: ignore[arg-type]  # as written above


def invitation(tx: Tx, invitation_id: str, now: datetime) -> Invitation | None:
    """One that can be used now; does not use it."""
    row = first(tx, select(table).where(table.c.id == invitation_id, _open(now)))
    return value(Invitation, row) if row else None


def use(tx: Tx, invitation_id: str, now: datetime) -> bool:
    """Use it up; False if it is unknown, used, revoked or too old."""
    here = update(table).where(table.c.id == invitation_id, _open(now))
    return changed(tx, here.values(used_at=now)) == 1


def revoke(tx: Tx, invitation_id: str, now: datetime) -> bool:
    """Take one back that nobody has used; False if there is no such one."""
    here = update(table).where(table.c.id == invitation_id, _open(now))
    return changed(tx, here.values(revoked_at=now)) == 1


def invitations(tx: Tx) -> list[Invitation]:
    """All, the newest first; what is settled goes after a month (`pruning`)."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.id)
    return [value(Invitation, row) for row in all_rows(tx, query)]


def _open(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.expires_at > now, table.c.used_at.is_(None), table.c.revoked_at.is_(None))
