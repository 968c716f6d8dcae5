"""Streams: what is stale, who holds it, how far it has come. Called through `keepwarm.store.accounts`.

A lease is a time and a fence number: there is no "running" flag, and what nobody holds any more is free (RELIABILITY.md
C11, B7). Every mark raises the generation, so that news which arrives during a sync is not lost when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, literal, or_, select, update

from keepwarm.errors import LeaseLost, NotFound
from keepwarm.store.database import Store, Tx
from keepwarm.store.rows import Row, all_rows, changed, event_key, first, mine, value, within
from keepwarm.store.tables import Moment, account, event, microseconds
from keepwarm.store.tables import stream as table
from keepwarm.store.withdrawn import let_in_again
from keepwarm.types import Stream, StreamKind

LEASE_SECONDS = 120  # RELIABILITY.md A3


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    stream: Stream
    provider: str
    stale_since: datetime | None
    generation: int
    compared_at: datetime | None
    last_error: str
    retry_at: datetime | None
    attempts: int
    held_since: datetime | None = None  # so much disappeared at once that a second look is waited for
    revoked_at: datetime | None = None  # access was withdrawn
    notices: str = ""  # how we hear of news: "push", "pull", or "" where we look every few minutes
    polled_why: str = ""  # why there are none, in a marked sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to sync one stream, while ``fence`` is the newest. ``generation`` is what was known at the start."""

    stream: Stream
    fence: int
    generation: int
    provider: str
    account_settings: dict[str, Any]
    attempts: int = 0  # counted at the claim, this one included
    stale_since: datetime | None = None
    compared_at: datetime | None = None


def create_stream(
    tx: Tx, *, account_id: str, kind: StreamKind, place_ref: str = "", now: datetime | None = None
) -> Stream:
    """A new stream; stale at once if ``now`` is given."""
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "account_id": account_id, "kind": str(kind)}
    tx.connection.execute(
        insert(table).values(**row, place_ref=place_ref, stale_since=now, generation=int(now is not None))
    )
    return Stream(id=row["id"], owner_id=tx.owner_id, account_id=account_id, kind=StreamKind(kind), place_ref=place_ref)


def streams(tx: Tx) -> list[StreamState]:
    """All streams of this owner, in a stable order."""
    rows = all_rows(
        tx,
        select(table, account.c.provider)
        .join(account, account.c.id == table.c.account_id)
        .where(mine(tx, table))
        .order_by(account.c.connected_at, table.c.kind, table.c.place_ref),
    )
    return [value(StreamState, row, stream=_stream(row)) for row in rows]


def mark_stale(tx: Tx, stream_id: str, now: datetime) -> bool:
    """Note that there may be news. False if it was stale already and somebody will look (then no wake-up is needed).

    Stale and held by nobody needs no note: whoever takes it reads what is new by then.
    """
    row = first(tx, select(table.c.stale_since, table.c.lease_until).where(table.c.id == stream_id, within(tx, table)))
    if row is None:
        raise NotFound("There is no such stream.")
    if row["stale_since"] is not None and row["lease_until"] is None:
        return False
    values: dict[str, Any] = {"generation": table.c.generation + 1}
    if row["stale_since"] is None:
        values |= {"stale_since": now, "retry_at": None}
    tx.connection.execute(update(table).where(table.c.id == stream_id, within(tx, table)).values(**values))
    return row["stale_since"] is None


def mark_due(tx: Tx, provider: str, now: datetime, every: timedelta) -> list[str]:
    """Mark stale what was not compared for so long, of connected accounts of this provider; ids of the streams.

    What waits for its time or for the owner is left alone: asking again with a dead password locks people out.
    """
    connected = select(account.c.id).where(account.c.provider == provider, account.c.disconnected_at.is_(None))
    due = and_(
        table.c.account_id.in_(connected),
        table.c.stale_since.is_(None),
        table.c.revoked_at.is_(None),
        or_(table.c.compared_at.is_(None), table.c.compared_at <= now - every),
        or_(table.c.retry_at.is_(None), table.c.retry_at <= now),
    )
    values = {"generation": table.c.generation + 1, "stale_since": now, "retry_at": None}
    marked = update(table).where(due, within(tx, table)).values(**values).returning(table.c.id)
    return sorted(row["id"] for row in all_rows(tx, marked))


