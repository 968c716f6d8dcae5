"""The engine keeps its laws, whatever happens in whatever order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rings.laws.conftest import Opened
from tests.rings.laws.lives import live, machine

STEPS = 50


def test_a_few_short_lives_keep_the_laws(on_sqlite: Opened) -> None:
    """The everyday sample: always the same ones, so that a failure is of the change at hand."""
    live(machine(on_sqlite), examples=3, steps=15, by=0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_every_life_keeps_the_laws(database: str, ring: Any, request: pytest.FixtureRequest) -> None:
    if database == "postgres" and not ring.full:
        pytest.skip("in the sample on SQLite alone; make rings runs both")
    tried = machine(request.getfixturevalue(f"on_{database}"))
    try:
        live(tried, examples=ring.size(120, 8), steps=STEPS, by=ring.seed)
    finally:
        ring.record(**tried.lived)
