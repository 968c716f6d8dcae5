"""Mutations of real items and of bombs through every reader: nothing escapes, nothing takes long, nothing grows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.rings.conftest import Ring
from tests.rings.hostile.child import Job
from tests.rings.hostile.trial import Outcome, tried

pytestmark = [pytest.mark.slow, pytest.mark.shared, pytest.mark.timeout(2400)]

HERE = "tests.rings.hostile"
EACH = 5_000  # items that one child reads
CHILDREN = 2  # at a time: the two processors of the smallest machine we promise anything on

# What is mutated, the reader, how many in full (RELIABILITY.md F1) and in a sample.
TRIED = {
    "headers": ("mail", "mail", 100_000, 3_000),
    "calendars": ("ics", "calendar", 50_000, 1_000),
    "our events, changed by others": ("ics", "our_event", 10_000, 300),
    "cards": ("vcf", "cards", 20_000, 2_000),
    "answers of calendar servers": ("dav", "dav", 20_000, 400),
    "exports": ("row", "export", 20_000, 500),
    "archives": ("zip", "file", 5_000, 150),
    "calendars as files": ("ics", "file", 2_000, 100),
    "mails as files": ("mail", "file", 2_000, 100),
    "cards as files": ("vcf", "file", 2_000, 100),
}


@pytest.mark.parametrize("what", TRIED)
def test_mutations_neither_escape_nor_cost(ring: Ring, shared: Path, what: str) -> None:
    kind, reader, full, sample = TRIED[what]
    count, seed = ring.size(full, sample), str(ring.chance("mutations").getrandbits(64))
    jobs = [
        Job(
            reader=f"{HERE}.readers:{reader}",
            maker=f"{HERE}.mutate:mutations",
            given=(kind, seed, str(shared)),
            first=first,
            last=min(first + EACH, count),
        )
        for first in range(0, count, EACH)
    ]
    with ThreadPoolExecutor(CHILDREN) as pool:
        outcome = Outcome.joined(pool.map(tried, jobs))
    ring.record(**outcome.figures())
    assert outcome.breaches == [], f"seed {seed}"
    assert outcome.tried == count
