"""The parent's loop: start the children, keep them alive, say where to look, stop them in order.

Called by `keepwarm run` (`service.cli`). It holds no work and no state but the processes, and may be killed any moment.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import OK, HTTPConnection, HTTPException
from pathlib import Path

from service.box.children import ChildSpec
from service.box.place import Place, born_at
from service.box.process import Child, end_group, set_aside

TICK = 1.0  # seconds between looks when no signal wakes the loop
READY_SECONDS = 90.0  # how long the first start may take before we say that it is slow
CANARY_LIMIT = 300.0  # seconds without a consumed canary after which a worker counts as deaf (RELIABILITY.md A6)
CANARY_LOOK = 15.0  # seconds between looks at the canaries
BROKEN_BROKER = 3  # failed starts in a row after which Redis gets an empty folder: it holds wake-up calls only


@dataclass(slots=True, kw_only=True)
class Box:
    """One run. ``say(event, **values)`` prints a short line; ``canaries()`` changes whenever a canary is consumed."""

    place: Place
    specs: list[ChildSpec]
    environment: Mapping[str, str]
    host: str
    port: int
    say: Callable[..., None]
    canaries: Callable[[], object]
    socket: Path | None = None
    children: list[Child] = field(default_factory=list)
    stopping: int = 0
    ready: bool = False
    heard: object = None
    heard_at: float = 0.0
    looked_at: float = 0.0

    def run(self) -> int:
        """Run until a signal asks to stop; returns the exit status."""
        self._sweep_up()
        wake = self._listen()
        self.children = [self._child(spec) for spec in self.specs]
        self.heard_at = begun = time.monotonic()
        slow = False
        try:
            while not self.stopping:
                self._look_after_children()
                self._look_for_ready()
                if not self.ready and not slow and time.monotonic() - begun > READY_SECONDS:
                    slow = True
                    self.say("slow", log=self._log("web"))
                self._look_for_canaries()
                _pause(wake)
        finally:
            self._stop()
        return 0

    def _child(self, spec: ChildSpec) -> Child:
        set_aside(self._log(spec.name))
        return Child(spec=spec, environment=self.environment, log=self._log(spec.name))

    def _log(self, name: str) -> Path:
        return self.place.home / "logs" / f"{name}.log"

    def _sweep_up(self) -> None:
        """What a run that was killed may have left: processes and the socket."""
        for pid in self.place.left_behind():
            self.say("left_behind", pid=pid)
            end_group(pid)
        if self.socket is not None:
            self.socket.unlink(missing_ok=True)

    def _listen(self) -> int:
        """Signals set ``stopping`` and make the returned pipe readable."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return reader

    def _asked_to_stop(self, _number: int, _frame: object) -> None:
        self.stopping += 1

    def _look_after_children(self) -> None:
        for child in self.children:
            status = child.ended()
            if status is not None:
                self.say("ended", name=child.spec.name, status=status, log=child.log)
                self._mend(child)
            if child.may_start() and self._broker_answers(child):
                child.start()
                self._note_children()

    def _mend(self, child: Child) -> None:
        """A Redis that cannot read its own file starts empty: every row it would wake is found by the sweep."""
        if child.spec.name == "redis" and child.failures == BROKEN_BROKER:
            aside = self.place.home / "redis.unreadable"
            shutil.rmtree(aside, ignore_errors=True)
            (self.place.home / "redis").replace(aside)
            (self.place.home / "redis").mkdir(mode=0o700)

    def _broker_answers(self, child: Child) -> bool:
        return self.socket is None or child.spec.name == "redis" or self.socket.exists()

    def _note_children(self) -> None:
        pids = [child.pid for child in self.children if child.pid is not None]
        self.place.note(children={str(pid): born_at(pid) for pid in pids})

    def _look_for_ready(self) -> None:
        if self.ready or not self._web_answers():
            return
        self.ready = True
        self.say("ready")

    def _web_answers(self) -> bool:
        """Whether a page comes; the port alone is open before there is anything behind it."""
        to = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - a comparison, nothing binds here
        asked = HTTPConnection(to, self.port, timeout=2)
        try:
            asked.request("GET", "/healthz")
            return asked.getresponse().status == OK
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()

    def _look_for_canaries(self) -> None:
        """A worker that lives and consumes nothing is restarted, and our own Redis with it."""
        now = time.monotonic()
        if now - self.looked_at < CANARY_LOOK:
            return
        self.looked_at = now
        heard = self.canaries()
        if heard != self.heard:
            self.heard, self.heard_at = heard, now
        elif now - self.heard_at > CANARY_LIMIT:
            self.heard_at = now
            self.say("deaf")
            for child in self.children:
                if child.spec.name in {"worker", "redis"}:
                    child.restart()

    def _stop(self) -> None:
        """Web, beat, worker, Redis; a second signal makes it short."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.say("stopping")
        for child in sorted(self.children, key=lambda each: each.spec.ends):
            child.stop(child.spec.stop_seconds if self.stopping < 2 else 0.2)
        if self.socket is not None:
            self.socket.unlink(missing_ok=True)
            with suppress(OSError):
                self.socket.parent.rmdir()
        self.place.release()
        self.say("stopped")


def _pause(wake: int) -> None:
    """Wait for a signal, one tick at most."""
    if select.select([wake], [], [], TICK)[0]:
        with suppress(BlockingIOError):
            os.read(wake, 512)
