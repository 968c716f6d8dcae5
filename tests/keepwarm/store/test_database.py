"""The database comes up, keeps transactions whole, and refuses to start over by accident."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from keepwarm.errors import MisconfiguredError, NotFound
from keepwarm.store import Store, Tx, accounts, duties
from keepwarm.store.database import MARKER
from keepwarm.store.tables import Moment, metadata


def test_migrated_schema_is_that_of_the_tables(store: Store) -> None:
    def same_type(*found: object) -> bool | None:
        return False if isinstance(found[4], Moment) else None

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_type})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    store.migrate()


def test_an_exception_rolls_everything_back(store: Store, now: datetime) -> None:
    with pytest.raises(NotFound), store.system() as tx:
        accounts.owner(_after_creating(tx, now))
    with store.system() as tx:
        assert accounts.owners(tx) == []


def _after_creating(tx: Tx, now: datetime) -> Tx:
    accounts.create_owner(tx, email="ann@example.org", now=now)
    return tx


def test_in_transaction_knows_about_writing_only(store: Store) -> None:
    assert not store.in_transaction()
    with store.reading("anybody"):
        assert not store.in_transaction()
    with store.system():
        assert store.in_transaction()
    assert not store.in_transaction()


def test_a_transaction_needs_an_owner(store: Store) -> None:
    with pytest.raises(ValueError, match="owner"), store.transaction(""):
        pass


def test_database_files_are_for_their_user_alone(tmp_path: Path, new_id: Callable[[], str]) -> None:
    store = Store(f"sqlite:///{tmp_path / 'k.db'}", new_id)
    store.migrate()
    with store.system():
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()
    assert modes == {0o600}


def test_refuses_an_empty_database_where_there_was_data(
    tmp_path: Path, new_id: Callable[[], str], now: datetime
) -> None:
    file = tmp_path / "k.db"
    store = Store(f"sqlite:///{file}", new_id)
    store.migrate()
    with store.system() as tx:
        accounts.create_owner(tx, email="ann@example.org", now=now)
    store.migrate()
    store.close()
    assert (tmp_path / MARKER).exists()
    file.unlink()
    again = Store(f"sqlite:///{file}", new_id)
    with pytest.raises(MisconfiguredError, match="before"):
        again.migrate()
    assert not file.exists()
    again.close()


def test_writers_on_threads_wait_for_each_other(store: Store) -> None:
    """Read, then write: deferred transactions would fail with "database is locked" (RELIABILITY.md E8)."""
    errors: list[Exception] = []

    def count() -> None:
        try:
            for _ in range(10):
                with store.system() as tx:
                    seen = int(duties.instance_value(tx, "n") or 0)
                    duties.set_instance_value(tx, "n", str(seen + 1))
        except Exception as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    if store.file is not None:
        with store.system() as tx:
            assert duties.instance_value(tx, "n") == "40"
