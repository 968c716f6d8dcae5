"""A place of our own for works B and C: a data folder, a Redis on its socket, an owner with subscribed mailboxes.

Called by the benches and by the ring `load`. Everything started here is ended here, by its process id.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from integrations.fake import notice
from keepwarm.store import accounts
from keepwarm.types import Stream, StreamKind
from service.box import children
from service.box.place import free_port
from tests import load
from workers import subscriptions
from workers.runtime import Runtime

ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True, kw_only=True)
class Place:
    """What is running, and what it is told. ``streams`` and ``secrets`` belong together, in this order."""

    home: Path
    environment: dict[str, str]
    runtime: Runtime
    stack: ExitStack
    streams: list[Stream] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def connect(self, number: int) -> None:
        """An owner with so many subscribed mailboxes of the fake provider, all quiet."""
        with self.runtime.store.system() as tx:
            owner = accounts.create_owner(tx, email=f"o{len(self.streams)}@example.org", now=self.runtime.now())
        with self.runtime.store.transaction(owner.id) as tx:
            account = accounts.ensure_account(tx, provider="fake", now=self.runtime.now())
            made = [
                accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, place_ref=str(each))
                for each in range(number)
            ]
        for stream in made:
            kept = subscriptions.subscribe(self.runtime, stream, self.runtime.settings.public_url)
            self.streams.append(stream)
            self.secrets.append(self.runtime.push_secret(kept.id))

    def notices(self) -> list[bytes]:
        """One true notice for each mailbox, as it goes over the wire."""
        return [load.request("/webhooks/fake", body, headers) for headers, body in map(notice, self.secrets)]

    def stale(self) -> int:
        """How many mailboxes wait for a look."""
        with self.runtime.store.reading(self.streams[0].owner_id) as tx:
            return sum(each.stale_since is not None for each in accounts.streams(tx))

    def newest_log(self) -> Path:
        """What the process that was started last printed."""
        return max(self.home.glob("*.log"), key=lambda each: int(each.stem))

    def start(self, command: Sequence[str], **more: str) -> subprocess.Popen[bytes]:
        """A process of this place, ended with it at the latest."""
        log = self.stack.enter_context((self.home / f"{len(list(self.home.iterdir()))}.log").open("wb"))
        started = subprocess.Popen(
            command, cwd=ROOT, env=self.environment | more, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        self.stack.callback(stop, started)
        return started

    def serve(
        self, server: str, app: str, *, factory: bool = False, **more: str
    ) -> tuple[subprocess.Popen[bytes], int]:
        """A web server over an app, answering; its process and its port."""
        port = free_port("127.0.0.1", 20_000 + os.getpid() % 20_000, tries=500)
        started = self.start(SERVERS[server](port, app, factory), **more)
        wait_for_http(port, started)
        return started, port


def _shipped(port: int, app: str, factory: bool) -> list[str]:
    """As `keepwarm run` starts it, over any app."""
    command = children.web("127.0.0.1", port)
    return [*(each for each in command[:-1] if factory or each != "--factory"), app]


def _gunicorn(port: int, app: str, factory: bool, *, workers: int = 1) -> list[str]:
    shape = ["--worker-class", "gthread", "--workers", str(workers), "--threads", "8", "--no-control-socket"]
    where = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", *shape, *where, f"{app}()" if factory else app]


SERVERS: dict[str, Callable[[int, str, bool], list[str]]] = {
    "shipped": _shipped,
    "gunicorn": _gunicorn,
    "gunicorn 2x8": partial(_gunicorn, workers=2),
}


@contextmanager
def place(**settings: str) -> Iterator[Place]:
    """A new place, removed at the end."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kwb", ignore_cleanup_errors=True)))
        socket = home / "redis.sock"
        (home / "redis").mkdir()
        ours = {name: value for name, value in os.environ.items() if not name.startswith("KEEPWARM_")}
        ours |= {"KEEPWARM_HOME": str(home), "KEEPWARM_PUBLIC_URL": "https://keepwarm.example.org"}
        ours |= {"KEEPWARM_BROKER_URL": f"redis+socket://{socket}"} | settings
        runtime = Runtime.build(ours, migrate=True)
        stack.callback(runtime.store.close)
        made = Place(home=home, environment=ours, runtime=runtime, stack=stack)
        made.start(children.redis(home / "redis", socket))
        wait_for(socket.exists)
        yield made


def wait_for(what: object, *, seconds: float = 60.0, every: float = 0.05) -> None:
    """Until the function returns something true; raises TimeoutError after ``seconds``."""
    assert callable(what)
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise TimeoutError(getattr(what, "__name__", "what was waited for"))
        time.sleep(every)


def wait_for_http(port: int, server: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            except urllib.error.HTTPError as other:
                other.close()
            return True
        return False

    wait_for(answers)


def stop(process: subprocess.Popen[bytes], *, seconds: float = 10.0) -> None:
    """End a process that was started here: ask, wait, insist."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait()


def pss(pid: int) -> float:
    """MiB that a process and its children take, shared pages counted by their share (Linux; elsewhere 0)."""
    total, left = 0, [pid]
    while left:
        each = left.pop()
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                left += [int(child) for child in (task / "children").read_text().split()]
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
