"""Running the machine: how many lives of how many steps, from which seed, with which rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test

from keepwarm.store import Store
from tests.rings.laws.machine import Laws


def machine(opened: Callable[[Path], Store]) -> type[Laws]:
    """The machine over stores of this kind, with counts of its own."""
    return type("Laws", (Laws,), {"opened": staticmethod(opened), "lived": Counter()})


def scene(of: type[Laws], rules: Collection[str]) -> type[Laws]:
    """The machine with these rules alone; the others stay as plain functions."""
    names = [name for name in dir(of) if hasattr(getattr(of, name), RULE_MARKER)]
    if missing := set(rules) - set(names):
        raise ValueError(f"no such rules: {sorted(missing)}")
    hidden = {name: _plain(getattr(of, name)) for name in names if name not in rules}
    return type("Scene", (of,), {**hidden, "lived": Counter()})


def _plain(rule: Callable[..., Any]) -> Callable[..., Any]:
    def hidden(self: Any, *given: Any, **named: Any) -> Any:
        return rule(self, *given, **named)

    return hidden


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
