"""R4: a worker stands still at the fence or behind it, its lease runs out, another takes over, and then it goes on.

Whatever it does then, nothing comes twice. A mail that it sent after all although another had to call it uncertain is
known as sent in the end.
"""

from __future__ import annotations

import pytest

from tests.rings.conftest import Ring
from tests.rings.crash import rows, story
from tests.rings.crash.arms import STOP
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import Stage
from tests.rings.crash.stalled import let_go_on, stalled, standing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AT = (  # where they stand still: the lease taken, the note that it is sent made, around the call, before the outcome
    "after commit workers.deliver.deliver #1",
    "after commit workers.deliver._carry_out #1",
    "before call receiver.send #1",
    "after call receiver.send #1",
    "before call receiver.put_event #1",
    "after call receiver.put_event #1",
    "before call local.send #1",
    "before os.link mailbox #1",
    "before os.rename calendar #1",
    "after call local.send #1",
)


def test_who_wakes_behind_its_lease_doubles_nothing(staging: Staging, ring: Ring) -> None:
    stage = staging(concurrency=8)
    cases, wrong, uncertain = 0, list[str](), 0
    while cases < ring.size(100, 10) and not wrong:
        for connected in (True, False):
            points = [each for each in AT if connected is not any(word in each for word in ("local", "os."))]
            person, stood = one_tuesday(stage, connected=connected, points=points[cases % 3 :])
            cases += stood
            wrong += [each for each in story.wrong(stage, person, []) if "note" not in each and "Bo" not in each]
            uncertain += len(story.told_as_uncertain(stage, person))
    ring.record(cases=cases, wrong=len(wrong), still_uncertain=uncertain)
    assert wrong == []


def one_tuesday(stage: Stage, *, connected: bool, points: list[str]) -> tuple[story.Person, int]:
    """An owner's Tuesday in which workers stand still at these points, each at the first; how many did."""
    rows.empty(stage.store)
    stage.arms.arm({})
    stage.at(story.MONDAY)
    person = story.begin(stage, 1, connected=connected)
    story.until_settled(stage)
    story.accept(stage, [person])
    stage.at(story.TUESDAY)
    story.alarm(stage, [person])
    stage.arms.arm({person.id: points}, how=STOP)
    stalled(stage, 2)
    stage.wait_until_still()
    stood = len(standing(stage))
    stage.arms.arm({})
    stage.later()
    stage.sweep_past()
    let_go_on(stage)
    story.until_settled(stage, at_least=2)
    return person, stood
