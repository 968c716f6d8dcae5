"""The outbox: every effect as a row, from intent to outcome (RELIABILITY.md B).

Called by `workers.prepare` and `workers.deliver`. due → (lease) → sending → sent, unknown, skipped or failed. A row in
``sending`` is never sent again; it is settled by what the provider can tell, now or a little later.
Fence and generation stand in every condition: whoever comes late writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from keepwarm.errors import LeaseLost, NotFound
from keepwarm.mails import ALWAYS, KINDS
from keepwarm.store.database import Tx
from keepwarm.store.duties import quarantine
from keepwarm.store.rows import all_rows, changed, first, insert_new, mine, value, within
from keepwarm.store.tables import outbox as table

LEASE_SECONDS = 120  # RELIABILITY.md A3, B7
ATTEMPTS = 5  # RELIABILITY.md A4
SAMPLE = "sample"  # a mail that the owner asked to see: of which kind stands in its payload
MAILS = (*KINDS, SAMPLE)
WARNINGS = ("alarm", *ALWAYS)  # they wait for nobody: they tell that others do, or that somebody is locked out


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Something to do once. ``subject_ref``: the event, contact or follow-up it is about."""

    key: str
    kind: str
    subject_ref: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    run_at: datetime
    not_after: datetime | None = None
    generation: int = 0
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    id: str
    owner_id: str
    key: str
    kind: str
    subject_ref: str
    payload: dict[str, Any]
    account_id: str | None
    run_at: datetime
    not_after: datetime | None
    state: str  # due, sending, sent, unknown, skipped, failed
    reason: str
    attempts: int
    fence: int
    generation: int
    remote_ref: str
    fingerprint: str
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCounts:
    """Mails that left, or may have: in the last hour, the last day, the last seven days."""

    last_hour: int
    today: int
    this_week: int


def put(tx: Tx, intent: Intent, now: datetime) -> bool:
    """Note an intent; whether there is something new to do.

    A row whose key is there takes the new times and payload while it waits untouched, or is of an older generation.
    One that was withdrawn before anybody took it up is wanted again and waits anew; whatever else became of it stands.
    """
    values = {
        "kind": intent.kind,
        "subject_ref": intent.subject_ref,
        "payload": intent.payload,
        "account_id": intent.account_id,
        "run_at": intent.run_at,
        "not_after": intent.not_after,
        "generation": intent.generation,
    }
    known = first(tx, select(table.c.id).where(mine(tx, table), table.c.key == intent.key))
    if known is None:
        row = {"id": tx.new_id(), "owner_id": tx.owner_id, "key": intent.key, "state": "due", "created_at": now}
        insert_new(tx, table, [row | values | {"attempts": 0, "fence": 0, "reason": ""}])
        return first(tx, select(table.c.id).where(mine(tx, table), table.c.id == row["id"])) is not None
    here = update(table).where(mine(tx, table), table.c.id == known["id"])
    untouched = and_(table.c.attempts == 0, table.c.reason == "")
    waiting = and_(table.c.state == "due", or_(untouched, table.c.generation < intent.generation))
    tx.connection.execute(here.where(waiting, table.c.generation <= intent.generation).values(**values))
    withdrawn = and_(table.c.state == "skipped", table.c.attempts == 0)
    return changed(tx, here.where(withdrawn).values(state="due", reason="", settled_at=None, **values)) == 1


def withdraw(tx: Tx, key_or_subject: str, reason: str, now: datetime) -> int:
    """Skip the due rows with this key or about this subject, saying why; how many there were."""
    which = or_(table.c.key == key_or_subject, table.c.subject_ref == key_or_subject)
    here = update(table).where(mine(tx, table), which, table.c.state == "due")
    return changed(tx, here.values(state="skipped", reason=reason, settled_at=now))


def due(tx: Tx, now: datetime, limit: int = 1000) -> list[tuple[str, str]]:
    """(owner id, outbox id) of what can be done now and nobody holds: what warns, then the others, earliest first."""
    query = select(table.c.owner_id, table.c.id).where(_claimable(now), within(tx, table))
    others = table.c.kind.not_in(WARNINGS)
    rows = all_rows(tx, query.order_by(others, table.c.run_at, table.c.id).limit(limit))
    return [(row["owner_id"], row["id"]) for row in rows]


