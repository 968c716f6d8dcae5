"""How much one mailbox may be asked: four requests at the same time, 10,000 in ten minutes. `desk.py` counts here.

PROVIDERS.md, section 4, Throttling: MD concepts/throttling-limits.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from tests.emulators.microsoft.faults import throttled
from tests.emulators.stand.windows import Windows

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person

AT_ONCE = 4
WINDOW, MOST = timedelta(minutes=10), 10_000
PAUSE = 5  # seconds to wait after too many at once; a judgement


class Limits:
    """``peak`` is the most that were under way at once for a person; ``most`` may be set by tests."""

    def __init__(self) -> None:
        self.peak: Counter[Person] = Counter()
        self.most, self.at_once = MOST, AT_ONCE
        self.windows = Windows(WINDOW)
        self._under_way: Counter[Person] = Counter()
        self._lock = Lock()

    @contextmanager
    def line(self, person: Person, now: datetime) -> Iterator[None]:
        """Around one request; Refusal for the fifth."""
        with self._lock:
            self._under_way[person] += 1
            many = self._under_way[person]
            self.peak[person] = max(self.peak[person], many)
        try:
            if many > self.at_once:
                raise throttled(now, PAUSE)
            yield
        finally:
            with self._lock:
                self._under_way[person] -= 1

    def charge(self, person: Person, now: datetime) -> None:
        """One request; Refusal when it does not fit into the window."""
        wait = self.windows.charge({person: self.most}, 1, now)
        if wait is not None:
            raise throttled(now, wait + 1)
