"""What a provider lets us ask in a minute, shared by all processes through the store. Built by the runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.base import Allowance
from keepwarm.store import Store, purses


@dataclass(frozen=True, slots=True, kw_only=True)
class Purses:
    """`integrations.base.Budget`. A power cut may forget the last minute: then we are refused, and wait."""

    store: Store
    now: Callable[[], datetime]

    def take(self, named: Mapping[str, int], units: int, *, least: int = 0) -> Allowance:
        with self.store.hint() as tx:
            given, after = purses.take(tx, named, units, least, self.now())
        return Allowance(units=given, after=after)
