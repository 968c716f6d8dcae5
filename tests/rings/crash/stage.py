"""Where a run takes place: a data folder, a database, a Redis, one real Celery worker, and a clock that stands still.

The stage moves the clock, sends the sweeps that beat would send, waits until everybody has nothing to do, and ends
processes. It starts what it needs itself and ends only that.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis

from keepwarm.settings import Settings
from keepwarm.store import Store
from service.box.children import redis as redis_command
from service.box.process import LEASH
from tests.rings.crash.arms import Arms
from tests.rings.crash.receiver import load
from workers import tasks
from workers.runtime import Runtime, new_id
from workers.schedule import QUEUES

ROOT = Path(__file__).parents[3]
LEASE = timedelta(seconds=120)  # RELIABILITY.md A3
PATIENCE = 120.0  # seconds of the real clock until a worker has nothing to do
PREFIX = "keepwarm:"  # `workers.app.transport_options`


@dataclass(slots=True, kw_only=True)
class Stage:
    folder: Path
    runtime: Runtime
    url: str
    queues: str = "sync,send,upkeep"  # nobody listens on push: its canary falls silent, and that is told
    break_what: str = ""
    concurrency: int = 2
    ask: Callable[[Runtime], object] = field(default=lambda runtime: tasks.wake(runtime, "sweep", "beat"))
    meanwhile: Callable[[], None] = field(default=lambda: None)  # called again and again while somebody is at work
    worker: subprocess.Popen[bytes] | None = None
    broker: subprocess.Popen[bytes] | None = None
    arms: Arms = field(init=False)

    def __post_init__(self) -> None:
        self.arms = Arms(self.folder)

    @property
    def store(self) -> Store:
        return self.runtime.store

    @property
    def received(self) -> Path:
        """Where the receiver writes."""
        return self.folder / "received"

    # the clock

    def at(self, moment: datetime) -> None:
        draft = self.folder / "clock.new"
        draft.write_text(moment.isoformat())
        draft.replace(self.folder / "clock")

    def now(self) -> datetime:
        return datetime.fromisoformat((self.folder / "clock").read_text())

    def later(self, span: timedelta = LEASE) -> None:
        self.at(self.now() + span)

    # the processes

    def start_broker(self) -> None:
        data = self.folder / "redis"
        data.mkdir(exist_ok=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.socket.unlink(missing_ok=True)
        self.broker = subprocess.Popen([*_leash(), *redis_command(data, self.socket)], **quiet)
        wait_for(self._broker_answers, within=20)

    def _broker_answers(self) -> bool:
        try:
            return bool(self.redis().ping())
        except (redis.exceptions.RedisError, OSError):
            return False

    def redis(self) -> Any:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    @property
    def socket(self) -> Path:
        return self.folder / "r.sock"

    def start_worker(self) -> None:
        options = ["--pool", "prefork", "--concurrency", str(self.concurrency), "-Q", self.queues]
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [*_leash(), sys.executable, "-m", "celery", "-A", "tests.rings.crash.worker", "worker", *options,
                 "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
                cwd=ROOT, env=self._environment(), stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KEEPWARM_")}
        return kept | {
            "KEEPWARM_HOME": str(self.runtime.home),
            "KEEPWARM_DATABASE_URL": self.url,
            "KEEPWARM_BROKER_URL": self.runtime.settings.broker_url,
            "RING_FOLDER": str(self.folder),
            "RING_BREAK": self.break_what,
            "PYTHONPATH": str(ROOT),
        }

    def children(self) -> list[int]:
        """Process ids of the worker's children."""
        assert self.worker is not None
        file = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children")
        with suppress(OSError):
            return [int(each) for each in file.read_text().split()]
        return []

    def kill_worker(self) -> None:
        """The worker and all its children, at once."""
        if self.worker is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait(10)
            self.worker = None
            with suppress(
                redis.exceptions.RedisError, OSError
            ):  # what it held would come back in an hour: that is lost
                self.redis().delete(f"{PREFIX}unacked", f"{PREFIX}unacked_index")

    def kill_broker(self) -> None:
        if self.broker is not None:
            self.broker.kill()
            self.broker.wait(10)
            self.broker = None

    def close(self) -> None:
        self.kill_worker()
        self.kill_broker()

    # the work

    def sweep(self) -> None:
        """What beat sends each minute, and then wait until nobody has anything to do."""
        self.ask(self.runtime)
        self.wait_until_idle()

    def sweep_past(self) -> None:
        """A sweep, and wait until those who do not stand still have nothing to do."""
        tasks.wake(self.runtime, "sweep", "beat")
        done = self._done() + 2  # the sweep, and a canary at least
        wait_for(lambda: self._done() >= done and self._queues_empty(), within=PATIENCE)
        self.wait_until_still()

    def wait_until_still(self) -> None:
        """Until nothing came to an end for a while: what is left stands still."""
        quiet = -1
        while not self._queues_empty() or self._done() != quiet:
            quiet = self._done()
            time.sleep(0.5)

    def _done(self) -> int:
        """How many tasks came to an end so far."""
        return (self.folder / "worker.log").read_text(errors="replace").count(" INFO keepwarm ")

    def wait_until_idle(self) -> None:
        """Until three looks in a row find nobody at work and no message.

        A message that was on its way to a child that died stays held by the parent for ever: fifty looks let it be.
        """
        quiet, until = 0, time.monotonic() + PATIENCE
        while quiet < 3 or (quiet < 50 and self._held_messages()):
            assert time.monotonic() < until, f"the worker is still at work; {self.log_end()}"
            quiet = quiet + 1 if self._queues_empty() and self._nobody_works() else 0
            self.keep_alive()
            self.meanwhile()
            time.sleep(0.02)

    def keep_alive(self) -> None:
        """A worker that ended by itself is started again, as every supervisor does."""
        if self.worker is not None and self.worker.poll() is not None:
            self.kill_worker()
            self.start_worker()

    def _queues_empty(self) -> bool:
        """No message waits for this worker."""
        try:
            pipe = self.redis().pipeline()
            for queue in self.queues.split(","):
                pipe.llen(PREFIX + queue)
            return not any(pipe.execute())
        except redis.exceptions.RedisError:
            return False

    def _held_messages(self) -> int:
        """Messages that the worker's parent has taken and no child has begun."""
        try:
            return int(self.redis().hlen(f"{PREFIX}unacked"))
        except redis.exceptions.RedisError:
            return 1

    def _nobody_works(self) -> bool:
        handle = os.open(self.folder / "busy", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
        return True

    def log_end(self) -> str:
        return (self.folder / "worker.log").read_text(errors="replace")[-2000:]


def _leash() -> list[str]:
    """Whatever is started goes when the test run goes, however that ends."""
    return [sys.executable, str(LEASH), str(os.getpid())]


@contextmanager
def staged(folder: Path, url: str, start: datetime, **more: Any) -> Iterator[Stage]:
    """A stage with a Redis and a worker that runs; all of it ends at the end."""
    home = folder / "home"
    for each in (folder, home, folder / "received"):
        each.mkdir(mode=0o700, exist_ok=True)
    settings = Settings(home=str(home), database_url=url, broker_url=f"redis+socket://{folder}/r.sock")
    (home / "secret.key").write_bytes(b"s" * 32)
    store = Store(url, new_id)
    store.migrate()

    def clock() -> datetime:
        return stage.now()

    runtime = Runtime(settings=settings, home=home, store=store, secret=b"s" * 32, clock=clock, load=load)
    stage = Stage(folder=folder, runtime=runtime, url=url, **more)
    stage.at(start)
    try:
        stage.start_broker()
        stage.start_worker()
        yield stage
    finally:
        stage.close()
        store.close()


def wait_for(what: Callable[[], Any], *, within: float, every: float = 0.05) -> Any:
    """What the function returns once that is true; fails after ``within`` seconds of the real clock."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(every)
    raise AssertionError(f"waited {within:.0f} s in vain for {what}")


ALL_QUEUES = ",".join(QUEUES)
