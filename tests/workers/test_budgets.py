"""A purse never gives more than it may in any minute, and gives nearly all of it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from threading import Event

import pytest

from keepwarm.errors import TryAgainLater
from keepwarm.store import Store, pruning, purses
from tests import make
from workers.budgets import HELD, Purses


def test_no_minute_gets_more_and_nearly_all_is_given(store: Store) -> None:
    """Asked every five seconds, as a first pass is, and now and then in between."""
    moment, spent = make.NOW, list[tuple[datetime, int]]()
    budget, chance = Purses(store=store, now=lambda: moment), random.Random(5)
    for _ in range(120):
        given = budget.take({"person": 6000, "project": 10_000}, 1000, least=20)
        while given.units:
            spent.append((moment, given.units))
            given = budget.take({"person": 6000, "project": 10_000}, 1000, least=20)
        assert timedelta(0) < given.after <= timedelta(seconds=61)
        moment += timedelta(seconds=chance.choice([5, 5, 5, 4.3, 0.7]))
    for at, _ in spent:
        assert sum(units for when, units in spent if at <= when <= at + timedelta(seconds=60)) <= 6000
    minutes = (spent[-1][0] - spent[0][0]) / timedelta(minutes=1)
    assert sum(units for _, units in spent) >= 0.9 * 6000 * minutes


def test_the_tightest_purse_counts(store: Store) -> None:
    budget = Purses(store=store, now=lambda: make.NOW)
    assert budget.take({"a": 100, "all": 150}, 100).units == 100
    assert budget.take({"b": 100, "all": 150}, 100, least=10).units == 50
    empty = budget.take({"c": 100, "all": 150}, 10)
    assert (empty.units, empty.after) == (0, timedelta(seconds=61))
    assert budget.take({"a2": 100}, 100).units == 100


def test_what_can_never_be_given_is_not_asked_for_at_once_again(store: Store) -> None:
    assert Purses(store=store, now=lambda: make.NOW).take({"a": 100}, 200).after == timedelta(seconds=60)


def test_two_at_once_never_take_the_same(store: Store) -> None:
    budget = Purses(store=store, now=lambda: make.NOW)
    with ThreadPoolExecutor(4) as threads:
        found = [each.result(60) for each in [threads.submit(budget.take, {"p": 200}, 30) for _ in range(12)]]
    assert sum(each.units for each in found) == 180


def test_old_purses_are_thrown_away(store: Store) -> None:
    with store.system() as tx:
        purses.take(tx, {"old": 10}, 5, 0, make.NOW)
        purses.take(tx, {"new": 10}, 5, 0, make.NOW + timedelta(minutes=3))
        pruning.prune(tx, make.NOW + timedelta(minutes=3))
        assert purses.take(tx, {"new": 10}, 6, 0, make.NOW + timedelta(minutes=3))[0] == 0
        assert purses.take(tx, {"old": 10}, 10, 0, make.NOW + timedelta(minutes=3))[0] == 10


# --- so many at once


def test_no_more_than_there_are_places_and_each_is_given_back(store: Store) -> None:
    waited: list[float] = []
    budget = Purses(store=store, now=lambda: make.NOW, rest=waited.append)
    for _ in range(3):
        with ExitStack() as stack:
            for _ in range(4):
                stack.enter_context(budget.place("mailbox", 4))
            with pytest.raises(TryAgainLater), budget.place("mailbox", 4):
                raise AssertionError("a fifth place")
            stack.enter_context(budget.place("another mailbox", 4))
    assert 5 <= sum(waited) / 3 <= 20


def test_a_place_is_given_back_by_whoever_failed_in_it(store: Store) -> None:
    budget = Purses(store=store, now=lambda: make.NOW, rest=lambda _: None)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), budget.place("mailbox", 1):
            raise ZeroDivisionError
    with budget.place("mailbox", 1):
        pass


def test_whoever_died_in_one_holds_it_for_a_minute(store: Store) -> None:
    moment = make.NOW
    budget = Purses(store=store, now=lambda: moment, rest=lambda _: None)
    dead = budget.place("mailbox", 1)
    dead.__enter__()
    moment += HELD - timedelta(seconds=1)
    with pytest.raises(TryAgainLater), budget.place("mailbox", 1):
        raise AssertionError("taken")
    moment += timedelta(seconds=2)
    with budget.place("mailbox", 1):
        dead.__exit__(None, None, None)  # it wakes, and gives back what is not its own any more
        with pytest.raises(TryAgainLater), budget.place("mailbox", 1):
            raise AssertionError("taken")


def test_many_who_ask_at_once_wait_for_each_other(store: Store) -> None:
    budget, inside, most, over = Purses(store=store, now=lambda: make.NOW), [0], [0], Event()

    def work() -> None:
        with budget.place("mailbox", 3):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            over.wait(0.05)
            inside[0] -= 1

    with ThreadPoolExecutor(9) as threads:
        for each in [threads.submit(work) for _ in range(18)]:
            each.result(60)
    assert most[0] == 3


# --- told to slow down


def test_an_account_that_is_refused_again_and_again_rests_longer_and_longer(store: Store) -> None:
    moment, asked = make.NOW, 0
    budget = Purses(store=store, now=lambda: moment)
    until = moment + timedelta(hours=1)
    while moment < until:
        if not budget.rests("robin"):
            asked += 1
            budget.refused("robin", timedelta(seconds=60))
            assert budget.rests("robin")
        moment += timedelta(seconds=5)
    assert 5 <= asked <= 7
    assert budget.rests("noor") is None


def test_what_was_asked_for_is_given_and_an_answer_ends_it(store: Store) -> None:
    moment = make.NOW
    budget = Purses(store=store, now=lambda: moment)
    budget.refused("robin", timedelta(minutes=20))
    assert budget.rests("robin") == timedelta(minutes=20)
    moment += timedelta(minutes=20)
    assert budget.rests("robin") == timedelta(0)
    budget.granted("robin")
    assert budget.rests("robin") is None
    budget.refused("robin", timedelta(minutes=1))
    assert budget.rests("robin") == timedelta(minutes=1)


def test_no_rest_is_longer_than_an_hour(store: Store) -> None:
    budget = Purses(store=store, now=lambda: make.NOW)
    for _ in range(20):
        budget.refused("robin", timedelta(days=2))
    assert budget.rests("robin") == timedelta(hours=1)
