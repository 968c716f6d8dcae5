"""Looks after the workers from the web process, once a minute, for as long as it lives (`workers.watch`).

Started by `service.wsgi`. Whatever goes wrong in a look is logged and ends with it: pages are served all the same.
"""

from __future__ import annotations

import threading
import time

from workers import logs, watch
from workers.runtime import Runtime
from workers.schedule import SWEEP_SECONDS


def start(runtime: Runtime) -> threading.Thread:
    """A thread that looks now and each minute, and ends with the process."""
    made = threading.Thread(target=_keep_looking, args=(runtime,), name="watch", daemon=True)
    made.start()
    return made


def _keep_looking(runtime: Runtime) -> None:
    while True:
        look(runtime)
        time.sleep(SWEEP_SECONDS)


def look(runtime: Runtime) -> None:
    try:
        watch.look(runtime)
    except Exception as error:  # noqa: BLE001 - the next look may find the database again; the pages go on
        logs.line("failed", task="watch", error=type(error).__name__, where=logs.where(error), loud=True)
