"""The points are found by watching: every kind of them is passed, under its name."""

from __future__ import annotations

from datetime import timedelta

from tests import make
from tests.rings.points import watched
from tests.workers.conftest import NOOR, NOW, House, quick_house
from workers import tasks

__all__ = ["quick_house"]  # the fixture


def test_each_commit_call_and_page_is_a_point(quick_house: House) -> None:
    seen: list[str] = []
    quick_house.knows(NOOR, days_ago=200)
    quick_house.world.add(*make.both_ways(NOOR, at=NOW - timedelta(days=200)))
    quick_house.stream()
    quick_house.at(NOW + timedelta(hours=6))
    tasks.drain(watched(quick_house.runtime, seen.append))
    passed = set(seen)
    assert {"page fake.changes", "before call fake.put_event", "after call fake.put_event"} <= passed
    assert {f"{when} commit workers.sync._keep" for when in ("before", "after")} <= passed
    assert {f"{when} commit workers.deliver._call" for when in ("before", "after")} <= passed
