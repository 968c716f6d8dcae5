"""One owner's transactions that write come one after the other, on both databases; readers and others go on."""

from __future__ import annotations

import threading

from keepwarm.store import Store, accounts
from tests import make


def test_what_one_decides_the_next_one_sees(store: Store) -> None:
    """Each reads how many there are and adds the next one: without a queue two would add the same."""
    me = make.owner(store)
    begun, wrote = threading.Barrier(4), []

    def add() -> None:
        begun.wait()
        for _ in range(5):
            with store.transaction(me) as tx:
                count = int(accounts.owner(tx).settings.get("count", 0))
                accounts.update_owner(tx, settings={"count": count + 1})
                wrote.append(count)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with store.reading(me) as tx:
        assert accounts.owner(tx).settings["count"] == 20
    assert sorted(wrote) == list(range(20))


def test_another_owner_does_not_wait(store: Store) -> None:
    me, other = make.owner(store), make.owner(store, "other@example.org")
    if store.file is not None:
        return  # SQLite has one writer in all
    with store.transaction(me), store.transaction(other) as tx, store.reading(me):
        accounts.update_owner(tx, name="Other")
