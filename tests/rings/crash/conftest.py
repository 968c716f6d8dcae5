"""The stage of each test: a data folder, a database of its own on SQLite or PostgreSQL, a Redis and a real worker."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.rings.crash.stage import Stage, staged
from tests.rings.crash.story import MONDAY

Staging = Callable[..., Stage]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a socket's path may have 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="kwring"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def on_sqlite(folder: Path) -> Iterator[Staging]:
    """A stage over a new SQLite database."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(staged(folder, f"sqlite:///{folder}/home/keepwarm.db", MONDAY, **more))


@pytest.fixture
def on_postgres(folder: Path, request: pytest.FixtureRequest) -> Iterator[Staging]:
    """A stage over a new database of the tests' PostgreSQL."""
    server: str = request.getfixturevalue("postgres_url")
    name = folder.name.replace("-", "_").lower()
    _server(server, f'CREATE DATABASE "{name}"')
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(
            staged(folder, server.replace("/postgres?", f"/{name}?"), MONDAY, **more)
        )
    _server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _server(url: str, command: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def staging(request: pytest.FixtureRequest) -> Any:
    """What makes a stage; the test runs once on each database."""
    return request.getfixturevalue(f"on_{request.param}")
