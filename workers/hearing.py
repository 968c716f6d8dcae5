"""A worker that lives, is connected and takes nothing ends itself, so that its supervisor starts a new one.

Connected to Celery's signals by `workers.app`; lives in the worker's main process. Celery has been seen to stop
consuming after a reconnection (RELIABILITY.md A6), and no error tells of it. What proves it is a message that waits in
one of our queues, look after look, while we take none: an idle house, a broker that is away and a machine that slept do
not look so.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from celery.worker import state
from kombu.exceptions import KombuError

from workers import logs

LOOK_SECONDS = 15.0  # ours: twenty looks make the five minutes
DEAF_LOOKS = 20  # RELIABILITY.md A6: five minutes, more than twice what the longest task may take (`schedule`)
PATIENCE = 45.0  # seconds for running tasks to end: above `worker_soft_shutdown_timeout`
STATUS = 70  # sysexits.h, EX_SOFTWARE: not an end that anybody wished for


@dataclass(slots=True)
class Hearing:
    """Counts what is taken, and looks in a row in which something waited and nothing was taken."""

    taken: int = 0
    taken_before: int = 0
    in_vain: int = 0

    def took(self, **_: Any) -> None:
        self.taken += 1

    def look(self, waits: bool) -> bool:
        """One look; whether we are deaf by now."""
        heard = self.taken != self.taken_before
        self.taken_before = self.taken
        self.in_vain = self.in_vain + 1 if waits and not heard else 0
        return self.in_vain >= DEAF_LOOKS


hearing = Hearing()

# Held while the looking thread talks to the broker, and around every fork: kombu keeps one lock a property for all its
# connections, and a child forked while our thread holds one would wait for it for ever, task after task.
_talking = threading.Lock()
os.register_at_fork(before=_talking.acquire, after_in_parent=_talking.release, after_in_child=_talking.release)


def keep_looking(sender: Any, **_: Any) -> None:
    """Look from now on, in a thread that ends with the process. Celery's ``worker_ready`` calls it."""
    app = sender.app
    queues = sorted(app.amqp.queues.consume_from)
    threading.Thread(target=_looks, args=(lambda: waits(app, queues), end), name="hearing", daemon=True).start()


def _looks(something_waits: Callable[[], bool], then: Callable[[], None]) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        with _talking:
            found = something_waits()
        if hearing.look(found):
            then()
            return


def waits(app: Any, queues: Sequence[str]) -> bool:
    """Whether a message waits in one of these queues; False while the broker is away."""
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
            return any(_waiting(connection, name) for name in queues)
    except (KombuError, OSError, *app.connection_for_read().connection_errors):
        return False


def _waiting(connection: Any, queue: str) -> int:
    """How many messages wait there. Declares it as the worker itself does, which changes nothing.

    Not passively: kombu 5.7.0 asks Redis for such a queue without our key prefix, and finds none.
    """
    with connection.channel() as channel:
        return int(channel.queue_declare(queue=queue, durable=True, auto_delete=False).message_count)


def end() -> None:
    """Stop taking work, let what runs end, and then be gone, whatever hangs."""
    logs.line("takes no work any more, ends itself", loud=True)
    state.should_stop = STATUS
    time.sleep(PATIENCE)
    os._exit(STATUS)
