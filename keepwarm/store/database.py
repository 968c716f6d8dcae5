"""The database: one engine, three ways in, and the way its schema comes up to date.

Called by `workers.runtime`, which builds one `Store` in each process. SQLite runs in WAL with synchronous FULL, but
for hints. Every writing transaction begins IMMEDIATE (RELIABILITY.md E8: deferred ones end in "database is locked").
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from keepwarm.errors import MisconfiguredError
from keepwarm.store import tables
from keepwarm.texts import mark

BUSY_SECONDS = 10  # RELIABILITY.md H1
# An import writes all over its tables: with SQLite's own 2 MB and 1,000 pages it reads and writes the same ones again.
CACHE_KIB = 16_384
CHECKPOINT_PAGES = 4_000  # of 4 KiB
GAP_SECONDS = 0.001  # between the tries of a hint: about as long as a commit takes
POOLED = 10  # connections kept open: the web process has eight threads, and to open one takes longer than to ask it
MARKER = ".keepwarm-had-data"  # stands beside a SQLite database that once held an owner
MIGRATION_LOCK = 7_308_620_155  # any fixed number: PostgreSQL lets one migration in at a time
# SQLite has one writer at a time. PostgreSQL gets one for each owner: what is decided from rows that were read (whom to
# propose, which weeks have room) would otherwise be decided twice by two workers at once.
ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))")
UNREACHED = mark(
    "The database cannot be opened. Nothing was changed. Look at KEEPWARM_DATABASE_URL and KEEPWARM_HOME, at the rights"
    " on that folder, and whether the disk or the database server is there."
)
MIGRATIONS = Path(__file__).parent / "migrations"
AWAY = (
    OSError,
    OperationalError,
    InterfaceError,
    NoConnectionFree,
)  # no database answers, or not in time: the same may work later


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """One open transaction of one owner; ``owner_id`` is empty for the system. Ids are random text from the runtime."""

    connection: Connection
    owner_id: str
    new_id: Callable[[], str]


class Store:
    """A database. ``url`` as SQLAlchemy takes it; SQLite runs in WAL with BEGIN IMMEDIATE for every write."""

    def __init__(self, url: str, new_id: Callable[[], str]) -> None:
        self.file = _file(url)
        self.engine: Engine = _engine(url, self.file)
        self._new_id = new_id
        self._plain: dict[Select[Any], tuple[str, Sequence[str] | None]] = {}
        self._thread = threading.local()
        self._marked = False

    def migrate(self) -> None:
        """Bring the schema to the newest version; refuses an empty database where the marker says there was data.

        One transaction: it is done in full or not at all. Raises MisconfiguredError, also where no database answers.
        """
        self._refuse_lost_data(self.file is not None and not _holds_bytes(self.file))
        self._reach()
        if self._is_newest():
            return
        from alembic import command  # a quarter of a second to load, and seldom needed
        from alembic.config import Config

        with self._open("", write=True) as tx:
            if tx.connection.dialect.name == "postgresql":
                tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = tx.connection
            command.upgrade(config, "head")
            self._refuse_lost_data(not _has_owner(tx))

    def _reach(self) -> None:
        """Raises MisconfiguredError where no connection comes about."""
        try:
            self.engine.connect().close()
        except (OSError, DBAPIError) as error:
            raise MisconfiguredError(UNREACHED) from error

    @contextmanager
    def transaction(self, owner_id: str) -> Iterator[Tx]:
        """The way in for writing as one owner: commits at the end, rolls back on any exception."""
        with self._open(_named(owner_id), write=True) as tx:
            yield tx

    @contextmanager
    def reading(self, owner_id: str) -> Iterator[Tx]:
        """The way in for reading as one owner."""
        with self._open(_named(owner_id), write=False) as tx:
            yield tx

    @contextmanager
    def system(self, *, write: bool = True) -> Iterator[Tx]:
        """The way in without an owner: sweeps, duties, sign-in. Without ``write`` it waits for nobody."""
        with self._open("", write=write) as tx:
            yield tx
        if write:
            self._mark()

    @contextmanager
    def glance(self) -> Iterator[Tx]:
        """The way in for one question over all owners, with no transaction around it."""
        with self.engine.connect().execution_options(keepwarm_glance=True) as connection:
            yield Tx(connection=connection, owner_id="", new_id=self._new_id)

    def ask(self, query: Select[Any], given: Mapping[str, str | int]) -> list[tuple[Any, ...]]:
        """The rows of one fixed question over all owners, values as the driver has them. Raises one of AWAY.

        Below SQLAlchemy, which takes ten times as long over it as SQLite does: each notice asks one.
        """
        plain, order = self._plain.get(query) or self._plain.setdefault(query, _compiled(query, self.engine))
        line = None
        try:
            line = self.engine.raw_connection()
            cursor = line.cursor()
            cursor.execute(plain, [given[each] for each in order] if order is not None else given)
            return list(cursor.fetchall())
        except self.engine.dialect.loaded_dbapi.Error as error:
            if line is not None:
                line.invalidate()
            raise OperationalError(plain, None, error) from error
        finally:
            if line is not None:
                line.close()

    @contextmanager
    def hint(self) -> Iterator[Tx]:
        """The way in for a mark that a power cut may take: no waiting for the disk (RELIABILITY.md H2).

        For what another look finds again. A crash of ours takes nothing. Raises one of AWAY where others write for ten
        seconds without a gap.
        """
        with self._open("", write=True, lasting=False) as tx:
            if tx.connection.dialect.name == "postgresql":
                tx.connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            yield tx

    def forget(self) -> None:
        """Where nobody is left, an empty database is no lost one: take the mark away that says there was data."""
        with self._open("", write=False) as tx:
            if self.file is None or _has_owner(tx):
                return
        (self.file.parent / MARKER).unlink(missing_ok=True)
        self._marked = False

    def settle(self) -> None:
        """Have what was erased gone from the disk too, where nobody reads at this moment: SQLite's log is emptied."""
        if self.file is not None:
            with self.engine.connect() as connection:
                raw: Any = connection.connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def in_transaction(self) -> bool:
        """Whether this thread has a write transaction open (tests make every provider call assert it has not)."""
        return bool(getattr(self._thread, "depth", 0))

    def close(self) -> None:
        """Give all connections back; the store can be used again."""
        self.engine.dispose()

    @contextmanager
    def _open(self, owner_id: str, *, write: bool, lasting: bool = True) -> Iterator[Tx]:
        self._thread.depth = getattr(self._thread, "depth", 0) + write
        how = {"keepwarm_write": write, "keepwarm_lasting": lasting}
        try:
            with self.engine.connect().execution_options(**how) as connection, connection.begin():
                if write and owner_id and connection.dialect.name == "postgresql":
                    connection.execute(ONE_WRITER, {"owner": owner_id})
                yield Tx(connection=connection, owner_id=owner_id, new_id=self._new_id)
        finally:
            self._thread.depth -= write

    def _is_newest(self) -> bool:
        """Whether the schema stands at the newest migration and there is data in it."""
        with self._open("", write=False) as tx:
            if not inspect(tx.connection).has_table("alembic_version"):
                return False
            version = tx.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return version == _newest_version() and _has_owner(tx)

    def _refuse_lost_data(self, empty: bool) -> None:
        if empty and self.file is not None and (self.file.parent / MARKER).exists():
            raise MisconfiguredError(
                f"KEEPWARM_HOME: {self.file.name} is missing or empty, but this folder held data before. Nothing was "
                f"changed. Put the database back from a backup, or delete {MARKER} beside it to start anew."
            )

    def _mark(self) -> None:
        """Remember beside a SQLite database that it holds an owner."""
        if self._marked or self.file is None:
            return
        with self._open("", write=False) as tx:
            self._marked = _has_owner(tx)
        if self._marked:
            (self.file.parent / MARKER).touch(mode=0o600)


