"""A9, A10: three beats at once change nothing, and with none at all the web process has the sweeps made."""

from __future__ import annotations

import pytest

from tests.rings.conftest import Ring
from tests.rings.crash import story
from tests.rings.crash.conftest import Staging
from workers import tasks, watch
from workers.runtime import Runtime

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def three(runtime: Runtime) -> None:
    for _ in range(3):
        tasks.wake(runtime, "sweep", "beat")


@pytest.mark.parametrize("ask", [three, watch.look], ids=["three beats", "no beat"])
def test_the_number_of_beats_changes_nothing(staging: Staging, ring: Ring, ask: object) -> None:
    stage = staging(ask=ask, concurrency=3)
    people = [story.begin(stage, number, connected=number % 2 == 0) for number in range(ring.size(12, 2))]
    story.tell(stage, people)
    ring.record(stories=len(people))
    assert [each for person in people for each in story.wrong(stage, person, [])] == []
