"""A clock that ran ahead and was set right: what was noted by it must not lie in wait until that moment comes again.

Called by `workers.upkeep` at each look. A machine that keeps its clock in local time is hours ahead until the network
tells it the time, and all that was compared, held or put off by then would be so for hours, unseen by every alarm.
Moments that have been are taken to be now at the latest; what waits, waits no longer than it ever would.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, delete, select, update

from keepwarm.store.database import Tx
from keepwarm.store.duties import BEGAN, PREPARED
from keepwarm.store.rows import all_rows, first
from keepwarm.store.tables import account, duty, failed_try, follow_up, grant, instance, outbox, place, purse, stream

APART = timedelta(minutes=5)  # ours: by so much the clocks of two machines may differ
AWAKE = "awake_since"  # the fact about this installation: since when somebody has looked each minute
FACTS = (BEGAN, AWAKE)  # facts that are a moment, and with PREPARED all that begin like it

NOW, LEASE, HOUR, DAY = timedelta(0), timedelta(minutes=2), timedelta(hours=1), timedelta(days=1)

# How far ahead each may lie at most, and of which rows.
MOST: tuple[tuple[Column[datetime], timedelta], ...] = (
    (duty.c.last_ok_at, NOW),
    (account.c.connected_at, NOW),
    (account.c.revoked_at, NOW),
    (account.c.read_back_at, HOUR),
    (grant.c.renewed_at, NOW),
    (grant.c.lease_until, LEASE),
    (stream.c.stale_since, NOW),
    (stream.c.compared_at, NOW),
    (stream.c.progress_at, NOW),
    (stream.c.held_since, NOW),
    (stream.c.revoked_at, NOW),
    (stream.c.retry_at, HOUR),
    (stream.c.lease_until, LEASE),
    (stream.c.subscribe_at, DAY),
    (outbox.c.settled_at, NOW),
    (outbox.c.lease_until, LEASE),
    (follow_up.c.missing_at, NOW),
    (failed_try.c.at, NOW),
    (place.c.until, LEASE),
)


def set_right(tx: Tx, now: datetime) -> bool:
    """Whether a duty was done at a moment that is yet to come; then nothing else waits for it. In a system transaction.

    What was put back in the outbox is tried again within the hour.
    """
    if first(tx, select(duty.c.name).where(duty.c.last_ok_at > now + APART).limit(1)) is None:
        return False
    for column, ahead in MOST:
        _cap(tx, column, now + ahead)
    _cap(tx, outbox.c.run_at, now + HOUR, and_(outbox.c.state == "due", outbox.c.reason != ""))
    _facts(tx, now)
    tx.connection.execute(delete(purse))
    return True


def _cap(tx: Tx, column: Column[datetime], most: datetime, *which: ColumnElement[bool]) -> None:
    tx.connection.execute(update(column.table).where(column > most, *which).values({column: most}))


def _facts(tx: Tx, now: datetime) -> None:
    for row in all_rows(tx, select(instance)):
        if row["name"] in FACTS or row["name"].startswith(PREPARED):
            at = min(now, datetime.fromisoformat(row["value"])).isoformat()
            tx.connection.execute(update(instance).where(instance.c.name == row["name"]).values(value=at))