def _newest_version() -> str:
    """The revision of the last migration: its file is named by it (``0001_house.py`` is 0001)."""
    return max(each.name.partition("_")[0] for each in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _named(owner_id: str) -> str:
    if not owner_id:
        raise ValueError("a transaction needs an owner; use system() for what has none")
    return owner_id


def _compiled(query: Select[Any], engine: Engine) -> tuple[str, Sequence[str] | None]:
    """As the driver takes it, and in which order it takes values; None: by name."""
    made = query.compile(dialect=engine.dialect)
    return str(made), made.positiontup if made.positional else None


def _file(url: str) -> Path | None:
    """The file of a SQLite database, None for a server."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _holds_bytes(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _has_owner(tx: Tx) -> bool:
    return tx.connection.execute(select(tables.owner.c.id).limit(1)).first() is not None


def _engine(url: str, file: Path | None) -> Engine:
    if file is None:
        return create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=POOLED)
    engine = create_engine(make_url(url), connect_args={"timeout": BUSY_SECONDS}, pool_size=POOLED)
    event.listen(engine, "do_connect", lambda *_: _private(file))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _private(file: Path) -> None:
    """Create the file for its user alone; SQLite gives its -wal and -shm the same mode."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(raw: Any, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy's form
    raw.isolation_level = None  # we begin ourselves, see _begin_sqlite
    mode = raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise MisconfiguredError("KEEPWARM_DATABASE_URL: SQLite needs a local disk (no write-ahead log there).")
    raw.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten (RELIABILITY.md H7)
    raw.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    raw.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _begin_sqlite(connection: Connection) -> None:
    how = connection.get_execution_options()
    if how.get("keepwarm_glance"):
        return
    if not how.get("keepwarm_write", True):
        connection.exec_driver_sql("BEGIN")
        return
    if how.get("keepwarm_lasting", True):
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        _begin_soon(connection)


def _begin_soon(connection: Connection) -> None:
    """Begin in the first gap that another writer leaves.

    SQLite itself sleeps longer and longer between its tries, up to a tenth of a second: beside a worker that writes
    without a break it would come in after seconds.
    """
    until = time.monotonic() + BUSY_SECONDS
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(GAP_SECONDS)
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
