"""Who an owner is elsewhere, and may sign in as: by issuer and subject, never by an address (RELIABILITY.md G4).

Called by `service.auth.providers` and the page of devices. An identity belongs to one owner alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from keepwarm.errors import NotPossible
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, first, insert_new, mine, value
from keepwarm.store.tables import bound_identity as table
from keepwarm.texts import mark

TAKEN = mark("This account opens another network here. Nothing was changed; choose another one there.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """``label``: the address that it had when it was bound; may be empty."""

    provider: str
    issuer: str
    sub: str
    label: str
    created_at: datetime


def owner_of(tx: Tx, issuer: str, subject: str) -> str | None:
    """Whose it is (system transaction); None if it is nobody's."""
    here = (table.c.issuer == issuer, table.c.sub == subject)
    row = first(tx, select(table.c.owner_id).where(*here))
    return str(row["owner_id"]) if row else None


def bind(tx: Tx, *, provider: str, issuer: str, subject: str, label: str, now: datetime) -> None:
    """Let this owner sign in so, and no more as whom they were at this provider before. Raises NotPossible."""
    row = {"issuer": issuer, "sub": subject, "owner_id": tx.owner_id, "provider": provider, "label": label}
    insert_new(tx, table, [row | {"created_at": now}])
    if owner_of(tx, issuer, subject) != tx.owner_id:
        raise NotPossible(TAKEN)
    other = (table.c.issuer != issuer) | (table.c.sub != subject)
    tx.connection.execute(delete(table).where(mine(tx, table), table.c.provider == provider, other))


def bound(tx: Tx) -> list[Bound]:
    """Those of this owner, by provider."""
    return [value(Bound, row) for row in all_rows(tx, select(table).where(mine(tx, table)).order_by(table.c.provider))]


def let_go(tx: Tx, provider: str) -> bool:
    """This owner signs in so no more; False if they never did."""
    return changed(tx, delete(table).where(mine(tx, table), table.c.provider == provider)) > 0


def any_bound(tx: Tx) -> bool:
    """Whether anybody at all signs in so (system transaction)."""
    return first(tx, select(table.c.owner_id).limit(1)) is not None
