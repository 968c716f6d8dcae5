"""What the tests of the provider ``microsoft`` share; what it is made of stands in `sides`.

``opening(town, person, *purposes, **changes)`` is the account as it is after its owner allowed the purposes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from integrations.base import Opening
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft import sides


@pytest.fixture(scope="module")
def clock() -> sides.Clock:
    """Moves the town and the accounts at it."""
    return sides.Clock()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, clock: sides.Clock) -> Iterator[Microsoft]:
    """Microsoft as the emulator plays it, for one module."""
    with sides.towns(tmp_path_factory.mktemp("town"), clock) as made:
        yield made


@pytest.fixture
def robin(town: Microsoft) -> Person:
    """Somebody new: nothing stands in the mailbox, the calendar or the address book."""
    return town.person(f"robin.{len(town.people)}@example.org", name="Robin")


@pytest.fixture
def opening(tmp_path: Path) -> Callable[..., Opening]:
    return partial(sides.opening, home=tmp_path)


@pytest.fixture(autouse=True)
def no_breaches(request: pytest.FixtureRequest) -> Iterator[None]:
    """No call of a test breaks the contract of Graph; no fault of one test reaches the next."""
    if "town" not in request.fixturenames:
        yield
        return
    town = request.getfixturevalue("town")
    yield
    found = list(town.breaches)
    town.breaches.clear()
    town.faults.clear()
    assert found == []
