"""Strict sliding windows of a quota, by the town's clock."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any


class Windows:
    """Units spent in the last ``length``, for each name of a window; ``peak`` is the most that each ever held."""

    def __init__(self, length: timedelta) -> None:
        self.length = length
        self.peak: dict[Hashable, int] = defaultdict(int)
        self._spent: dict[Hashable, deque[tuple[datetime, int]]] = defaultdict(deque)
        self._sums: dict[Hashable, int] = defaultdict(int)

    def charge(self, limits: Mapping[Any, int | None], cost: int, now: datetime) -> float | None:
        """None where the cost fits into every window of ``limits`` and is charged; else the seconds until the first
        full one has room, and nothing is charged."""
        for name, limit in limits.items():
            self._forget(name, now)
            if limit is not None and self._sums[name] + cost > limit:
                spent = self._spent[name]
                return (spent[0][0] + self.length - now).total_seconds() if spent else self.length.total_seconds()
        for name in limits:
            self._spent[name].append((now, cost))
            self._sums[name] += cost
            self.peak[name] = max(self.peak[name], self._sums[name])
        return None

    def _forget(self, name: Hashable, now: datetime) -> None:
        spent = self._spent[name]
        while spent and spent[0][0] <= now - self.length:
            self._sums[name] -= spent.popleft()[1]
