"""Waking the engine after a transaction has closed: a wake-up may be lost, the sweep finds the row anyway.

Called by the views. Workers are the only ones who know Celery.
"""

from __future__ import annotations

from datetime import timedelta

from keepwarm.store import accounts
from service.desk import Desk
from workers import tasks
from workers.runtime import Runtime
from workers.schedule import POLLED

AGAIN = timedelta(seconds=10)  # ours: a page opened again and again asks the servers no more often


def wake_stream(engine: Runtime, stream_id: str) -> None:
    """Ask a worker to read this stream now."""
    tasks.wake(engine, "sync_stream", stream_id)


def wake_order(engine: Runtime, stream_id: str) -> None:
    """Ask a worker to see to the standing order for notices about this stream."""
    tasks.wake(engine, "subscribe_stream", stream_id)


def wake_outbox(engine: Runtime, owner_id: str) -> None:
    """Ask a worker to look at what waits in the outbox."""
    tasks.wake(engine, "prepare_owner", owner_id)


def wake_request(engine: Runtime, link_id: str) -> None:
    """Ask a worker to answer who forgot a password."""
    tasks.wake(engine, "answer_request", link_id)


def refresh_accounts(desk: Desk) -> None:
    """A page is opened: have the accounts looked at, unless that was just done."""
    with desk.reading() as tx:
        if not any(each.provider in POLLED for each in accounts.accounts(tx)):
            return
    with desk.writing() as tx:
        found = [each for name in POLLED for each in accounts.mark_due(tx, name, desk.now, AGAIN)]
    tasks.wake_all(desk.runtime, [("sync_stream", each) for each in found])


def broker_answers(engine: Runtime) -> bool:
    return tasks.broker_answers(engine)
