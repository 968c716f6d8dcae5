"""A clock that ran ahead and was set right: what was noted by it silences nothing until that day comes again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.store import accounts, clock, duties, outbox
from tests.workers.conftest import NOOR, NOW, House
from tests.workers.test_accounts import about_the_account, polled
from workers import deliver, prepare, subscriptions, sync, upkeep, watch
from workers.budgets import Purses

__all__ = ["polled"]  # a fixture

AHEAD = NOW + timedelta(days=365)


def overdue(house: House) -> set[str]:
    with house.store.system() as tx:
        return {each.name for each in duties.duties(tx, house.moment) if each.overdue}


def set_right(house: House) -> House:
    """A look by the wrong clock, then one by the right one."""
    for moment in (AHEAD, NOW):
        house.at(moment)
        upkeep.sweep(house.runtime, by="beat")
    return house


def test_a_calendar_is_looked_at_again_at_once(polled: House) -> None:
    stream_id = polled.stream()
    sync.sync_stream(polled.at(AHEAD).runtime, stream_id)
    set_right(polled)
    polled.later(minutes=6)
    assert ("sync_stream", stream_id) in upkeep.sweep(polled.runtime).wake


def test_an_account_that_cannot_be_read_is_told_about(polled: House) -> None:
    stream_id = polled.stream()
    sync.sync_stream(polled.at(AHEAD).runtime, stream_id)
    set_right(polled)
    polled.world.throttle = timedelta(minutes=1)
    for _ in range(30):
        polled.later(minutes=4)
        upkeep.sweep(polled.runtime, by="beat")
        sync.sync_stream(polled.runtime, stream_id)
    assert about_the_account(polled) == 1


def test_a_stream_that_was_to_wait_waits_an_hour_at_most(polled: House) -> None:
    stream_id = polled.stream()
    polled.world.throttle = timedelta(minutes=1)
    sync.sync_stream(polled.at(AHEAD).runtime, stream_id)
    set_right(polled)
    polled.later(hours=1, minutes=1)
    assert ("sync_stream", stream_id) in upkeep.sweep(polled.runtime).wake


def test_what_a_killed_worker_held_is_free_again(polled: House) -> None:
    stream_id = polled.stream()
    with polled.store.system() as tx:
        assert accounts.lease_stream(tx, stream_id, AHEAD)
    set_right(polled)
    polled.later(minutes=3)
    assert ("sync_stream", stream_id) in upkeep.sweep(polled.runtime).wake


def test_silence_is_seen_and_told(plain_house: House) -> None:
    for moment in (AHEAD, NOW):
        plain_house.at(moment)
        upkeep.sweep(plain_house.runtime, by="beat")
        prepare.prepare_owner(plain_house.runtime, plain_house.owner_id)
        watch.look(plain_house.runtime)
    for _ in range(70):
        plain_house.later(minutes=1)
        watch.look(plain_house.runtime)
    assert {"sweep", "beat", "prepare"} <= overdue(plain_house)
    assert len(plain_house.runtime.open_local(plain_house.owner_id).list_mails()) == 1


def test_a_duty_that_was_last_done_by_the_wrong_clock_is_seen_to_be_silent(plain_house: House) -> None:
    upkeep.sweep(plain_house.runtime)
    upkeep.canary(plain_house.at(AHEAD).runtime, "sync")
    set_right(plain_house)
    plain_house.later(minutes=6)
    assert "canary-sync" in overdue(plain_house)


def test_tidying_goes_on(plain_house: House) -> None:
    set_right(plain_house)
    plain_house.later(days=1, minutes=1)
    upkeep.sweep(plain_house.runtime, by="beat")
    with plain_house.store.system() as tx:
        found = {each.name: each.last_ok_at for each in duties.duties(tx, plain_house.moment)}
    assert found["prune"] == plain_house.moment


def test_what_was_put_back_is_taken_up_again_within_the_hour(house: House) -> None:
    house.knows(NOOR, days_ago=200)
    prepare.prepare_owner(house.runtime, house.owner_id)
    (waiting,) = house.rows("follow_up_put")
    with house.store.transaction(house.owner_id) as tx:
        outbox.release(tx, waiting, run_at=AHEAD, reason="wait", forgive=True)
    set_right(house)
    house.later(hours=1, minutes=1)
    assert ("deliver", waiting.id) in upkeep.sweep(house.runtime).wake


def test_mails_sent_by_the_wrong_clock_count_for_an_hour_and_not_for_a_year(house: House) -> None:
    with house.store.transaction(house.owner_id) as tx:
        for number in range(deliver.MAILS_AN_HOUR):
            outbox.put(tx, outbox.Intent(key=f"note:{number}", kind="note", run_at=NOW), NOW)
    for each in house.rows("note"):
        with house.store.system() as tx:
            leased = outbox.lease(tx, each.id, NOW)
            assert leased is not None
            outbox.settle(tx, leased, "sent", AHEAD)
    set_right(house)
    with house.store.reading(house.owner_id) as tx:
        assert outbox.sent_counts(tx, NOW + timedelta(minutes=61)).last_hour == 0


def test_an_account_that_was_told_to_slow_down_is_asked_again(house: House) -> None:
    house.at(AHEAD)
    budget = Purses(store=house.store, now=house.runtime.now)
    budget.refused("google/robin", timedelta(minutes=1))
    set_right(house)
    assert budget.rests("google/robin") is None


def test_two_machines_whose_clocks_differ_a_little_change_nothing(plain_house: House) -> None:
    with plain_house.store.system() as tx:
        upkeep.look_around(tx, NOW)
        duties.ok(tx, "sweep", NOW + timedelta(minutes=4))
        assert not clock.set_right(tx, NOW)


def test_notices_are_asked_for_within_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "PUSHED", ("fake",))
    stream_id = house.stream()
    subscriptions.renew(house.at(AHEAD).runtime, stream_id)
    set_right(house)
    house.later(days=1, minutes=1)
    assert ("subscribe_stream", stream_id) in upkeep.sweep(house.runtime).wake
