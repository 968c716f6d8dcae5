"""The product's Celery app, with a clock that the stage moves and the arms at every point.

Started by `stage` alone, as `celery -A tests.rings.crash.worker`. Everything else is the product: its tasks,
settings, routes and pool.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready
from sqlalchemy import text

from keepwarm.pace import public_holidays
from keepwarm.questions import load_lists
from keepwarm.texts import Texts
from tests.rings.crash import broken
from tests.rings.crash.arms import Arms
from tests.rings.crash.receiver import load
from tests.rings.points import watched
from workers import hearing, tasks
from workers.app import app
from workers.runtime import Runtime

__all__ = ["app"]

FOLDER = Path(os.environ["RING_FOLDER"])
FILE_EVENTS = frozenset({"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir"})
TABLES = {"deliver": "outbox", "sync_stream": "stream"}


@dataclass(slots=True)
class Work:
    """What this process does right now."""

    owner: str = ""
    task: str = ""
    row: str = ""
    passed: Counter[str] = field(default_factory=Counter)


work = Work()
arms = Arms(FOLDER)
busy = os.open(FOLDER / "busy", os.O_RDWR | os.O_CREAT, 0o600)


def clock() -> datetime:
    return datetime.fromisoformat((FOLDER / "clock").read_text())


@lru_cache(maxsize=1)
def plain() -> Runtime:
    """The product's runtime with the ring's clock and receiver, not watched."""
    return replace(Runtime.build(), clock=clock, load=load)


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    sys.addaudithook(_files)
    return watched(plain(), _at)


def _at(point: str) -> None:
    """A point's name ends in how often this task has passed it: the second page is not the first."""
    if work.task:
        work.passed[point] += 1
        name = f"{point} #{work.passed[point]}"
        arms.at(name, owner=work.owner, task=work.task, row=work.row, now=clock)


def _files(event: str, details: Any) -> None:
    """Each file that is linked, moved, made or removed among an owner's own, right before it happens."""
    if event in FILE_EVENTS:
        path = next((os.fspath(each) for each in reversed(details) if isinstance(each, str | os.PathLike)), "")
        _, among, below = str(path).partition(f"/owners/{work.owner}/")
        if among:
            _at(f"before {event} {below.partition('/')[0]}")


def _read_ahead() -> None:
    """What every child would otherwise load anew after each death: a run has thousands."""
    for name in ("files", "local"):
        load(name)
    load_lists("en")
    Texts.load("en")
    for year in (2026, 2027):
        public_holidays("NL", "", year)


tasks.current = runtime
hearing.LOOK_SECONDS, hearing.DEAF_LOOKS = 0.5, 24  # the five minutes are too long for a test
_read_ahead()
broken.break_it(os.environ.get("RING_BREAK", ""))


@task_prerun.connect(weak=False)
def _begins(sender: Any, args: Any, **_: Any) -> None:
    """A lock that the kernel takes back when this process ends: who holds it is at work."""
    global busy  # noqa: PLW0603 - a lock belongs to an open file, and a forked child needs one of its own
    os.close(busy)
    busy = os.open(FOLDER / "busy", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(busy, fcntl.LOCK_SH)
    work.task = ""  # looking up whose it is does not count
    work.row = str(args[0]) if args else ""
    work.owner = _owner(sender.name, work.row)
    work.passed.clear()
    work.task = sender.name


@task_postrun.connect(weak=False)
def _ends(**_: Any) -> None:
    fcntl.flock(busy, fcntl.LOCK_UN)


def _owner(task: str, row: str) -> str:
    """Whose work it is; the task's name for what is nobody's."""
    if task == "prepare_owner":
        return row
    if task not in TABLES:
        return task
    query = text(f"SELECT owner_id FROM {TABLES[task]} WHERE id = :id")
    with plain().store.engine.connect() as connection:
        return str(connection.execute(query, {"id": row}).scalar() or "")


@worker_ready.connect(weak=False)
def _can_go_deaf(sender: Any, **_: Any) -> None:
    """Where the file ``deaf`` appears, this worker lives on, stays connected, and takes nothing any more."""
    quiet: Callable[[], None] = lambda: [  # type: ignore[assignment,return-value]  # noqa: E731 - a timer's deed
        sender.task_consumer.cancel_by_queue(queue.name) for queue in list(sender.task_consumer.queues)
    ]
    sender.timer.call_repeatedly(0.2, lambda: quiet() if (FOLDER / "deaf").exists() else None)