def lease(tx: Tx, outbox_id: str, now: datetime, seconds: int = LEASE_SECONDS) -> OutboxRow | None:
    """Take a row, in one conditional update; None if it is held, done or not due yet.

    Counted at the claim: a row that was claimed five times without an outcome is given up and quarantined.
    """
    claim = update(table).where(table.c.id == outbox_id, _claimable(now), within(tx, table))
    values = {"lease_until": now + timedelta(seconds=seconds), "fence": table.c.fence + 1}
    taken = claim.values(attempts=table.c.attempts + 1, **values)
    row = first(tx, taken.returning(table))
    if row is None:
        return None
    leased = value(OutboxRow, row)
    if leased.attempts > ATTEMPTS:
        _give_up(tx, leased, row["owner_id"], now)
        return None
    return leased


def sending(tx: Tx, row: OutboxRow, now: datetime) -> None:  # noqa: ARG001 - binding form
    """Note that the call is about to be made. Raises LeaseLost if the row moved on or is being sent already."""
    _write(tx, row, _held(row), table.c.generation == row.generation, table.c.state == "due", state="sending")


def settle(  # noqa: PLR0913 - an outcome's columns, each by name
    tx: Tx, row: OutboxRow, state: str, now: datetime, *, reason: str = "", remote_ref: str = "", fingerprint: str = ""
) -> None:  # fmt: skip
    """Note the outcome and let go. Raises LeaseLost if somebody else holds the row now."""
    outcome = {"state": state, "reason": reason, "remote_ref": remote_ref, "fingerprint": fingerprint}
    _write(tx, row, _held(row), lease_until=None, settled_at=now, **outcome)


def sent_after_all(tx: Tx, row: OutboxRow, remote_ref: str, now: datetime) -> bool:
    """A mail that others had to call uncertain did leave: whoever sent it says so, late. Whether that was news."""
    here = update(table).where(within(tx, table), table.c.id == row.id, table.c.state == "unknown")
    return changed(tx, here.values(state="sent", reason="", remote_ref=remote_ref, settled_at=now)) == 1


def release(tx: Tx, row: OutboxRow, *, run_at: datetime, reason: str, forgive: bool = False) -> None:
    """Put it back as due at ``run_at``. ``forgive``: nothing went wrong, the attempts begin anew. Raises LeaseLost.

    A row that was found in ``sending`` was claimed only to be put back: that claim was no try.
    """
    tries = 0 if forgive else row.attempts - (row.state == "sending")
    _write(tx, row, _held(row), state="due", lease_until=None, run_at=run_at, reason=reason, attempts=tries)


def go_another_way(tx: Tx, row: OutboxRow, account_id: str | None, *, run_at: datetime, reason: str) -> None:
    """Put it back as due at ``run_at``, to leave through this account. Raises LeaseLost."""
    back = {"state": "due", "lease_until": None, "run_at": run_at, "reason": reason, "attempts": 0}
    _write(tx, row, _held(row), account_id=account_id, **back)


def ask_again(tx: Tx, row: OutboxRow, at: datetime) -> None:
    """Leave it in ``sending``: the provider could not tell now, and is asked from ``at`` on. Raises LeaseLost."""
    _write(tx, row, _held(row), lease_until=at, attempts=0)


def uncertain(tx: Tx, row: OutboxRow, now: datetime, *, reason: str, ask_at: datetime | None) -> None:
    """Nobody knows whether it went out: the provider is asked once more from ``ask_at`` on, or no more.

    Raises LeaseLost, also where somebody knows by now.
    """
    told = {"state": "unknown", "reason": reason, "settled_at": row.settled_at or now}
    _write(tx, row, _held(row), table.c.state == row.state, lease_until=ask_at, attempts=0, **told)


def rows(
    tx: Tx, *, states: Sequence[str] | None = None, kinds: Collection[str] | None = None, limit: int = 100
) -> list[OutboxRow]:
    """The newest rows first."""
    query = select(table).where(mine(tx, table)).order_by(table.c.run_at.desc(), table.c.id).limit(limit)
    if states is not None:
        query = query.where(table.c.state.in_(list(states)))
    if kinds is not None:
        query = query.where(table.c.kind.in_(sorted(kinds)))
    return [value(OutboxRow, each) for each in all_rows(tx, query)]


