"""The `ring` fixture: how much is tried in this run, by which seed, and what the report says of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One test of a ring. ``full``: the figures of RELIABILITY.md section 8; else a sample of minutes."""

    full: bool
    seed: int
    name: str
    figures: list[tuple[str, object]]

    def size(self, full: int, sample: int) -> int:
        """How many to try."""
        return full if self.full else sample

    def chance(self, purpose: str = "") -> random.Random:
        """Randomness of this test's own: the same for the same seed, whatever else runs."""
        return random.Random(f"{self.seed}|{self.name}|{purpose}")

    def record(self, **figures: object) -> None:
        """Figures for the report, in the order given: what was tried, what was found."""
        self.figures.extend(figures.items())


@pytest.fixture
def ring(request: pytest.FixtureRequest) -> Ring:
    return Ring(
        full=request.config.getoption("--full"),
        seed=request.config.getoption("--seed"),
        name=request.node.name,
        figures=request.node.user_properties,
    )
