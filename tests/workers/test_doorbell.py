"""The doorbell: its connections are kept, and a broker that is away costs one call its patience."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from kombu.exceptions import OperationalError

from tests.workers.conftest import House
from workers import doorbell
from workers.runtime import Runtime


@dataclass
class Clock:
    """Ticks that a test moves."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(quick_house: House, clock: Clock) -> Runtime:
    settings = replace(quick_house.runtime.settings, broker_url=f"memory://{quick_house.runtime.home.parent.name}")
    return replace(quick_house.runtime, settings=settings, ticks=clock)


def test_two_calls_use_one_connection(runtime: Runtime) -> None:
    used: list[object] = []
    for _ in range(2):
        assert doorbell.ring(runtime, lambda producer: used.append(producer.channel.connection), task="t")
    assert used[0] is used[1]


@pytest.mark.parametrize("error", [ConnectionRefusedError, TimeoutError, OperationalError])
def test_after_a_call_that_failed_nobody_waits_for_a_moment(
    runtime: Runtime, clock: Clock, error: type[Exception]
) -> None:
    tried: list[int] = []

    def send(_producer: object) -> None:
        tried.append(1)
        raise error

    assert [doorbell.ring(runtime, send, task="t") for _ in range(3)] == [False] * 3
    assert tried == [1]
    clock.at += doorbell.REST
    assert doorbell.ring(runtime, lambda _: None, task="t")


def test_a_slip_of_ours_is_not_taken_for_an_absent_broker(runtime: Runtime) -> None:
    def slip(_producer: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        doorbell.ring(runtime, slip, task="t")
    assert doorbell.ring(runtime, lambda _: None, task="t")
