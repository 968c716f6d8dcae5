"""How often a sign-in may fail: a table in memory, by address and by client (OWASP "Authentication Cheat Sheet").

Called by `service.auth`. Per process on purpose: it slows guessing down, it is not the lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=15)
LIMITS = {"pair": 5, "client": 30, "address": 50}  # failures within WINDOW; ours: one typist, one office, the world
ROWS_AT_MOST = 10_000


def keys_of(address: str, client: str) -> tuple[tuple[str, str], ...]:
    """What a try is counted under."""
    return (("pair", f"{address}\n{client}"), ("client", client), ("address", address))


@dataclass(slots=True)
class Throttle:
    """Failures by key. Safe for threads."""

    failures: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def wait(self, keys: Iterable[tuple[str, str]], now: datetime) -> timedelta:
        """How long to wait before the next try; zero for not at all."""
        with self.lock:
            return max((self._wait(key, now) for key in keys), default=timedelta())

    def _wait(self, key: tuple[str, str], now: datetime) -> timedelta:
        recent = [at for at in self.failures.get(key, ()) if now - at < WINDOW]
        if len(recent) < LIMITS[key[0]]:
            return timedelta()
        return recent[-LIMITS[key[0]]] + WINDOW - now

    def failed(self, keys: Iterable[tuple[str, str]], now: datetime) -> None:
        with self.lock:
            if len(self.failures) > ROWS_AT_MOST:
                self._prune(now)
            for key in keys:
                recent = [at for at in self.failures.get(key, ()) if now - at < WINDOW]
                self.failures[key] = [*recent, now][-LIMITS[key[0]] :]

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        """A good password clears its own pair; what a client does to others stays counted."""
        with self.lock:
            for key in keys:
                if key[0] == "pair":
                    self.failures.pop(key, None)

    def _prune(self, now: datetime) -> None:
        self.failures = {key: seen for key, seen in self.failures.items() if now - seen[-1] < WINDOW}
