"""Somebody who leaves is gone from every table; whoever else is there loses nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from keepwarm.store import Store, access, accounts, identities, invitations, leaving, password_links
from keepwarm.store.database import MARKER
from keepwarm.store.tables import instance, invitation, metadata, owner, password_link
from tests.keepwarm.store.test_moving import export, full
from tests.service.web import world


def rows(store: Store, owner_id: str) -> dict[str, int]:
    """How many rows of this owner stand in each table that knows owners."""
    with store.engine.connect() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
            ).scalar_one()
            for table in metadata.sorted_tables
            if "owner_id" in table.c
        }


def ways_in(store: Store, owner_id: str, now: datetime) -> None:
    """Bound elsewhere, signed in, invited, and asking for a new password: once answered, once not."""
    with store.transaction(owner_id) as tx:
        email = accounts.owner(tx).email
        identities.bind(tx, provider="google", issuer="i", subject=email, label=email, now=now)
        password_links.make(tx, now)
    with store.system() as tx:
        access.new_session(tx, owner_id, now)
        invitations.invite(tx, email, now)
        password_links.ask(tx, email, now)


def addresses(store: Store) -> dict[str, list[str]]:
    """Whose addresses stand in rows that know no owner."""
    with store.engine.connect() as connection:
        return {
            table.name: connection.execute(select(table.c.email).where(table.c.email != "")).scalars().all()  # type: ignore[misc]  # a list
            for table in (invitation, password_link)
        }


def test_no_row_of_any_table_remains_and_others_keep_theirs(store: Store, now: datetime) -> None:
    mine, theirs = full(store, now), full(store, now, email="kim@example.com")
    for each in (mine, theirs):
        ways_in(store, each.owner_id, now)
    with store.system() as tx:
        from keepwarm.store import duties

        duties.prepared(tx, mine.owner_id, now)
        duties.prepared(tx, theirs.owner_id, now)
    before, document = rows(store, theirs.owner_id), export(store, theirs.owner_id, now)
    seen = {name for name, value in rows(store, mine.owner_id).items() if value}
    assert len(seen) > 20
    assert seen >= {"tag", "listing", "likeness", "bound_identity", "password_link", "session"}
    with store.transaction(mine.owner_id) as tx:
        assert leaving.kept(tx).people > 10
        leaving.erase_owner(tx)
    assert set(rows(store, mine.owner_id).values()) == {0}
    assert addresses(store) == {"invitation": ["kim@example.com"], "password_link": ["kim@example.com"]}
    assert rows(store, theirs.owner_id) == before
    assert export(store, theirs.owner_id, now) == document
    with store.engine.connect() as connection:
        assert connection.execute(select(owner.c.id)).scalars().all() == [theirs.owner_id]
        names = connection.execute(select(instance.c.name)).scalars().all()
    assert [name for name in names if mine.owner_id in name] == []
    assert [name for name in names if theirs.owner_id in name]


def test_where_nobody_is_left_the_next_start_begins_anew(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    owner_id = world.make_owner(sqlite_store, now)
    assert (tmp_path / MARKER).exists()
    with sqlite_store.transaction(owner_id) as tx:
        leaving.erase_owner(tx)
    sqlite_store.forget()
    assert not (tmp_path / MARKER).exists()
    sqlite_store.migrate()
    world.make_owner(sqlite_store, now)
    sqlite_store.forget()
    assert (tmp_path / MARKER).exists()
