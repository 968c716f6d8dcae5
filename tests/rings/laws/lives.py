"""Running the machine: how many lives of how many steps, from which seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from keepwarm.store import Store
from tests.rings.laws.machine import Laws


def machine(opened: Callable[[Path], Store]) -> type[Laws]:
    """The machine over stores of this kind, with counts of its own."""
    return type("Laws", (Laws,), {"opened": staticmethod(opened), "lived": Counter()})


def live(tried: type[Laws], *, examples: int, steps: int, by: int, shrink: bool = True) -> None:
    """So many lives of up to so many steps. Raises the first violation found, with the steps that lead to it."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(seed(by)(tried), settings=chosen)
