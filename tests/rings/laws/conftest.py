"""Empty stores for many lives: a copy of a file, or a database emptied."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from keepwarm.store import Store
from keepwarm.store.tables import metadata

Opened = Callable[[Path], Store]


@pytest.fixture
def on_sqlite(migrated: Path) -> Opened:
    """A new file for each life; it need not outlive a power cut, so nothing waits for the disk."""

    def opened(folder: Path) -> Store:
        file = folder / "keepwarm.db"
        shutil.copyfile(migrated, file)
        store = Store(f"sqlite:///{file}", _ids())
        event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        return store

    return opened


@pytest.fixture
def on_postgres(postgres_store: Store, postgres_url: str) -> Iterator[Opened]:
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    stores: list[Store] = []

    def opened(_folder: Path) -> Store:
        with postgres_store.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        stores.append(Store(postgres_url, _ids()))
        return stores[-1]

    yield opened
    for each in stores:
        each.close()


def _ids() -> Callable[[], str]:
    """Ids that count up: a life can be lived again."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):032x}"
