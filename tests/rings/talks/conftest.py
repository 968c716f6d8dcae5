"""A house with a fake provider whose mailbox is read as the person would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keepwarm.store import Store
from tests.workers.conftest import House, _house


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> Iterator[House]:
    yield from _house(sqlite_store, tmp_path)
