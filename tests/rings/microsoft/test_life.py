"""R6: whatever fails, in the end the store is as Outlook is, and nothing was done twice or for nobody."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.rings.conftest import Ring
from tests.rings.microsoft.life import Lived, lived, lived_apart
from tests.servers.dav import Authority

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400)]  # in full on a machine that does other things too

WIRED = 25  # one life in so many goes over the town's port


def seeds(ring: Ring) -> list[int]:
    return [ring.chance("lives").randrange(2**32) + each for each in range(ring.size(300, 4))]


def test_every_life_ends_as_outlook_is(ring: Ring, authority: Authority, migrated: Path, tmp_path: Path) -> None:
    """Full: 300 lives of 200 steps, over all processors. Each seed can be lived again alone (`life.lived_apart`)."""
    steps = ring.size(200, 50)
    given = [(seed, steps, migrated, tmp_path, number % WIRED == 0) for number, seed in enumerate(seeds(ring))]
    if ring.full:
        with ProcessPoolExecutor(os.cpu_count() or 2, mp_context=get_context("spawn")) as workers:
            told = list(workers.map(lived_apart, given, chunksize=5))
    else:
        told = [lived(each[0], steps, authority, migrated, tmp_path, wired=each[4]) for each in given]
    happened = sum((each.happened for each in told), Counter[str]())
    ring.record(lives=len(told), steps=steps, **dict(happened.most_common()))
    assert wrong(told) == []


def wrong(told: list[Lived]) -> list[str]:
    return [says for each in told for says in each.wrong]
