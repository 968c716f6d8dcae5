"""A grant is renewed once, whoever finds it dead, and what it was renewed to is never lost (RELIABILITY.md C15)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest

from keepwarm.errors import AccessRevoked, TryAgainLater
from keepwarm.store import accounts
from keepwarm.types import Grant
from tests.workers.conftest import House
from workers.granted import LEASE, Granted
from workers.sealing import rotate

OLD = Grant(values={"access_token": "a0", "refresh_token": "r0"})


class Town:
    """The other side: each refresh token works once, and gives another."""

    def __init__(self) -> None:
        self.number, self.lock, self.exchanges = 0, Lock(), 0

    def renew(self, grant: Grant) -> Grant:
        with self.lock:
            self.exchanges += 1
            if grant.values["refresh_token"] != f"r{self.number}":
                raise AccessRevoked("used before")
            self.number += 1
            return Grant(values={"access_token": f"a{self.number}", "refresh_token": f"r{self.number}"})


@pytest.fixture
def account_id(house: House) -> str:
    with house.store.transaction(house.owner_id) as tx:
        found = accounts.accounts(tx)[0].id
        keys = house.runtime.keys
        accounts.keep_grant(tx, found, keys.seal(house.owner_id, found, OLD), keys.id)
    return found


@pytest.fixture
def granted(house: House, account_id: str) -> Granted:
    return of(house, account_id)


def of(house: House, account_id: str, rest: Callable[[float], Any] = lambda _: None) -> Granted:
    return Granted(
        store=house.store, keys_file=house.runtime.keys_file, owner_id=house.owner_id, account_id=account_id,
        now=house.runtime.now, rest=rest,
    )  # fmt: skip


def test_sixteen_at_once_are_one_exchange(house: House, account_id: str) -> None:
    town = Town()
    with ThreadPoolExecutor(16) as threads:
        asked = [threads.submit(Granted.renewed, real(house, account_id), OLD, town.renew) for _ in range(16)]
        found = [each.result(60) for each in asked]
    assert {each.values["access_token"] for each in found} == {"a1"}
    assert town.exchanges == 1
    assert of(house, account_id).current().values["refresh_token"] == "r1"


def real(house: House, account_id: str) -> Granted:
    return Granted(
        store=house.store, keys_file=house.runtime.keys_file, owner_id=house.owner_id, account_id=account_id,
        now=house.runtime.now,
    )  # fmt: skip


def test_what_somebody_else_renewed_is_taken(granted: Granted) -> None:
    town = Town()
    fresh = granted.renewed(OLD, town.renew)
    assert granted.renewed(OLD, town.renew) == fresh
    assert town.exchanges == 1


def test_a_dead_grant_is_read_once_more_before_that_is_believed(house: House, account_id: str) -> None:
    anew = Grant(values={"access_token": "b", "refresh_token": "b"})

    def connected_meanwhile(_: Grant) -> Grant:
        with house.store.transaction(house.owner_id) as tx:
            keys = house.runtime.keys
            accounts.keep_grant(tx, account_id, keys.seal(house.owner_id, account_id, anew), keys.id)
        raise AccessRevoked("dead")

    assert of(house, account_id).renewed(OLD, connected_meanwhile) == anew


@pytest.mark.parametrize("error", [AccessRevoked("dead"), TryAgainLater(timedelta(minutes=1)), ValueError()])
def test_a_failure_gives_the_right_back_at_once(granted: Granted, error: Exception) -> None:
    def fail(_: Grant) -> Grant:
        raise error

    for _ in range(2):
        with pytest.raises(type(error)):
            granted.renewed(OLD, fail)
    assert granted.renewed(OLD, Town().renew).values["access_token"] == "a1"


def test_a_worker_that_died_holds_it_for_a_minute(house: House, account_id: str) -> None:
    with house.store.transaction(house.owner_id) as tx:
        assert accounts.lease_grant(tx, account_id, house.moment, house.moment + LEASE)
    waited: list[float] = []
    with pytest.raises(TryAgainLater):
        of(house, account_id, waited.append).renewed(OLD, Town().renew)
    assert 10 <= sum(waited) <= 30
    house.later(seconds=61)
    assert of(house, account_id).renewed(OLD, Town().renew).values["access_token"] == "a1"


def test_one_whose_right_ran_out_still_keeps_what_it_got(house: House, account_id: str) -> None:
    """A provider that gives a new token takes back the old one: whoever comes after would be locked out."""
    town = Town()

    def slowly(grant: Grant) -> Grant:
        fresh = town.renew(grant)
        house.later(minutes=2)
        with house.store.transaction(house.owner_id) as tx:
            assert accounts.lease_grant(tx, account_id, house.moment, house.moment + LEASE)
        return fresh

    assert of(house, account_id).renewed(OLD, slowly).values["access_token"] == "a1"
    assert of(house, account_id).current().values["refresh_token"] == "r1"


def test_turning_the_keys_in_the_middle_loses_nothing(house: House, account_id: str) -> None:
    town = Town()

    def while_keys_turn(grant: Grant) -> Grant:
        rotate(house.runtime)
        return town.renew(grant)

    of(house, account_id).renewed(OLD, while_keys_turn)
    assert of(house, account_id).current().values["refresh_token"] == "r1"


def test_an_account_let_go_has_none(house: House, account_id: str) -> None:
    with house.store.transaction(house.owner_id) as tx:
        accounts.disconnect(tx, account_id, house.moment)
    with pytest.raises(AccessRevoked):
        of(house, account_id).current()
