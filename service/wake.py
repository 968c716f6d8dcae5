"""Waking the engine after a transaction has closed: a wake-up may be lost, the sweep finds the row anyway.

Called by the views. Workers are the only ones who know Celery.
"""

from __future__ import annotations

from workers import tasks
from workers.runtime import Runtime


def wake_stream(engine: Runtime, stream_id: str) -> None:
    """Ask a worker to read this stream now."""
    tasks.wake(engine, "sync_stream", stream_id)


def wake_outbox(engine: Runtime, owner_id: str) -> None:
    """Ask a worker to look at what waits in the outbox."""
    tasks.wake(engine, "prepare_owner", owner_id)


def broker_answers(engine: Runtime) -> bool:
    return tasks.broker_answers(engine)
