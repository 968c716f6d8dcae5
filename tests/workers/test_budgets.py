"""A purse never gives more than it may in any minute, and gives nearly all of it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from keepwarm.store import Store, pruning, purses
from tests import make
from workers.budgets import Purses


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
