"""Many random lives at once, over all processors: what each came to is told as soon as it is known."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from tests.rings.conftest import Ring

log = logging.getLogger(__name__)

WIRED = 25  # one life in so many goes over the town's port

Given: TypeAlias = tuple[int, int, Path, Path, bool]  # seed, steps, migrated store, folder, wired


@dataclass(slots=True)
class Lived:
    """What came of a life: what is wrong, and counts of what happened."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)


def drawn(ring: Ring, count: int, steps: int, migrated: Path, folder: Path) -> list[Given]:
    first = ring.chance("lives").randrange(2**32)
    return [(first + each, steps, migrated, folder, each % WIRED == 0) for each in range(count)]


def lived_at_once(given: list[Given], lived_apart: Callable[[Given], Lived]) -> Iterator[Lived]:
    """In processes of their own. A life that is wrong is logged as it ends: in full this lasts an hour."""
    with ProcessPoolExecutor(os.cpu_count() or 2, mp_context=get_context("spawn")) as workers:
        for each in workers.map(lived_apart, given):
            for says in each.wrong:
                log.error(says)
            yield each


def ended(ring: Ring, told: list[Lived], steps: int) -> list[str]:
    """All that is wrong; what happened goes into the report."""
    happened = sum((each.happened for each in told), Counter[str]())
    ring.record(lives=len(told), steps=steps, **dict(happened.most_common()))
    return [says for each in told for says in each.wrong]
