"""One child: started on a leash in a process group of its own, restarted with back-off, ended kindly and then not.

Called by `service.box.parent`. Times here are seconds of the monotonic clock: they measure waiting,
and no row holds them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.box.children import ChildSpec

LEASH = Path(__file__).with_name("leash.py")
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds before a restart; the last for every further one
STEADY = 60.0  # seconds of life after which an end counts as the first again
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a log above is set aside at start


@dataclass(slots=True, kw_only=True)
class Child:
    """A child and its history. ``failures`` counts ends in a row without a steady life between."""

    spec: ChildSpec
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    failures: int = 0

    def start(self) -> None:
        """Start it, with what it prints going to its log (mode 0600)."""
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the command is our own table's, no shell takes part
                [sys.executable, str(LEASH), str(os.getpid()), *self.spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environment),
                process_group=0,
            )
        finally:
            os.close(log)
        self.started = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def ended(self) -> int | None:
        """Its exit status once it is over (negative: the signal); what it left in its group is ended too."""
        if self.process is None or (status := self.process.poll()) is None:
            return None
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process = None
        lived = time.monotonic() - self.started
        self.failures = 1 if lived >= STEADY else self.failures + 1
        self.not_before = time.monotonic() + BACK_OFF[min(self.failures, len(BACK_OFF)) - 1]
        return status

    def may_start(self) -> bool:
        return self.process is None and time.monotonic() >= self.not_before

    def restart(self) -> None:
        """End a child that lives and does nothing; the loop starts it again."""
        if self.process is not None:
            _signal_group(self.process.pid, signal.SIGKILL)

    def stop(self, patience: float) -> None:
        """Ask it to end, wait at most ``patience`` seconds, then end it and all it started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        _signal_group(self.process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.process = None


def set_aside(log: Path) -> None:
    """Rename a log that has grown beyond the limit, replacing the one set aside before."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def end_group(pid: int) -> None:
    """End what a former run left behind: ask, give it three seconds, then insist."""
    _signal_group(pid, signal.SIGTERM)
    until = time.monotonic() + 3
    while time.monotonic() < until and _lives(pid):
        time.sleep(0.1)
    _signal_group(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
