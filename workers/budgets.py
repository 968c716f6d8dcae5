"""What a provider lets us ask in a minute and at once, shared by all processes. Built by the runtime."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.base import Allowance
from keepwarm.errors import TryAgainLater
from keepwarm.store import Store, places, purses

HELD = timedelta(seconds=60)  # ours: longer than any request may take (`integrations.wire.http.SECONDS`)
LOOKS, REST = 200, 0.05  # how often, and seconds between, we look whether a place is free: ten seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Purses:
    """`integrations.base.Budget`. A power cut may forget the last minute: then we are refused, and wait."""

    store: Store
    now: Callable[[], datetime]
    rest: Callable[[float], None] = time.sleep

    def take(self, named: Mapping[str, int], units: int, *, least: int = 0) -> Allowance:
        with self.store.hint() as tx:
            given, after = purses.take(tx, named, units, least, self.now())
        return Allowance(units=given, after=after)

    def refused(self, name: str, least: timedelta) -> None:
        with self.store.hint() as tx:
            purses.rest(tx, f"rest/{name}", least, self.now())

    def rests(self, name: str) -> timedelta | None:
        with self.store.glance() as tx:
            return purses.rests(tx, f"rest/{name}", self.now())

    def granted(self, name: str) -> None:
        with self.store.hint() as tx:
            purses.end_rest(tx, f"rest/{name}")

    @contextmanager
    def place(self, name: str, at_most: int) -> Iterator[None]:
        number, until = self._taken(name, at_most)
        try:
            yield
        finally:
            with self.store.hint() as tx:
                places.leave_place(tx, name, number, until)

    def _taken(self, name: str, at_most: int) -> tuple[int, datetime]:
        for _ in range(LOOKS):
            until = self.now() + HELD
            with self.store.hint() as tx:
                number = places.take_place(tx, name, at_most, self.now(), until)
            if number is not None:
                return number, until
            self.rest(REST)
        raise TryAgainLater(timedelta(seconds=30))
