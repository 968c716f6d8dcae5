"""Every named bomb, alone in a child with limits, and every file of the public test suites through every reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rings.conftest import Ring
from tests.rings.hostile.bombs import ENTRIES, ITEMS
from tests.rings.hostile.child import Job
from tests.rings.hostile.samples import shared_files
from tests.rings.hostile.trial import tried

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

READERS = {"mail": "mail", "ics": "calendar", "vcf": "cards", "row": "export", "friend": "export", "file": "file"}
HERE = "tests.rings.hostile"


@pytest.mark.parametrize("kind", ITEMS)
def test_bombs_alone_keep_within_their_bounds(ring: Ring, kind: str) -> None:
    job = Job(
        reader=f"{HERE}.readers:{READERS[kind]}", maker=f"{HERE}.samples:bombs", given=(kind,), last=len(ITEMS[kind])
    )
    outcome = tried(job)
    ring.record(**outcome.figures())
    assert outcome.breaches == []
    assert outcome.tried == len(ITEMS[kind])


def test_there_are_enough_bombs() -> None:
    assert sum(map(len, ITEMS.values())) + len(ENTRIES) >= 60


@pytest.mark.shared
def test_every_shared_file_goes_through_every_reader(ring: Ring, shared: Path) -> None:
    every = len(shared_files(str(shared)))
    count, seed = ring.size(every, 200), str(ring.chance("files").getrandbits(64))
    job = Job(
        reader=f"{HERE}.readers:all_of_them", maker=f"{HERE}.samples:files", given=(str(shared), seed), last=count
    )
    outcome = tried(job)
    ring.record(**outcome.figures())
    assert outcome.breaches == []
    assert outcome.tried == count
    assert every > 1000