def row(tx: Tx, outbox_id: str) -> OutboxRow:
    """One row. Raises NotFound."""
    found = first(tx, select(table).where(within(tx, table), table.c.id == outbox_id))
    if found is None:
        raise NotFound("There is no such entry in the outbox.")
    return value(OutboxRow, found)


def row_by_key(tx: Tx, key: str) -> OutboxRow | None:
    found = first(tx, select(table).where(mine(tx, table), table.c.key == key))
    return value(OutboxRow, found) if found else None


def unanswered(tx: Tx, subject_ref: str, kind: str) -> list[OutboxRow]:
    """The rows of this kind about something that are not known to be done: some may have been, their answer lost."""
    here = (mine(tx, table), table.c.subject_ref == subject_ref, table.c.kind == kind, table.c.state != "sent")
    return [value(OutboxRow, each) for each in all_rows(tx, select(table).where(*here).order_by(table.c.id))]


def sent_counts(tx: Tx, now: datetime) -> SentCounts:
    """How many mails left lately, for the ceilings; what is being sent or unknown counts as sent."""

    def since(**span: int) -> ColumnElement[int]:
        return func.count().filter(or_(table.c.settled_at.is_(None), table.c.settled_at > now - timedelta(**span)))

    spans = (since(hours=1).label("hour"), since(days=1).label("day"), since(days=7).label("week"))
    here = (mine(tx, table), table.c.kind.in_(MAILS), table.c.state.in_(("sent", "sending", "unknown")))
    found = tx.connection.execute(select(*spans).where(*here)).one()
    return SentCounts(last_hour=found.hour, today=found.day, this_week=found.week)


def recent(tx: Tx, kind: str, since: datetime) -> list[OutboxRow]:
    """Rows of one kind whose time came since then, and that were not given up: what the owner was told, or will be."""
    told = (table.c.kind == kind, table.c.run_at > since, table.c.state.not_in(("skipped", "failed")))
    query = select(table).where(mine(tx, table), *told).order_by(table.c.run_at, table.c.id)
    return [value(OutboxRow, row) for row in all_rows(tx, query)]


def samples_since(tx: Tx, moment: datetime) -> int:
    """How many samples the owner asked for."""
    asked = (table.c.kind == SAMPLE, table.c.created_at > moment)
    query = select(func.count()).select_from(table).where(mine(tx, table), *asked)
    return int(tx.connection.execute(query).scalar_one())


def mailed_since(tx: Tx, moment: datetime) -> bool:
    """Whether any mail left, or may have."""
    left = (table.c.kind.in_(MAILS), table.c.state.in_(("sent", "sending", "unknown")), table.c.run_at > moment)
    return first(tx, select(table.c.id).where(mine(tx, table), *left).limit(1)) is not None


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Due and its time has come, or to be settled, not sent: left in ``sending`` by a worker that is no more, or
    uncertain and to be asked about once more.
    """
    over = table.c.lease_until <= now
    free = or_(table.c.lease_until.is_(None), over)
    waits = or_(and_(table.c.state == "due", table.c.run_at <= now), table.c.state == "sending")
    return or_(and_(free, waits), and_(over, table.c.state == "unknown"))


def _held(row: OutboxRow) -> ColumnElement[bool]:
    return and_(table.c.id == row.id, table.c.fence == row.fence)


def _write(tx: Tx, row: OutboxRow, *conditions: ColumnElement[bool], **values: Any) -> None:
    if changed(tx, update(table).where(within(tx, table), *conditions).values(**values)) != 1:
        raise LeaseLost(f"The outbox row {row.id} is held by somebody else or changed.")


def _give_up(tx: Tx, row: OutboxRow, owner_id: str, now: datetime) -> None:
    """It is shown, and nothing is tried any more. A mail that may have left is called uncertain, not failed."""
    reason = f"tried {ATTEMPTS} times without an outcome"
    may_have_left = row.state in {"sending", "unknown"} and row.kind in MAILS
    settle(tx, row, "unknown" if may_have_left else "failed", now, reason=reason)
    as_owner = Tx(connection=tx.connection, owner_id=owner_id, new_id=tx.new_id)
    quarantine(as_owner, place="outbox", position=row.id, digest="", reason=reason, now=now)
