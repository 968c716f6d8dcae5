"""The ring can fail: readers with a planted defect are caught, each for its own, and what follows is still tried."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from keepwarm.errors import Unreadable
from keepwarm.types import Broken
from tests.rings.hostile.child import CPU, ROOM, Job, Sample
from tests.rings.hostile.trial import tried

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

HERE = "tests.rings.hostile.test_planted"
BAD = 3  # the number of the sample that sets a defect off


def numbers() -> Callable[[int], Sample]:
    return lambda number: Sample(name=f"sample {number}", data=b"%d" % number, seconds=CPU)


def sound(data: bytes) -> Iterator[object]:
    yield data


def raises(data: bytes) -> Iterator[object]:
    yield {b"%d" % BAD: 1}.get(data, 0) and 1 // 0


def raises_what_is_documented_elsewhere(data: bytes) -> Iterator[object]:
    if data == b"%d" % BAD:
        raise Unreadable
    yield data


def burns(data: bytes) -> Iterator[object]:
    yield sum(range(30_000_000)) if data == b"%d" % BAD else 0


def never_ends(data: bytes) -> Iterator[object]:
    while data == b"%d" % BAD:
        pass
    yield data


def grows(data: bytes) -> Iterator[object]:
    yield len(b"x" * (ROOM * 2)) if data == b"%d" % BAD else 0


def grows_and_hides_it(data: bytes) -> Iterator[object]:
    try:
        yield len(b"x" * (ROOM * 2)) if data == b"%d" % BAD else 0
    except MemoryError:
        yield Broken(position="0", digest="", reason="")


def grows_little_by_little(data: bytes) -> Iterator[object]:
    held = [b"x" * 100_000 + b"%d" % number for number in range(800)] if data == b"%d" % BAD else []
    yield len(held)


def dies(data: bytes) -> Iterator[object]:
    if data == b"%d" % BAD:
        os.kill(os.getpid(), signal.SIGKILL)
    yield data


@pytest.mark.parametrize(
    ("reader", "breach"),
    [
        ("raises", "escaped: ZeroDivisionError"),
        ("raises_what_is_documented_elsewhere", "escaped: Unreadable"),
        ("burns", "cpu:"),
        ("never_ends", "SIGXCPU"),
        ("grows", "escaped: MemoryError"),
        ("grows_and_hides_it", "memory:"),
        ("grows_little_by_little", "memory:"),
        ("dies", "SIGKILL"),
    ],
)
def test_a_planted_defect_is_caught_alone(reader: str, breach: str) -> None:
    outcome = tried(Job(reader=f"{HERE}:{reader}", maker=f"{HERE}:numbers", last=6))
    assert outcome.tried == 6
    [found] = outcome.breaches
    assert breach in found
    assert str(BAD) in found


def test_a_sound_reader_is_let_through() -> None:
    outcome = tried(Job(reader=f"{HERE}:sound", maker=f"{HERE}:numbers", last=6))
    assert (outcome.tried, outcome.found, outcome.breaches) == (6, 6, [])