def stream_of_event(tx: Tx, event_id: str) -> StreamState | None:
    """The stream of a connected account that an event came by; None for one from a file, or of an account let go."""
    here = (mine(tx, event), event.c.id == event_key(event_id), event.c.batch_id.is_(None))
    row = first(tx, select(event.c.stream_id).where(*here))
    return next((each for each in streams(tx) if row is not None and each.stream.id == row["stream_id"]), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """An account that cannot be read: since when, and whether only the owner can mend it."""

    owner_id: str
    account_id: str
    name: str
    since: datetime
    revoked: bool


def silent_accounts(tx: Tx, now: datetime, longest: timedelta, providers: Sequence[str]) -> list[Silent]:
    """Accounts of these providers with a stream that was withdrawn, or not compared for longer than that (C12, C13).

    A first pass may take hours: while it comes on, and nothing is wrong with it, that counts.
    """
    comes_on = case((and_(table.c.compared_at.is_(None), table.c.last_error == ""), table.c.progress_at))
    begun = func.coalesce(table.c.revoked_at, table.c.compared_at, comes_on, account.c.connected_at)
    late = or_(table.c.revoked_at.is_not(None), begun <= now - longest)
    query = (
        select(table.c.owner_id, table.c.account_id, account.c.name, begun.label("since"), table.c.revoked_at)
        .join(account, account.c.id == table.c.account_id)
        .where(account.c.provider.in_(providers), account.c.disconnected_at.is_(None), late, within(tx, table))
        .order_by(table.c.account_id, table.c.revoked_at.is_(None), begun)
    )
    sends = select(account.c.owner_id, account.c.id.label("account_id"), account.c.name,
                   account.c.revoked_at.label("since"), account.c.revoked_at).where(
        account.c.provider.in_(providers), account.c.disconnected_at.is_(None), account.c.revoked_at.is_not(None),
        within(tx, account))  # fmt: skip
    found: dict[str, Silent] = {}
    for row in (*all_rows(tx, query), *all_rows(tx, sends)):
        found.setdefault(row["account_id"], value(Silent, row, revoked=row["revoked_at"] is not None))
    return list(found.values())


def mail_streams(tx: Tx) -> list[tuple[Stream, str, dict[str, Any]]]:
    """Streams of mail of connected accounts that can be read, with provider and settings; for a system transaction."""
    query = (
        select(table, account.c.provider, account.c.settings)
        .join(account, account.c.id == table.c.account_id)
        .where(table.c.kind == str(StreamKind.MAIL), table.c.revoked_at.is_(None), account.c.disconnected_at.is_(None))
        .order_by(table.c.id)
    )
    return [(_stream(row), row["provider"], row["settings"]) for row in all_rows(tx, query)]


def wake_account(tx: Tx, account_id: str, now: datetime) -> list[str]:
    """Mark all streams of an account stale, also those given up or waiting; their ids."""
    here = (mine(tx, table), table.c.account_id == account_id)
    values = {"generation": table.c.generation + 1, "stale_since": now, "retry_at": None, "attempts": 0}
    anew = {"subscribe_at": case((table.c.revoked_at.is_(None), table.c.subscribe_at))}  # notices ended with the grant
    tx.connection.execute(update(table).where(*here).values(**values, **anew, revoked_at=None, last_error=""))
    let_in_again(tx, account_id)
    return [
        row["id"] for row in all_rows(tx, select(table.c.id).where(*here).order_by(table.c.kind, table.c.place_ref))
    ]


def stale_streams(tx: Tx, now: datetime, limit: int = 1000) -> list[tuple[str, str]]:
    """(owner id, stream id) of what waits and nobody holds, longest waiting first."""
    query = select(table.c.owner_id, table.c.id).where(_free(now), within(tx, table))
    rows = all_rows(tx, query.order_by(table.c.stale_since, table.c.id).limit(limit))
    return [(row["owner_id"], row["id"]) for row in rows]


def waits(store: Store, stream_id: str, now: datetime) -> bool:
    """Whether the stream could be leased now: a question, which saves the claim where there is nothing to do.

    Raises one of AWAY.
    """
    return bool(store.ask(WAITS, {"id": stream_id, "now": microseconds(now)}))


def lease_stream(tx: Tx, stream_id: str, now: datetime, seconds: int = LEASE_SECONDS) -> Lease | None:
    """Take the stream, in one conditional update; None if somebody holds it or there is nothing to do."""
    claim = update(table).where(table.c.id == stream_id, _free(now), within(tx, table))
    taken = claim.values(
        lease_until=now + timedelta(seconds=seconds), fence=table.c.fence + 1, attempts=table.c.attempts + 1
    )
    row = first(tx, taken.returning(table))
    if row is None:
        return None
    owning = first(tx, select(account.c.provider, account.c.settings).where(account.c.id == row["account_id"]))
    if owning is None:
        raise NotFound("The stream's account is gone.")
    return Lease(
        stream=_stream(row),
        fence=row["fence"],
        generation=row["generation"],
        provider=owning["provider"],
        account_settings=owning["settings"],
        attempts=row["attempts"],
        stale_since=row["stale_since"],
        compared_at=row["compared_at"],
    )


def extend_lease(tx: Tx, lease: Lease, now: datetime, seconds: int = LEASE_SECONDS) -> None:
    """Hold it longer. Raises LeaseLost."""
    _held(tx, lease, lease_until=now + timedelta(seconds=seconds))


def advance(tx: Tx, lease: Lease, cursor: str, now: datetime) -> None:
    """Note how far it has come, in the transaction that keeps the page. Raises LeaseLost."""
    came_on = case((table.c.cursor != cursor, literal(now, Moment)), else_=table.c.progress_at)
    _held(tx, lease, cursor=cursor, progress_at=came_on)


def finish_stream(tx: Tx, lease: Lease, now: datetime) -> bool:
    """Let go after success; whether all news was seen (False: marked again meanwhile, so it stays stale)."""
    _held(tx, lease, lease_until=None, compared_at=now, attempts=0, last_error="", retry_at=None, revoked_at=None)
    seen = update(table).where(table.c.id == lease.stream.id, table.c.generation == lease.generation)
    return changed(tx, seen.values(stale_since=None)) == 1


def fail_stream(  # noqa: PLR0913 - what to note, each by name
    tx: Tx,
    lease: Lease,
    now: datetime,
    *,
    error: str,
    retry_at: datetime | None,
    give_up: bool,
    forgive: bool = False,
    revoked: bool = False,
) -> None:
    """Let go after a failure. ``give_up``: not stale any more; the error stays shown. Raises LeaseLost.

    ``forgive``: it was nobody's fault, so the attempts begin anew. ``revoked``: only the owner can mend it.
    """
    values: dict[str, Any] = {"lease_until": None, "last_error": error, "retry_at": retry_at}
    if revoked:
        values["revoked_at"] = func.coalesce(table.c.revoked_at, literal(now, Moment))
    if give_up:
        values["stale_since"] = None
    if give_up or forgive:
        values["attempts"] = 0
    _held(tx, lease, **values)


def pause_stream(tx: Tx, lease: Lease, until: datetime | None = None) -> None:
    """Let go in the middle of the work: it stays stale, and the next one goes on from the cursor, not before ``until``.

    Raises LeaseLost.
    """
    _held(tx, lease, lease_until=None, attempts=0, last_error="", retry_at=until)


def paused_streams(tx: Tx, now: datetime, limit: int = 100) -> list[str]:
    """Those that paused for a moment which has come; nothing went wrong with them."""
    paused = (table.c.retry_at.is_not(None), table.c.last_error == "", _free(now), within(tx, table))
    query = select(table.c.id).where(*paused).order_by(table.c.retry_at, table.c.id).limit(limit)
    return [row["id"] for row in all_rows(tx, query)]


def check_fence(tx: Tx, lease: Lease) -> None:
    """Lock the stream's row for this transaction. Raises LeaseLost if somebody else holds it now."""
    _held(tx, lease, fence=lease.fence)


def _held(tx: Tx, lease: Lease, **values: Any) -> None:
    still = update(table).where(table.c.id == lease.stream.id, table.c.fence == lease.fence, within(tx, table))
    if changed(tx, still.values(**values)) != 1:
        raise LeaseLost("The stream is held by somebody else now.")


def _free(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(
        table.c.stale_since.is_not(None),
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        or_(table.c.retry_at.is_(None), table.c.retry_at <= now),
    )


WAITS = select(table.c.id).where(table.c.id == bindparam("id"), _free(bindparam("now", type_=Moment)))


def _stream(row: Row) -> Stream:
    return value(Stream, row, kind=StreamKind(row["kind"]), since=None)
