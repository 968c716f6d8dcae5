"""Access that was withdrawn: told in steps, not daily, by a way that works; and our asking locks nobody out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from keepwarm.errors import MisconfiguredError
from keepwarm.followups import uid_of
from keepwarm.store import accounts
from keepwarm.types import Grant, StreamKind
from tests.workers.conftest import NOOR, NOW, House
from tests.workers.test_accounts import about_the_account, polled, state
from tests.workers.test_keeping import Keeping
from workers import connecting, keeping, sync, upkeep
from workers.schedule import LOCKED_OUT

__all__ = ["polled"]  # a fixture


def account_id(house: House) -> str:
    with house.store.reading(house.owner_id) as tx:
        return accounts.accounts(tx)[0].id


def withdrawn(house: House) -> set[str]:
    with house.store.reading(house.owner_id) as tx:
        return accounts.withdrawn(tx)


def calls(house: House) -> Counter[str]:
    """What the provider is asked from now on."""
    asked = Counter[str]()
    house.world.before_call = lambda verb: asked.update([verb])
    return asked


def written(house: House, people: int = 5) -> None:
    house.knows(*(f"Ann{each} Example <ann{each}@example.com>" for each in range(people)), days_ago=200)
    house.drain()
    house.drain()
    assert house.world.events


# --- our entries in a calendar are looked at


def test_our_entries_are_looked_at_every_few_minutes_and_not_at_every_sweep(house: House) -> None:
    written(house)
    house.later(minutes=5).drain()
    asked = calls(house)
    for _ in range(8):
        house.later(minutes=1).drain()
    assert asked["get_event"] == 2 * len(house.world.events)


@pytest.mark.parametrize("trouble", ["revoked", "throttled"])
def test_a_calendar_that_does_not_let_us_in_is_not_asked_every_minute(house: House, trouble: str) -> None:
    written(house)
    if trouble == "revoked":
        house.world.revoked = True
    else:
        house.world.throttle = timedelta(hours=1)
    asked = calls(house)
    for _ in range(30):
        house.later(minutes=4).drain()
    assert asked["ensure_calendar"] <= 3  # in two hours
    assert asked["get_event"] == 0


def test_connected_anew_it_is_looked_at_at_once(house: House) -> None:
    written(house)
    house.world.revoked = True
    house.later(minutes=5).drain()
    house.world.revoked = False
    with house.store.transaction(house.owner_id) as tx:
        accounts.wake_account(tx, account_id(house), house.moment)
    asked = calls(house)
    house.later(minutes=1).drain()
    assert asked["get_event"] == len(house.world.events)


# --- told, and by whom


def test_a_grant_that_lies_dead_is_told_in_four_steps_and_not_every_day(polled: House) -> None:
    polled.runtime = replace(polled.runtime, load=lambda _: Keeping)
    keys = polled.runtime.keys
    with polled.store.transaction(polled.owner_id) as tx:
        sealed = keys.seal(polled.owner_id, account_id(polled), Grant())
        accounts.keep_grant(tx, account_id(polled), sealed, keys.id, polled.moment)
    polled.world.revoked = True
    sync.sync_stream(polled.runtime, polled.stream())
    for day in range(60):
        polled.at(NOW + timedelta(days=day, hours=2))
        for name, row in upkeep.sweep(polled.runtime, by="beat").wake:
            if name == "keep_grant":
                keeping.keep_grant(polled.runtime, row)
            if name == "sync_stream":
                sync.sync_stream(polled.runtime, row)
    assert about_the_account(polled) == 4
    assert state(polled).revoked_at == NOW


def test_two_dead_accounts_do_not_tell_of_each_other(polled: House) -> None:
    with polled.store.transaction(polled.owner_id) as tx:
        other = accounts.ensure_account(tx, provider="fake", name="second", settings={"world": "here"}, now=NOW)
        made = accounts.create_stream(tx, account_id=other.id, kind=StreamKind.MAIL, now=NOW)
    stream_id = polled.stream()
    polled.world.revoked = True
    for each in (stream_id, made.id):
        sync.sync_stream(polled.runtime, each)
    polled.at(NOW + timedelta(hours=2))
    upkeep.sweep(polled.runtime, by="beat")
    about = [row for row in polled.rows("alarm") if other.id in row.key or account_id(polled) in row.key]
    assert [row.account_id for row in about] == [None, None]


def test_an_account_that_only_sends_tells_too_and_works_again(polled: House) -> None:
    polled.world.revoked = True
    written_by = polled.later(minutes=0)
    written_by.knows(NOOR, days_ago=200)
    polled.drain()
    assert withdrawn(polled) == {account_id(polled)}
    polled.later(hours=2)
    upkeep.sweep(polled.runtime, by="beat")
    assert sum(account_id(polled) in row.key for row in polled.rows("alarm")) == 1
    polled.world.revoked = False
    polled.later(hours=2).drain()
    assert withdrawn(polled) == set()
    assert polled.world.events


def test_a_warning_whose_account_turns_out_dead_goes_another_way_at_once(house: House) -> None:
    """Nobody had noticed before: it is met by the warning itself."""
    for _ in range(62):
        upkeep.sweep(house.runtime, by="beat")
        house.later(minutes=1)
    assert {row.account_id for row in house.rows("alarm")} == {account_id(house)}
    house.world.revoked = True
    house.drain()
    house.later(minutes=2).drain()
    assert set(house.states("alarm")) == {"sent"}
    assert len(house.runtime.open_local(house.owner_id).list_mails()) == len(house.rows("alarm"))
    assert house.mails() == []


# --- what only the operator can mend


def test_a_setting_that_is_wrong_is_said_and_nothing_is_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    written(house, 1)
    says = "KEEPWARM_MICROSOFT_SECRET is not right: it is over."

    def broken(verb: str) -> None:
        raise MisconfiguredError(says)

    house.knows(NOOR, days_ago=200)
    house.world.before_call = broken
    stream_id = house.stream()
    sync.sync_stream(house.runtime, stream_id)
    assert state(house).last_error == says
    house.drain()
    assert house.states("follow_up_put").count("due") == 1
    house.world.before_call = lambda _: None
    house.later(hours=LOCKED_OUT.total_seconds() / 3600, minutes=1).drain()
    assert set(house.states("follow_up_put")) == {"sent"}


# --- let go


def test_follow_ups_taken_out_of_a_calendar_that_is_let_go_stand_at_home_at_once(house: House) -> None:
    written(house)
    assert connecting.disconnect(house.runtime, house.owner_id, account_id(house), remove_events=True) == ""
    house.later(minutes=1).drain()
    mine = house.runtime.open_local(house.owner_id)
    place = mine.ensure_calendar()
    standing = [each for each in house.follow_ups() if each.state == "placed"]
    assert len(standing) == 5
    assert [each.id for each in standing if mine.get_event(place, uid_of(each.id)) is None] == []
