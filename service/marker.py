"""Marks streams stale and wakes workers, behind the back of the request that asks. Called by `service.webhooks`.

A worker that writes without a break, or one long transaction, can keep SQLite's only writer's place for seconds. A
request waits a moment for its mark, then is answered: what is lost if the process is killed just then is a hint, which
the next look at the stream makes good. What was asked for meanwhile is written together.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from time import sleep

from keepwarm.store import AWAY, accounts
from service.wake import wake_order, wake_stream
from workers import logs
from workers.runtime import Runtime

PATIENCE = (
    0.01  # seconds; ours: a mark takes one or two milliseconds, and eight threads serve six hundred calls a second
)
REST = 1.0  # seconds between tries while the database is away


@dataclass(slots=True)
class Batch:
    """Streams that are marked together."""

    streams: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)  # streams whose notices are to be asked for again
    ended: set[str] = field(default_factory=set)  # standing orders that are none any more
    over: Event = field(default_factory=Event)
    failed: bool = False


@dataclass(slots=True)
class Marker:
    """One for each process. Its thread lives while there is something to mark."""

    engine: Runtime
    next: Batch = field(default_factory=Batch)
    busy: bool = False
    away: bool = False  # the last try failed
    state: Condition = field(default_factory=Condition)

    def mark(self, streams: Set[str], orders: Set[str] = frozenset(), ended: Set[str] = frozenset()) -> bool:
        """Whether these are marked or will be in a moment; False while the database is away.

        ``orders`` and ``ended``: as `keepwarm.store.accounts.order_anew`.
        """
        with self.state:
            batch = self.next
            batch.streams |= streams
            batch.orders |= orders
            batch.ended |= ended
            if not self.busy:
                self.busy = True
                Thread(target=self._work, name="marker", daemon=True).start()
            if self.away:
                return False
        return not (batch.over.wait(PATIENCE) and batch.failed)

    def settled(self, seconds: float = 30.0) -> bool:
        """Wait until nothing is left to mark; False if that takes longer."""
        with self.state:
            return self.state.wait_for(lambda: not self.busy, seconds)

    def _work(self) -> None:
        while True:
            with self.state:
                batch, self.next = self.next, Batch()
                if not batch.streams and not batch.orders:
                    self.busy = False
                    self.state.notify_all()
                    return
            if not self._write(batch):
                sleep(REST)

    def _write(self, batch: Batch) -> bool:
        """Mark one batch and wake for it; a batch that failed joins the next."""
        try:
            with self.engine.store.hint() as tx:
                wanted = accounts.mark_pushed(tx, batch.streams, self.engine.now())
                if batch.orders:
                    accounts.order_anew(tx, batch.orders, batch.ended)
        except Exception as away:  # noqa: BLE001 - whatever it is, the thread must go on and the next requests must hear
            logs.line("not marked", error=type(away).__name__, where=logs.where(away), loud=not isinstance(away, AWAY))
            with self.state:
                self.away = batch.failed = True
                self.next.streams |= batch.streams
                self.next.orders |= batch.orders
                self.next.ended |= batch.ended
            batch.over.set()
            return False
        self.away = False
        for stream_id in wanted:
            wake_stream(self.engine, stream_id)
        for stream_id in batch.orders:
            wake_order(self.engine, stream_id)
        batch.over.set()
        return True
