"""Owners, streams and their leases, imports."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from keepwarm.errors import LeaseLost, NotPossible
from keepwarm.store import Store, accounts
from keepwarm.types import StreamKind
from tests import make

MINUTE = timedelta(minutes=1)


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


@pytest.fixture
def stream_id(store: Store, me: str, now: datetime) -> str:
    with store.transaction(me) as tx:
        account = accounts.ensure_account(tx, provider="fake", settings={"host": "h"}, now=now)
        return accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, now=now).id


def test_an_email_belongs_to_one_owner(store: Store, me: str, now: datetime) -> None:
    with pytest.raises(NotPossible), store.system() as tx:
        accounts.create_owner(tx, email=make.OWNER.upper(), now=now)
    other = make.owner(store, "other@example.com")
    with pytest.raises(NotPossible), store.transaction(other) as tx:
        accounts.update_owner(tx, email=make.OWNER)


def test_settings_are_merged_and_taken_away(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        accounts.update_owner(tx, settings={"a": 1, "b": 2}, lang="nl", password_hash="secret")
        accounts.update_owner(tx, settings={"b": None, "c": 3})
        found = accounts.owner(tx)
    assert (found.settings, found.lang, found.has_password) == ({"a": 1, "c": 3}, "nl", True)
    with store.system() as tx:
        assert accounts.password_hash(tx, " Owner@Example.org") == (me, "secret")


def test_a_stream_has_one_holder(store: Store, me: str, stream_id: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        first = accounts.lease_stream(tx, stream_id, now)
        assert first is not None
        assert (first.provider, first.account_settings) == ("fake", {"host": "h"})
        assert accounts.lease_stream(tx, stream_id, now + MINUTE) is None
        second = accounts.lease_stream(tx, stream_id, now + 2 * MINUTE)
        assert second is not None
        for late in (
            lambda: accounts.extend_lease(tx, first, now),
            lambda: accounts.advance(tx, first, "x", now),
            lambda: accounts.finish_stream(tx, first, now),
        ):
            with pytest.raises(LeaseLost):
                late()
        accounts.extend_lease(tx, second, now + 2 * MINUTE)


def test_two_threads_never_hold_one_stream(store: Store, me: str, stream_id: str, now: datetime) -> None:
    held = []

    def take() -> None:
        with store.transaction(me) as tx:
            held.append(accounts.lease_stream(tx, stream_id, now))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(held) == 4
    assert sum(each is not None for each in held) == 1


def test_news_during_a_sync_keeps_it_stale(store: Store, me: str, stream_id: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        lease = accounts.lease_stream(tx, stream_id, now)
        assert lease is not None
        assert not accounts.mark_stale(tx, stream_id, now)
        assert not accounts.finish_stream(tx, lease, now)
        again = accounts.lease_stream(tx, stream_id, now)
        assert again is not None
        assert accounts.finish_stream(tx, again, now)
        assert accounts.lease_stream(tx, stream_id, now) is None
        assert accounts.mark_stale(tx, stream_id, now)


def test_a_failed_stream_waits_for_its_time(store: Store, me: str, stream_id: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        lease = accounts.lease_stream(tx, stream_id, now)
        assert lease is not None
        accounts.fail_stream(tx, lease, now, error="busy", retry_at=now + 5 * MINUTE, give_up=False)
    with store.system() as tx:
        assert accounts.stale_streams(tx, now) == []
        assert accounts.stale_streams(tx, now + 5 * MINUTE) == [(me, stream_id)]
    with store.transaction(me) as tx:
        lease = accounts.lease_stream(tx, stream_id, now + 5 * MINUTE)
        assert lease is not None
        accounts.fail_stream(tx, lease, now, error="revoked", retry_at=None, give_up=True)
        [state] = accounts.streams(tx)
    assert (state.stale_since, state.last_error, state.attempts) == (None, "revoked", 0)


def test_files_have_one_account_and_a_stream_for_each_batch(store: Store, me: str, now: datetime) -> None:
    first = make.imported(store, me, path="a.mbox")
    second = make.imported(store, me, path="b.mbox", now=now + MINUTE)
    with store.reading(me) as tx:
        assert [each.provider for each in accounts.accounts(tx)] == ["files"]
        assert [each.id for each in accounts.batches(tx)] == [second, first]
        assert [each["path"] for each in accounts.seen_sources(tx)] == ["a.mbox", "b.mbox"]
    with store.transaction(me) as tx:
        accounts.undo_batch(tx, first, now)
        assert [each["path"] for each in accounts.seen_sources(tx)] == ["b.mbox"]
