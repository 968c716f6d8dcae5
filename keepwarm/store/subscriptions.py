"""Subscriptions: which stream a provider's notice is about. Called by `workers.subscriptions` and `service.webhooks`.

A row is known by our own id, which the provider sends back proven: what a notice says about itself decides nothing. Its
secret follows from that id (`workers.runtime.Runtime.push_secret`), so none is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, insert, select, update

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, changed, mine, value
from keepwarm.store.streams import mark_stale
from keepwarm.store.tables import account, stream
from keepwarm.store.tables import subscription as table

CALM = timedelta(seconds=10)  # ours: what was compared so shortly before waits for the sweep (RELIABILITY.md C20, G11)

LOOK = (  # put together once: that takes longer than asking, and each notice asks
    select(table.c.id, table.c.stream_id, and_(stream.c.stale_since.is_not(None), stream.c.lease_until.is_(None)))
    .join(stream, stream.c.id == table.c.stream_id)
    .join(account, account.c.id == stream.c.account_id)
    .where(table.c.id == bindparam("id"), account.c.provider == bindparam("provider"))
    .where(account.c.disconnected_at.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One subscription of ours."""

    id: str
    stream_id: str
    remote_ref: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A stream that a notice is about. ``waits``: it is stale and held by nobody, so there is nothing to write."""

    subscription_id: str
    stream_id: str
    waits: bool


def keep_subscription(tx: Tx, kept: Standing) -> None:
    """Note what the provider now holds for this id: a new row, or the one that was prolonged."""
    values = {"stream_id": kept.stream_id, "remote_ref": kept.remote_ref, "expires_at": kept.expires_at}
    if changed(tx, update(table).where(table.c.id == kept.id, mine(tx, table)).values(**values)) == 0:
        tx.connection.execute(insert(table).values(id=kept.id, owner_id=tx.owner_id, sealed_secret="", **values))


def subscriptions(tx: Tx) -> list[Standing]:
    """This owner's, those that end first coming first."""
    query = select(table).where(mine(tx, table)).order_by(table.c.expires_at, table.c.id)
    return [value(Standing, row) for row in all_rows(tx, query)]


def drop_subscription(tx: Tx, subscription_id: str) -> None:
    """Forget it: its notices are unknown from now on. Absent is success."""
    tx.connection.execute(delete(table).where(table.c.id == subscription_id, mine(tx, table)))


def pushed(tx: Tx, provider: str, ids: Collection[str]) -> list[Pushed]:
    """The streams that notices of this provider by these subscriptions are about; unknown ids are left out."""
    asked = (tx.connection.execute(LOOK, {"id": each, "provider": provider}).first() for each in sorted(ids))
    found = (row for row in asked if row is not None)
    return [Pushed(subscription_id=row[0], stream_id=row[1], waits=row[2]) for row in found]


def mark_pushed(tx: Tx, stream_ids: Collection[str], now: datetime) -> list[str]:
    """Mark these streams stale; those whom a worker should look at now: not stale before, not compared just now."""
    fresh: list[str] = []
    for each in sorted(stream_ids):  # in one order, so that two bodies never wait for each other
        with suppress(NotFound):  # it went away a moment ago
            if mark_stale(tx, each, now):
                fresh.append(each)
    query = select(stream.c.id).where(stream.c.id.in_(fresh), stream.c.compared_at > now - CALM)
    calm = {row["id"] for row in all_rows(tx, query)} if fresh else set()
    return [each for each in fresh if each not in calm]
