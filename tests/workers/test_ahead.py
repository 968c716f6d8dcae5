"""Reading in a process beside: the same pages, the same errors, and nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepwarm.errors import Rejected
from keepwarm.store import accounts
from tests.workers.conftest import House
from workers import ahead, sync
from workers.ahead import ReaderLostError, pays, read_ahead

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what is left")

MAIL = (
    b"From ann@example.com Mon Jan  5 10:00:00 2026\n"
    b"From: ann%d@example.com\nTo: owner@example.org\nMessage-ID: <%d@x>\n\n"
)


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def numbers() -> Iterator[int]:
    yield from range(5)


def test_pages_arrive_in_order_from_another_process() -> None:
    before = children()
    assert list(read_ahead(numbers)) == [0, 1, 2, 3, 4]
    assert next(read_ahead(lambda: iter([os.getpid()]))) != os.getpid()
    assert children() == before


def test_who_stops_early_leaves_no_process_behind() -> None:
    before = children()
    pages = read_ahead(numbers)
    assert next(pages) == 0
    assert len(children() - before) == 1
    pages.close()
    assert children() == before


def test_an_error_is_raised_here_after_what_came_before() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise Rejected("the other side refused")

    pages = read_ahead(failing)
    assert next(pages) == 1
    with pytest.raises(Rejected, match="the other side refused"):
        next(pages)


class Stubborn(Exception):
    """Needs two arguments, so it cannot be put together again from its one."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__(a + b)


def test_an_error_that_cannot_travel_is_told_by_its_kind() -> None:
    def failing() -> Iterator[int]:
        raise Stubborn(1, 2)
        yield 1

    with pytest.raises(ReaderLostError, match="Stubborn"):
        next(read_ahead(failing))


def test_a_killed_reader_is_an_error_and_no_end() -> None:
    def dying() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    pages = read_ahead(dying)
    assert next(pages) == 1
    with pytest.raises(ReaderLostError):
        next(pages)


def test_small_imports_are_read_here(tmp_path: Path) -> None:
    small = tmp_path / "small.mbox"
    small.write_bytes(b"x" * 1000)
    assert not pays([str(small), str(tmp_path / "missing")])


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core reads by itself")
def test_a_large_import_read_beside_is_the_same(
    quick_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "LARGE", 1000)
    monkeypatch.setattr(ahead.threading, "active_count", lambda: 1)
    file = tmp_path / "mail.mbox"
    file.write_bytes(b"\n".join(MAIL % (n % 7, n) for n in range(2500)))
    with quick_house.store.transaction(quick_house.owner_id) as tx:
        batch = accounts.create_batch(tx, label="x", paths=[str(file)], uploaded=False, now=quick_house.moment)
    assert pays([str(file)])
    done = sync.sync_stream(quick_house.runtime, batch.stream_id)
    assert (done.outcome, done.items) == ("done", 2500)
    with quick_house.store.reading(quick_house.owner_id) as tx:
        (counts,) = accounts.batch(tx, batch.id).sources
    assert (counts.read, counts.stored, counts.known) == (2500, 2500, 0)
