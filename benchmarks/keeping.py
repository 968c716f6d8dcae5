"""Work D: upsert of 100,000 interactions through the store's own layer, beside SQLAlchemy Core and drivers.

Goals (PERFORMANCE.md D1): on SQLite at least 0.8x Core executemany and 0.4x bare sqlite3, on PostgreSQL at least 1x
Core executemany. Each contender writes into an empty table, then all rows once more, so that each one conflicts.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Column, MetaData, String, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.rows import Extent, Figures, Row, against, in_turns, missing
from keepwarm.store import Store, rows
from keepwarm.store.tables import EPOCH, touch
from keepwarm.store.tables import Moment as _Moment
from tests import postgres

NUMBER = 100_000
AT_ONCE = 10_000  # rows in one executemany of Core, as ours
COLUMNS = ("address_id", "item_id", "kind", "owner_id", "at")
NEW = f"INSERT INTO touch ({', '.join(COLUMNS)})"
AGAIN = "ON CONFLICT (owner_id, address_id, item_id, kind) DO UPDATE SET at = excluded.at"
PLAIN = Table(  # the same table as the peers know it: times are numbers
    "touch",
    MetaData(),
    Column("owner_id", String(32), primary_key=True),
    Column("address_id", BigInteger, primary_key=True),
    Column("item_id", BigInteger, primary_key=True),
    Column("kind", String(1), primary_key=True),
    Column("at", BigInteger),
)
OWNER = "o" * 32


def run(extent: Extent) -> list[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kwd")))
        found = _on_sqlite(stack, folder, extent.rounds)
        programs = postgres.installed()
        if programs is None:
            return [*found, missing("PostgreSQL")]
        url = stack.enter_context(postgres.server(programs)).format(database="postgres")
        return found + _on_postgres(stack, url, extent.rounds)


def _on_sqlite(stack: ExitStack, folder: Path, rounds: int) -> list[Row]:
    store = _store(stack, f"sqlite:///{folder}/ours.db")
    file = folder / "peer.db"
    peer = _store(stack, f"sqlite:///{file}")
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=FULL"))
    stack.callback(engine.dispose)
    cases = {
        "ours": partial(_timed, _ours(store), store),
        "Core executemany": partial(_timed, _core(engine, sqlite.insert(PLAIN)), peer),
        "bare sqlite3": partial(_timed, partial(_bare_sqlite, file), peer),
    }
    goals = [("Core executemany", 0.8), ("bare sqlite3", 0.4)]
    return _told("SQLite", in_turns(rounds, cases), goals)


def _on_postgres(stack: ExitStack, url: str, rounds: int) -> list[Row]:
    store = _store(stack, url)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    stack.callback(engine.dispose)
    cases = {
        "ours": partial(_timed, _ours(store), store),
        "Core executemany": partial(_timed, _core(engine, postgresql.insert(PLAIN)), store),
        "COPY and insert-select": partial(_timed, partial(_copy, url), store),
    }
    goals = [("Core executemany", 1.0), ("COPY and insert-select", None)]
    return _told("PostgreSQL", in_turns(rounds, cases), goals)


def _told(base: str, found: dict[str, dict[str, float]], goals: list[tuple[str, float | None]]) -> list[Row]:
    told: list[Row] = []
    for way in ("first", "again"):
        ours = found["ours"][way]
        for peer, least in goals:
            figure = found[peer][way]
            told.append(Row(name=f"{base}, {way}: {peer}", figure=figure, unit="rows/s"))
            name = f"{base}, {way}: ours beside it"
            if least is None:
                told.append(Row(name=name, figure=ours, unit="rows/s", ratio=ours / figure, goal="(stretch: 0.9x)"))
            else:
                told.append(against(name, ours, "rows/s", base=figure, least=least, of=peer))
    return told


def _store(stack: ExitStack, url: str) -> Store:
    store = Store(url, lambda: uuid.uuid4().hex)
    store.migrate()
    stack.callback(store.close)
    return store


def _timed(write: Callable[[], None], store: Store) -> Figures:
    """Rows a second into an empty table, and then over themselves."""
    with store.system() as tx:
        tx.connection.execute(text("DELETE FROM touch"))
    taken = []
    for _ in range(2):
        begun = time.perf_counter()
        write()
        taken.append(time.perf_counter() - begun)
    return {"first": NUMBER / taken[0], "again": NUMBER / taken[1]}


@cache
def _numbers() -> list[tuple[int, int, str, str, int]]:
    """The rows, made once: making them is not what is timed."""
    chance = random.Random(5)
    return [
        (
            chance.getrandbits(62),
            chance.getrandbits(62),
            chance.choice("srm"),
            OWNER,
            (1_500_000_000 + each * 37) * 10**6,
        )
        for each in range(NUMBER)
    ]


def _ours(store: Store) -> Callable[[], None]:
    """As `keepwarm.store` writes touches: values with aware times, one transaction."""
    moment = _Moment()
    told = [
        dict(zip(COLUMNS, row[:4], strict=False)) | {"at": moment.process_result_value(row[4], None) or EPOCH}
        for row in _numbers()
    ]

    def write() -> None:
        with store.transaction(OWNER) as tx:
            rows.upsert(tx, touch, told, ["at"])

    return write


def _core(engine: Any, insert: Any) -> Callable[[], None]:
    told = [dict(zip(COLUMNS, row, strict=True)) for row in _numbers()]
    keys = [column.name for column in PLAIN.primary_key]
    statement = insert.on_conflict_do_update(index_elements=keys, set_={"at": insert.excluded["at"]})

    def write() -> None:
        with engine.begin() as connection:
            for begin in range(0, NUMBER, AT_ONCE):
                connection.execute(statement, told[begin : begin + AT_ONCE])

    return write


def _bare_sqlite(file: Path) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.executemany(f"{NEW} VALUES (?, ?, ?, ?, ?) {AGAIN}", _numbers())
    connection.close()


def _copy(url: str) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE stage (LIKE touch) ON COMMIT DROP")
        with cursor.copy(f"COPY stage ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in _numbers():
                copy.write_row(row)
        cursor.execute(f"{NEW} SELECT {', '.join(COLUMNS)} FROM stage {AGAIN}")
