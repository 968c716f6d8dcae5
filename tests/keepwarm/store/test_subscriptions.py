"""Subscriptions: ours alone are found, by our own id; marks are written where they are needed and may be lost."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import TableClause, literal_column, select

from keepwarm.store import AWAY, Store, accounts
from keepwarm.store.accounts import Standing
from keepwarm.types import Push, StreamKind
from tests import make

DAY = timedelta(days=1)


def subscribed(store: Store, owner_id: str, now: datetime, *, provider: str = "fake", name: str = "one") -> Standing:
    with store.transaction(owner_id) as tx:
        account = accounts.ensure_account(tx, provider=provider, name=name, now=now)
        stream = accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL)
        kept = Standing(id=tx.new_id(), stream_id=stream.id, remote_ref="theirs", expires_at=now + DAY)
        accounts.keep_subscription(tx, kept)
    return kept


def about(**named: str) -> Push:
    return Push(kind=StreamKind.MAIL, **named)


def test_only_what_is_ours_and_this_provider_s_is_found(store: Store, now: datetime) -> None:
    kept = subscribed(store, make.owner(store), now)
    other = subscribed(store, make.owner(store, "other@example.org"), now, provider="local")
    mine, theirs = about(subscription_ref=kept.id), about(subscription_ref=other.id)
    found = accounts.pushed(store, "fake", [mine, theirs, mine, about(subscription_ref="x" * 32), about()])
    assert [(each.push, each.stream_id, each.waits) for each in found] == [(mine, kept.stream_id, False)]
    assert accounts.pushed(store, "nobody", [mine]) == []


def test_both_names_of_a_subscription_must_belong_together(store: Store, now: datetime) -> None:
    kept = subscribed(store, make.owner(store), now)
    right = about(subscription_ref=kept.id, remote_ref="theirs")
    assert [each.stream_id for each in accounts.pushed(store, "fake", [right])] == [kept.stream_id]
    assert accounts.pushed(store, "fake", [about(subscription_ref=kept.id, remote_ref="another")]) == []


def test_a_mailbox_of_two_owners_is_news_for_both(store: Store, now: datetime) -> None:
    both = {subscribed(store, make.owner(store, f"o{n}@example.org"), now).stream_id for n in range(2)}
    assert {each.stream_id for each in accounts.pushed(store, "fake", [about(remote_ref="theirs")])} == both
    assert accounts.pushed(store, "fake", [Push(kind=StreamKind.CALENDAR, remote_ref="theirs")]) == []


def test_a_question_that_fails_is_told_as_being_away_and_spoils_no_connection(store: Store, now: datetime) -> None:
    kept = subscribed(store, make.owner(store), now)
    nowhere = select(literal_column("x")).select_from(TableClause("nowhere"))
    for _ in range(20):  # more often than connections are kept
        with pytest.raises(AWAY):
            store.ask(nowhere, {})
    (found,) = accounts.pushed(store, "fake", [about(subscription_ref=kept.id)])
    assert found.stream_id == kept.stream_id


def test_what_waits_is_told(store: Store, now: datetime) -> None:
    kept = subscribed(store, make.owner(store), now)
    with store.hint() as tx:
        accounts.mark_pushed(tx, {kept.stream_id}, now)
    (found,) = accounts.pushed(store, "fake", [about(subscription_ref=kept.id)])
    assert found.waits is True


def test_prolonging_keeps_one_row(store: Store, now: datetime) -> None:
    me = make.owner(store)
    kept = subscribed(store, me, now)
    later = Standing(id=kept.id, stream_id=kept.stream_id, remote_ref="anew", expires_at=now + 7 * DAY)
    with store.transaction(me) as tx:
        accounts.keep_subscription(tx, later)
        assert accounts.subscriptions(tx) == [later]
        accounts.drop_subscription(tx, kept.id)
        accounts.drop_subscription(tx, kept.id)
        assert accounts.subscriptions(tx) == []


def test_another_owner_can_neither_see_nor_drop_it(store: Store, now: datetime) -> None:
    me = make.owner(store)
    kept = subscribed(store, me, now)
    with store.transaction(make.owner(store, "other@example.org")) as tx:
        assert accounts.subscriptions(tx) == []
        accounts.drop_subscription(tx, kept.id)
    with store.reading(me) as tx:
        assert accounts.subscriptions(tx) == [kept]


def test_a_mark_wakes_once_and_not_right_after_a_look(store: Store, now: datetime) -> None:
    me = make.owner(store)
    stream_id = subscribed(store, me, now).stream_id
    with store.hint() as tx:
        assert accounts.mark_pushed(tx, {stream_id, "gone"}, now) == [stream_id]
        assert accounts.mark_pushed(tx, {stream_id}, now) == []
    with store.system() as tx:
        lease = accounts.lease_stream(tx, stream_id, now)
        assert lease is not None
        assert accounts.finish_stream(tx, lease, now)
    with store.hint() as tx:
        assert accounts.mark_pushed(tx, {stream_id}, now + timedelta(seconds=9)) == []
        assert accounts.stale_streams(tx, now + DAY) == [(me, stream_id)]


def test_a_hint_does_not_wait_for_ever(store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepwarm.store.database.BUSY_SECONDS", 1)
    me = make.owner(store)
    stream_id = subscribed(store, me, now).stream_id
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.transaction(me) as tx:
            accounts.mark_stale(tx, stream_id, now)
            held.set()
            let_go.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(AWAY), store.hint() as tx:
            accounts.mark_pushed(tx, {stream_id}, now)
    finally:
        let_go.set()
        holder.join()
    with store.hint() as tx:
        assert accounts.mark_pushed(tx, {stream_id}, now) == []


def test_what_lasts_waits_for_the_disk_and_a_hint_does_not(sqlite_store: Store) -> None:
    """RELIABILITY.md H2, on one and the same connection."""
    seen = []
    for way in (sqlite_store.system, sqlite_store.hint, sqlite_store.system):
        with way() as tx:
            seen.append(tx.connection.exec_driver_sql("PRAGMA synchronous").scalar())
    assert seen == [2, 1, 2]
