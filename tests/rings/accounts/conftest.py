"""The servers of this ring, started once, and homes at them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integrations.open.sides import Town, towns
from tests.rings.accounts.home import Homes, MakeHome


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from towns(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def homes(town: Town, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(town=town, folder=tmp_path_factory.mktemp("homes"), migrated=migrated)


@pytest.fixture
def make_home(homes: Homes) -> Iterator[MakeHome]:
    """A new home at each call; they stand until the test ends."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(homes.one())
