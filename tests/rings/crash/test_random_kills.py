"""R2: children, whole workers, Redis and PostgreSQL are killed at random moments, and everything is there once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests import postgres
from tests.rings.conftest import Ring
from tests.rings.crash import rows, story
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import Stage, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]

OWNERS = 8  # of one batch
PAUSE = 0.25  # seconds at least between two kills: time for most tasks to come to their end


@dataclass(slots=True)
class Killer:
    """Ends something now and then, while somebody is at work."""

    stage: Stage
    chance: random.Random
    left: int
    killed: Counter[str] = field(default_factory=Counter)
    last: float = 0.0

    def __call__(self) -> None:
        if self.left and time.monotonic() - self.last > PAUSE * self.chance.uniform(1, 2):
            kinds: dict[str, tuple[int, Callable[[], None]]] = {
                "child": (30, self._child),
                "worker": (2, self._worker),
                "redis": (2, self._redis),
                "postgres": (2 * (self.stage.store.file is None), self._postgres),
                "postgres backend": (2 * (self.stage.store.file is None), self._backend),
            }
            (kind,) = self.chance.choices(list(kinds), weights=[weight for weight, _ in kinds.values()])
            kinds[kind][1]()
            self.killed[kind] += 1
            self.left -= 1
            self.last = time.monotonic()

    def _child(self) -> None:
        children = self.stage.children()
        if children:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(children), signal.SIGKILL)

    def _worker(self) -> None:
        self.stage.kill_worker()
        self.stage.start_worker()

    def _redis(self) -> None:
        self.stage.kill_broker()
        self.stage.start_broker()

    def _postgres(self) -> None:
        postgres.kill_and_start(self.stage.url)
        wait_for(self._answers, within=30)

    def _backend(self) -> None:
        with rows.reading(self.stage.store) as connection:
            query = text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            pids = [int(each) for each in connection.execute(query).scalars()]
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(pids), signal.SIGKILL)
        wait_for(self._answers, within=30)

    def _answers(self) -> bool:
        try:
            with rows.reading(self.stage.store) as connection:
                return connection.execute(text("SELECT 1")).scalar() == 1
        except OperationalError:
            return False


def test_killed_at_random_moments_nothing_is_lost_or_doubled(staging: Staging, ring: Ring) -> None:
    stage = staging()
    killer = Killer(stage=stage, chance=ring.chance(), left=ring.size(500, 16))
    stage.meanwhile = killer
    wrong, effects, uncertain = list[str](), 0, 0
    owners = ring.size(160, 8)
    for batch in range(0, owners, OWNERS):
        killer.left, kept_back = min(killer.left, -(-killer.left * OWNERS // (owners - batch))), killer.left
        mine = killer.left
        rows.empty(stage.store)
        stage.at(story.MONDAY)
        people = [story.begin(stage, number, connected=number % 2 == 0) for number in range(OWNERS)]
        story.tell(stage, people)
        killer.left += kept_back - mine
        for person in people:
            told = story.told_as_uncertain(stage, person)
            wrong += story.wrong(stage, person, told if person.connected else [])
            history = person.history(stage)
            effects += len(history.mails) + len(history.made) + 1  # and a removal
            uncertain += len(told)
        assert wrong == []
        assert rows.sound(stage.store)
    ring.record(
        kills=killer.killed.total(), **{kind.replace(" ", "_"): count for kind, count in killer.killed.items()},
        effects=effects, wrong=len(wrong), shown_as_uncertain=uncertain, databases_sound=owners // OWNERS,
    )  # fmt: skip
