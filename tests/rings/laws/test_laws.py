"""The engine keeps its laws, whatever happens in whatever order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rings.laws.machine import Laws
from keepwarm.store import Store


def lives(machine: Any, *, examples: int, steps: int, by: int, shrink: bool = True) -> None:
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run_state_machine_as_test(
        seed(by)(machine),
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, phases=phases,
            suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
        ),
    )  # fmt: skip


def fast(store: Store) -> Store:
    from sqlalchemy import event

    event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return store


@pytest.fixture
def on_sqlite(migrated: Path, new_id) -> Callable[[Path], Store]:
    def opened(folder: Path) -> Store:
        import itertools
        shutil.copyfile(migrated, folder / "keepwarm.db")
        numbers = itertools.count(1)
        return fast(Store(f"sqlite:///{folder / 'keepwarm.db'}", lambda: f"{next(numbers):032x}"))

    return opened


def test_a_handful(on_sqlite, request) -> None:
    machine = type("Laws", (Laws,), {"opened": staticmethod(on_sqlite)})
    lives(machine, examples=int(__import__("os").environ.get("EX","30")), steps=50, by=request.config.getoption("--seed"), shrink=bool(__import__("os").environ.get("SH")))
    print(dict(machine.lived))
