"""What stands in the database of a stage, asked past the engine. Called by the stories and tests of this ring."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, text

from keepwarm.store import Store, accounts, duties
from keepwarm.store.tables import metadata, outbox, stream


def reading(store: Store) -> Connection:
    return store.engine.connect().execution_options(keepwarm_write=False)


def empty(store: Store) -> None:
    """No owner and no row any more."""
    with store.engine.connect().execution_options(keepwarm_write=True) as connection, connection.begin():
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def states(store: Store) -> dict[str, int]:
    """How many rows of the outbox stand how."""
    with reading(store) as connection:
        found = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
        return {row[0]: row[1] for row in found}


def held(store: Store, now: datetime) -> bool:
    """Whether a row is held, being sent or due, or a stream waits to be read."""
    leased = and_(outbox.c.state == "due", or_(outbox.c.run_at <= now, outbox.c.lease_until.is_not(None)))
    rows = select(outbox.c.id).where(or_(outbox.c.state == "sending", leased))
    streams = select(stream.c.id).where(stream.c.stale_since.is_not(None))
    with reading(store) as connection:
        return any(connection.execute(each.limit(1)).first() is not None for each in (rows, streams))


def everybody_prepared(store: Store, *, since: datetime) -> bool:
    """Whether what is due was prepared for every owner since then: a sweep that was killed woke nobody."""
    with store.system(write=False) as tx:
        prepared = duties.prepared_at(tx)
        return all(each.id in prepared and prepared[each.id] >= since for each in accounts.owners(tx))


def heard(store: Store, name: str, *, after: datetime) -> bool:
    """Whether a duty was done later than that."""
    with store.system(write=False) as tx:
        return any(each.name == name and each.silent_since > after for each in duties.duties(tx, after))


def sound(store: Store) -> bool:
    """Whether the database is whole: its own check, or every row of every table read."""
    with reading(store) as connection:
        if store.file is not None:
            return connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        for table in metadata.sorted_tables:
            connection.execute(table.select()).all()
    return True
