"""How the other modules of the store read and write rows: bound to the owner, in bulk, alike on both databases.

Called within `keepwarm.store` alone. Bulk writes are executemany, or COPY on PostgreSQL; never one statement with many
VALUES (PERFORMANCE.md D).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CursorResult,
    Executable,
    FromClause,
    Table,
    any_,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import cast as cast_sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx

CHUNK = 500  # values in one IN: far below the limits of both databases
COPIED = 250  # rows from which a COPY into a table of its own is quicker than executemany (docs/decisions/0011)
ROWS = 10_000  # rows in one executemany

T = TypeVar("T")
Row = Mapping[str, Any]  # column by name


def mine(tx: Tx, table: FromClause) -> ColumnElement[bool]:
    """The condition that a row (of a table or an alias) is this owner's; refuses a transaction without one."""
    if not tx.owner_id:
        raise ValueError("this needs an owner's transaction")
    return table.c.owner_id == tx.owner_id


def within(tx: Tx, table: Table) -> ColumnElement[bool]:
    """The same for what the system may do over all owners."""
    return mine(tx, table) if tx.owner_id else true()


def once_through(column: ColumnElement[int]) -> ColumnElement[int]:
    """A number to group by where most of a table is read: the same, but no reason to go by the column's index.

    SQLite takes an index for the order that it gives, and then looks every row up one by one: ten times as slow.
    """
    return column + literal_column("0")


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most ``size``, in their order."""
    left = iter(values)
    while part := list(islice(left, size)):
        yield part


def all_rows(tx: Tx, statement: Executable) -> Sequence[Row]:
    return cast("Sequence[Row]", tx.connection.execute(statement).mappings().all())


def first(tx: Tx, statement: Executable) -> Row | None:
    return cast("Row | None", tx.connection.execute(statement).mappings().first())


def changed(tx: Tx, statement: Executable) -> int:
    """How many rows the statement changed."""
    return cast("CursorResult[Any]", tx.connection.execute(statement)).rowcount


def many(tx: Tx, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement over many rows; nothing for none."""
    for part in chunks(rows, ROWS):
        tx.connection.execute(statement, part)


def among(tx: Tx, column: ColumnElement[int], keys: Iterable[int]) -> ColumnElement[bool]:
    """The condition that a whole number is one of these, however many they are: they travel as one value."""
    listed = list(keys)
    if _is_sqlite(tx):
        return column.in_(select(func.json_each(json.dumps(listed)).table_valued("value").c.value))
    return column == any_(cast_sql(listed, ARRAY(BigInteger)))


def insert_new(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what is not there yet; a row in the way stays as it is."""
    if _are_copied(tx, table, rows):
        names = list(rows[0])
        insert_tuples(tx, table, names, _plain(tx, table, names, rows))
    else:
        many(tx, _insert(tx, table).on_conflict_do_nothing(), rows)


def insert_tuples(tx: Tx, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
    """The same for rows that come by the hundred thousand, as the driver takes them: moments as `microseconds`.

    How many there were. A dict for each row and a look at each value cost more than the writing.
    """
    sqlite_ = _is_sqlite(tx)
    values = ", ".join(["?" if sqlite_ else "%s"] * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    count = 0
    for part in chunks(rows, ROWS):
        if sqlite_ or len(part) < COPIED:
            tx.connection.exec_driver_sql(statement, part)
        else:
            _copy(tx, table, columns, part, "DO NOTHING")
        count += len(part)
    return count


def upsert(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Insert rows; where the primary key is taken, ``columns`` take the new values. Of two with one key the last."""
    keys = [column.name for column in table.primary_key]
    if _are_copied(tx, table, rows):
        names = list(rows[0])
        last = {tuple(row[key] for key in keys): row for row in rows}  # one statement may change a row once
        taken = ", ".join(f"{each} = excluded.{each}" for each in columns)
        for part in chunks(_plain(tx, table, names, last.values()), ROWS):
            _copy(tx, table, names, part, f"({', '.join(keys)}) DO UPDATE SET {taken}")
        return
    statement = _insert(tx, table)
    new = {each: statement.excluded[each] for each in columns}
    many(tx, statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def _insert(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if _is_sqlite(tx) else postgresql.insert(table)


def _is_sqlite(tx: Tx) -> bool:
    return tx.connection.dialect.name == "sqlite"


def _are_copied(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether rows are worth a COPY, and name every column: SQLAlchemy knows what a missing one begins with."""
    return not _is_sqlite(tx) and len(rows) >= COPIED and len(rows[0]) == len(table.columns)


def _plain(tx: Tx, table: Table, names: Sequence[str], rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """The values of these columns as the driver takes them."""
    dialect = tx.connection.dialect
    made = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]  # None: as it is
    for row in rows:
        yield tuple(make(row[name]) if make else row[name] for name, make in zip(names, made, strict=True))


def _copy(tx: Tx, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], conflict: str) -> None:
    """Bring rows to PostgreSQL as one stream, and insert them from there in their order."""
    names, run = ", ".join(columns), tx.connection.exec_driver_sql
    run(f"CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS SELECT {names} FROM {table.name} WITH NO DATA")  # noqa: S608 - our own names
    cursor: Any = tx.connection.connection.cursor()
    try:
        with cursor, cursor.copy(f"COPY arriving ({names}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
    except tx.connection.dialect.loaded_dbapi.OperationalError as error:  # past SQLAlchemy, which else tells it so
        raise OperationalError("COPY", None, error) from error
    run(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM arriving ON CONFLICT {conflict}")  # noqa: S608 - our own names
    run("DROP TABLE arriving")


def value(kind: type[T], row: Row, /, **more: Any) -> T:
    """The row as a value of this dataclass: columns by field name, ``more`` for fields that are no column."""
    return kind(**{name: row[name] for name in _names(cast("Any", kind)) if name not in more}, **more)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def event_key(event_id: str) -> int:
    """The key of an event from its id as text. Raises NotFound for text that is none."""
    if event_id.isascii() and event_id.isdigit() and len(event_id) < 20 and int(event_id) < 1 << 63:
        return int(event_id)
    raise NotFound("There is no such event.")
