"""How the other modules of the store read and write rows: bound to the owner, in bulk, alike on both databases.

Called within `keepwarm.store` alone. Bulk writes are executemany, never one statement
with many VALUES (PERFORMANCE.md D).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
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
    select,
    true,
)
from sqlalchemy import cast as cast_sql
from sqlalchemy.dialects import postgresql, sqlite

from keepwarm.errors import NotFound
from keepwarm.store.database import Tx

CHUNK = 500  # values in one IN: far below the limits of both databases
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
    if tx.connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(listed)).table_valued("value").c.value))
    return column == any_(cast_sql(listed, ARRAY(BigInteger)))


def insert_new(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what is not there yet; a row in the way stays as it is."""
    many(tx, _insert(tx, table).on_conflict_do_nothing(), rows)


def insert_tuples(tx: Tx, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
    """The same for rows that come by the hundred thousand, as the driver takes them: moments as `microseconds`.

    How many there were. A dict for each row and a look at each value cost more than the writing.
    """
    mark = "?" if tx.connection.dialect.paramstyle == "qmark" else "%s"
    values = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    count = 0
    for part in chunks(rows, ROWS):
        tx.connection.exec_driver_sql(statement, part)
        count += len(part)
    return count


def upsert(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Insert rows; where the primary key is taken, ``columns`` take the new values."""
    statement = _insert(tx, table)
    keys = [column.name for column in table.primary_key]
    many(
        tx, statement.on_conflict_do_update(index_elements=keys, set_={c: statement.excluded[c] for c in columns}), rows
    )


def _insert(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if tx.connection.dialect.name == "sqlite" else postgresql.insert(table)


def value(kind: type[T], row: Row, /, **more: Any) -> T:
    """The row as a value of this dataclass: columns by field name, ``more`` for fields that are no column."""
    names = [each.name for each in fields(kind) if each.name not in more]  # type: ignore[arg-type]  # dataclasses only
    return kind(**{name: row[name] for name in names}, **more)


def event_key(event_id: str) -> int:
    """The key of an event from its id as text. Raises NotFound for text that is none."""
    if event_id.isascii() and event_id.isdigit() and len(event_id) < 20 and int(event_id) < 1 << 63:
        return int(event_id)
    raise NotFound("There is no such event.")
