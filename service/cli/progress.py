"""An import while it runs: done in this process, or watched while a running server does it; a bar on a terminal.

Called by `service.cli.files`. Who works is decided by the lease of the stream, so both may try.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import click

from keepwarm.errors import LeaseLost
from keepwarm.store import accounts
from keepwarm.store.accounts import Batch
from service.cli.session import Problem, Session, on_terminal
from workers import sync

LOOK = 0.5  # seconds between looks while somebody else does the work
WIDTH = 24  # characters of the bar
STEP = 0.2  # seconds between two pictures of it


def follow(session: Session, batch: Batch) -> Batch:
    """Read the batch to its end; returns it with all counts. Raises Problem if it cannot be read on."""
    bar = Bar(session=session, batch_id=batch.id, began=session.runtime.ticks(), watched=on_terminal())
    try:
        while True:
            outcome = "held"
            with suppress(LeaseLost):  # the server took over; it reads on, we watch
                outcome = sync.sync_stream(session.runtime, batch.stream_id, progress=bar.show).outcome
            found = bar.batch()
            if found.finished_at is not None:
                return found
            if outcome in {"failed", "later"}:
                raise Problem(_stopped(session, found))
            bar.show()
            time.sleep(LOOK)
    finally:
        bar.clear()


def _stopped(session: Session, batch: Batch) -> str:
    with session.reading() as tx:
        errors = {state.stream.id: state.last_error for state in accounts.streams(tx)}
    said = session.texts(errors.get(batch.stream_id, ""))
    return session.texts("The import stopped: {error} keepwarm sweep goes on with it.", error=said)


@dataclass(slots=True, kw_only=True)
class Bar:
    """One line on stderr, drawn over itself. ``watched``: a person sees it; else nothing is drawn."""

    session: Session
    batch_id: str
    began: float
    watched: bool
    drawn: float = 0.0

    def batch(self) -> Batch:
        with self.session.reading() as tx:
            return accounts.batch(tx, self.batch_id)

    def show(self) -> None:
        ticks = self.session.runtime.ticks()
        if self.watched and ticks - self.drawn > STEP:
            self.drawn = ticks
            click.echo(f"\r\x1b[K{self.line(self.batch(), ticks - self.began)}", nl=False, err=True)

    def line(self, batch: Batch, seconds: float) -> str:
        """Bar, counts, rate and time left, as far as they can be told."""
        texts = self.session.texts
        items = sum(source.read for source in batch.sources)
        rate = round(items / seconds) if seconds > 0 else 0
        words = texts("{items} read, {rate} a second", items=items, rate=rate)
        share = min(batch.read_bytes / batch.total_bytes, 1.0) if batch.total_bytes else 0.0
        if share > 0:
            left = timedelta(seconds=round(seconds * (1 - share) / share))
            words += ", " + texts("about {left} left", left=texts.duration(left))
        return f"[{('#' * round(WIDTH * share)).ljust(WIDTH, '.')}] {words}"

    def clear(self) -> None:
        if self.watched and self.drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
