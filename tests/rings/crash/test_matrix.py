"""R1: a real worker process is killed at every commit, call, page and file, and each time everything is there once.

The points are found by watching whole stories and not listed; those that only a death leads to are found on the way.
Each owner of a batch dies at some points of their own, at each once, so the work of the others goes on meanwhile.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest

import pytest

from tests.rings.conftest import Ring
from tests.rings.crash import rows, story
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]

DEATHS = {"sync_stream": 2, "prepare_owner": 2, "deliver": 3}  # of one owner in each task; five tries are all a row has
OWNERS = 24  # of one batch
RECOVERY = timedelta(seconds=180)  # RELIABILITY.md R1


Try = tuple[bool, set[str]]  # an owner to come: whether connected, and where to die


@dataclass(slots=True)
class Matrix:
    """What was tried and what is still to try: (connected, points) for each owner to come."""

    stage: Stage
    runs: int
    chance: random.Random
    known: dict[bool, set[str]] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    recoveries: list[timedelta] = field(default_factory=list)
    uncertain: int = 0
    owners: int = 0
    repeats: int = 0

    def watch(self) -> list[Try]:
        """Stories in which nobody dies; what is to be tried then."""
        seen = self.play([(True, set()), (False, set())])
        self.known = {True: {*seen[0]}, False: {*seen[1]}}
        here_alone = {point: task for point, task in seen[1].items() if point not in seen[0]}
        return [*self._plan(True, seen[0]), *self._plan(False, here_alone)]

    def _plan(self, connected: bool, points: dict[str, str]) -> list[Try]:
        """Owners who die at these points, a few in each task, so that each point comes in so many runs."""
        shares: list[list[set[str]]] = []
        for task, at_once in DEATHS.items():
            those = sorted(point for point, whose in points.items() if whose == task)
            drawn = [point for _ in range(self.runs) for point in self.chance.sample(those, len(those))]
            shares.append([set(drawn[at : at + at_once]) for at in range(0, len(drawn), at_once)])
        return [(connected, set().union(*each)) for each in zip_longest(*shares, fillvalue=set())]

    def after_death(self, connected: bool, points: set[str], seen: dict[str, str]) -> list[Try]:
        """More to try: what this owner passed only since somebody died before."""
        new = {point for point in seen if point not in self.known[connected] and not self.deaths[point]}
        self.known[connected] |= new
        return [(connected, {*points, point}) for point in sorted(new) for _ in range(self.runs)]

    def play(self, batch: list[Try]) -> list[dict[str, str]]:
        """One batch of owners, from their upload to the end of the story; the points that each has passed."""
        stage = self.stage
        rows.empty(stage.store)
        people = [story.begin(stage, number, connected=connected) for number, (connected, _) in enumerate(batch)]
        stage.arms.arm({person.id: points for person, (_, points) in zip(people, batch, strict=True)})
        story.tell(stage, people)
        ended = stage.arms.ended()
        self.deaths.update(each.point for each in ended)
        self.owners += len(batch)
        for person, (_, points) in zip(people, batch, strict=True):
            self.wrong += [f"{what} (died at {sorted(points)})" for what in story.wrong(stage, person)]
            self.recoveries += story.recoveries(stage, person)
            self.uncertain += len(story.told_as_uncertain(stage, person))
        seen = stage.arms.seen()
        return [seen.get(person.id, {}) for person in people]

    def missed(self, wanted: set[str], *, again: int = 3) -> list[Try]:
        """Points that fewer died at than should: where one dies first, the way past another may be gone. Each alone."""
        short = {point: self.runs - self.deaths[point] for point in sorted(wanted) if self.deaths[point] < self.runs}
        self.repeats += 1
        if self.repeats > again:
            return []
        connected = {point: point in self.known[True] for point in short}
        return [(connected[point], {point}) for point, count in short.items() for _ in range(count)]


def test_killed_at_every_point_nothing_is_lost_doubled_or_late(staging: Staging, ring: Ring) -> None:
    matrix = Matrix(stage=staging(), runs=ring.size(25, 1), chance=ring.chance())
    todo = matrix.watch()
    todo = ring.chance("drawn").sample(todo, ring.size(len(todo), len(todo) // 2))  # in the sample every other owner
    wanted = {point for _, points in todo for point in points}
    while (todo := todo or matrix.missed(wanted)) and not matrix.wrong:
        batch, todo = todo[:OWNERS], todo[OWNERS:]
        passed = matrix.play(batch)
        for (connected, points), seen in zip(batch, passed, strict=True):
            todo += matrix.after_death(connected, points, seen)
    never = {point for point in wanted if matrix.deaths[point] < matrix.runs}
    longest = max(matrix.recoveries, default=timedelta(0))
    ring.record(
        points=len(matrix.deaths), met_only_after_a_death=len(set(matrix.deaths) - wanted),
        kills=matrix.deaths.total(), stories=matrix.owners, wrong=len(matrix.wrong),
        shown_as_uncertain=matrix.uncertain,
        longest_recovery_seconds=round(longest.total_seconds()),
    )  # fmt: skip
    assert matrix.wrong == []
    assert len(matrix.deaths) >= 30
    assert not never
    assert longest <= RECOVERY
    assert rows.sound(matrix.stage.store)
