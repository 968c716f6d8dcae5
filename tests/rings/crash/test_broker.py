"""R3: Redis is killed, frozen and emptied in mid-run. A canary sings again within a minute, and nothing is lost."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from keepwarm.store import duties
from tests.rings.conftest import Ring
from tests.rings.crash import rows, story
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import Stage, wait_for
from workers import tasks
from workers.schedule import DUTIES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CANARY_BACK = 60  # seconds: RELIABILITY.md R3
FAULTS = {"kill": (20, 2), "freeze": (20, 2), "flush": (5, 1)}  # in full, in a sample


@dataclass(slots=True)
class Trouble:
    """One kind of fault a sweep, while somebody is at work."""

    stage: Stage
    chance: random.Random
    left: list[str]
    done: Counter[str] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    begun: float = 0.0

    def __call__(self) -> None:
        if self.left and time.monotonic() - self.begun > self.chance.uniform(0.1, 0.6):
            kind = self.left.pop()
            getattr(self, f"_{kind}")()
            self.done[kind] += 1
            self.waited.append(canary_back(self.stage))
            self.begun = time.monotonic()

    def _kill(self) -> None:
        self.stage.kill_broker()
        time.sleep(self.chance.uniform(0, 2))
        self.stage.start_broker()

    def _freeze(self) -> None:
        """Some longer than the worker's patience with a silent socket (30 s)."""
        assert self.stage.broker is not None
        self.stage.broker.send_signal(signal.SIGSTOP)
        time.sleep(self.chance.choice([1.0, 2.0, 4.0, 33.0 if len(self.left) % 10 == 9 else 1.0]))
        self.stage.broker.send_signal(signal.SIGCONT)

    def _flush(self) -> None:
        self.stage.redis().flushall()


def canary_back(stage: Stage) -> float:
    """Seconds of the real clock until a canary that is sent each second has gone through the queue that sends."""
    begun, moment = time.monotonic(), stage.now()
    last = 0.0

    def sang() -> bool:
        nonlocal last
        if time.monotonic() - last > 1:
            tasks.wake(stage.runtime, "canary", "send")
            last = time.monotonic()
        stage.keep_alive()
        return rows.heard(stage.store, "canary-send", after=moment)

    stage.at(moment + timedelta(seconds=1))
    wait_for(sang, within=CANARY_BACK + 30, every=0.1)
    return time.monotonic() - begun


def test_whatever_befalls_redis_nothing_is_lost(on_sqlite: Staging, ring: Ring) -> None:
    stage, chance = on_sqlite(), ring.chance()
    todo = [kind for kind, (full, sample) in FAULTS.items() for _ in range(ring.size(full, sample))]
    chance.shuffle(todo)
    trouble = Trouble(stage=stage, chance=chance, left=[])
    stage.meanwhile = trouble
    wrong: list[str] = []
    while todo:
        trouble.left, todo = todo[:5], todo[5:]
        rows.empty(stage.store)
        stage.at(story.MONDAY)
        with stage.store.system() as tx:
            duties.ensure_duties(tx, DUTIES, stage.now())
        people = [story.begin(stage, number, connected=number % 2 == 0) for number in range(4)]
        story.tell(stage, people)
        for person in people:
            wrong += story.wrong(stage, person, [])
        todo += trouble.left  # the story was over before its turn came
    ring.record(**trouble.done, longest_until_a_canary=f"{max(trouble.waited):.0f} s", wrong=len(wrong))
    assert wrong == []
    assert max(trouble.waited) <= CANARY_BACK
