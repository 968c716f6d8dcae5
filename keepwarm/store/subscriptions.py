"""Subscriptions: which stream a provider's notice is about. Called by `workers.subscriptions` and `service.webhooks`.

A row is known by our own id, which the provider sends back proven, or by the provider's name of what it is about, where
it proves itself otherwise; where both are told they must belong together. The secret follows from our id
(`workers.runtime.Runtime.push_secret`), so none is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from keepwarm.errors import NotFound
from keepwarm.store.database import Store, Tx
from keepwarm.store.rows import all_rows, changed, first, mine, value
from keepwarm.store.streams import mark_stale
from keepwarm.store.tables import account, stream
from keepwarm.store.tables import subscription as table
from keepwarm.types import Push, Stream, StreamKind

CALM = timedelta(seconds=10)  # ours: what was compared so shortly before waits for the sweep (RELIABILITY.md C20, G11)

_WAITS = and_(stream.c.stale_since.is_not(None), stream.c.lease_until.is_(None))
_FOUND = (  # put together once: that takes longer than asking, and each notice asks
    select(table.c.id, table.c.remote_ref, table.c.stream_id, _WAITS)
    .join(stream, stream.c.id == table.c.stream_id)
    .join(account, account.c.id == stream.c.account_id)
    .where(account.c.provider == bindparam("provider"), account.c.disconnected_at.is_(None))
)
BY_ID = _FOUND.where(table.c.id == bindparam("id"))
BY_REMOTE = _FOUND.where(table.c.remote_ref == bindparam("remote"), stream.c.kind == bindparam("kind"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One subscription of ours."""

    id: str
    stream_id: str
    remote_ref: str
    expires_at: datetime
    pulled: bool = False  # we fetch the notices; else they are sent to us


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A stream that a notice is about, and the order by which it came.

    ``waits``: the stream is stale and held by nobody, so there is nothing to write.
    """

    push: Push
    stream_id: str
    order_id: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A stream for which notices are to be asked for. ``anew``: whatever stands of them may have ended."""

    stream: Stream
    anew: bool


def keep_subscription(tx: Tx, kept: Standing) -> None:
    """Note what the provider now holds for this id: a new row, or the one that was prolonged."""
    values = {name: getattr(kept, name) for name in ("stream_id", "remote_ref", "expires_at", "pulled")}
    if changed(tx, update(table).where(table.c.id == kept.id, mine(tx, table)).values(**values)) == 0:
        tx.connection.execute(insert(table).values(id=kept.id, owner_id=tx.owner_id, sealed_secret="", **values))


def subscriptions(tx: Tx) -> list[Standing]:
    """This owner's, those that end first coming first."""
    query = select(table).where(mine(tx, table)).order_by(table.c.expires_at, table.c.id)
    return [value(Standing, row) for row in all_rows(tx, query)]


def drop_subscription(tx: Tx, subscription_id: str) -> None:
    """Forget it: its notices are unknown from now on. Absent is success."""
    tx.connection.execute(delete(table).where(table.c.id == subscription_id, mine(tx, table)))


def stands_elsewhere(tx: Tx, kept: Standing) -> bool:
    """Whether another row stands for the same thing at the provider; for a system transaction."""
    other = (table.c.remote_ref == kept.remote_ref, table.c.id != kept.id, table.c.stream_id != kept.stream_id)
    return first(tx, select(table.c.id).where(*other).limit(1)) is not None


def pushed(store: Store, provider: str, pushes: Collection[Push]) -> list[Pushed]:
    """The streams that notices of this provider are about; those that are about nothing of ours are left out.

    Raises one of AWAY.
    """
    return [each for push in dict.fromkeys(pushes) for each in _about(store, provider, push)]


def _about(store: Store, provider: str, push: Push) -> Iterator[Pushed]:
    if push.subscription_ref:
        rows = store.ask(BY_ID, {"provider": provider, "id": push.subscription_ref})
    elif push.remote_ref:
        named = {"provider": provider, "remote": push.remote_ref, "kind": str(push.kind)}
        rows = store.ask(BY_REMOTE, named)
    else:
        return
    for order_id, remote_ref, stream_id, waits in rows:
        if push.remote_ref in {"", remote_ref}:
            yield Pushed(push=push, stream_id=stream_id, order_id=order_id, waits=bool(waits))


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


def order_anew(tx: Tx, stream_ids: Collection[str], ended: Collection[str]) -> None:
    """Streams for which notices are to be asked for again now, and orders that ended: others of a stream still stand.

    For a transaction without an owner.
    """
    tx.connection.execute(delete(table).where(table.c.id.in_(sorted(ended))))
    tx.connection.execute(update(stream).where(stream.c.id.in_(sorted(stream_ids))).values(subscribe_at=None))


def without_notices(tx: Tx, providers: Collection[str], now: datetime, limit: int = 100) -> list[str]:
    """Streams of connected accounts of these providers for which it is time to ask for notices, or for longer.

    First those for which none may stand.
    """
    due = or_(stream.c.subscribe_at.is_(None), stream.c.subscribe_at <= now)
    query = (
        select(stream.c.id)
        .join(account, account.c.id == stream.c.account_id)
        .where(account.c.provider.in_(providers), account.c.disconnected_at.is_(None))
        .where(stream.c.revoked_at.is_(None), due)
        .order_by(stream.c.subscribe_at.is_not(None), stream.c.subscribe_at, stream.c.id)
    )
    return [row["id"] for row in all_rows(tx, query.limit(limit))]


def ask_for_notices(tx: Tx, stream_id: str, now: datetime, again_at: datetime) -> Asking | None:
    """The stream, if it is time to ask, for one who asks; the next may try at ``again_at``. In a system transaction."""
    due = or_(stream.c.subscribe_at.is_(None), stream.c.subscribe_at <= now)
    anew = first(tx, select(stream.c.id).where(stream.c.id == stream_id, stream.c.subscribe_at.is_(None))) is not None
    taken = update(stream).where(stream.c.id == stream_id, due).values(subscribe_at=again_at)
    row = first(tx, taken.returning(stream))
    if row is None:
        return None
    return Asking(stream=value(Stream, row, kind=StreamKind(row["kind"]), since=None), anew=anew)


def note_notices(tx: Tx, stream_id: str, notices: str, why: str, again_at: datetime) -> None:
    """How news of this stream is heard (push, pull, or "" for by looking, and ``why``), and when to ask again."""
    here = (mine(tx, stream), stream.c.id == stream_id)
    tx.connection.execute(update(stream).where(*here).values(notices=notices, polled_why=why, subscribe_at=again_at))
