"""One child: reads things under limits that the operating system keeps, and tells what each cost.

Started by `trial` as a program of its own: a job comes in on standard input, lines of JSON go out. Which thing is at
hand stands in a shared page of memory, so that the parent knows what a dead child was reading.
"""

from __future__ import annotations

import json
import mmap
import pickle
import pkgutil
import resource
import struct
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

from keepwarm.types import Broken
from tests.rings.hostile import readers

CPU = 0.25  # seconds an item (RELIABILITY.md F1)
MEMORY = 64 << 20  # bytes an item (F1)
ROOM = 2 * MEMORY  # the system's wall stands behind the bound, so that going past the bound is seen and not swallowed
KILLED_AFTER = 5  # seconds of processor time, when the system ends the child: whole seconds, and far past any doubt
USED = 10  # things of one sample that go on into the house: those after them are of the same making
LONGEST = 60  # seconds of processor time for any file, whatever it holds
PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``reader`` and ``maker`` are dotted names; ``maker(*given)`` returns a function from number to `Sample`."""

    reader: str
    maker: str
    given: tuple[Any, ...] = ()
    first: int = 0
    last: int = 0
    counter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One thing to read within ``seconds`` of processor time."""

    name: str
    data: bytes
    seconds: float = CPU


@dataclass(slots=True, kw_only=True)
class Cost:
    """What reading one thing took and gave."""

    cpu: float = 0.0
    memory: int = 0
    found: int = 0
    broken: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    job: Job = pickle.loads(sys.stdin.buffer.read())
    read: Callable[[Any], Iterator[object]] = pkgutil.resolve_name(job.reader)
    sample: Callable[[int], Sample] = pkgutil.resolve_name(job.maker)(*job.given)
    with Path(job.counter).open("r+b") as file, mmap.mmap(file.fileno(), 8) as counter:
        _swallowed()
        for number in range(job.first, job.last):
            struct.pack_into("<q", counter, 0, number)
            _limit(resource.RLIM_INFINITY, LONGEST)  # making it is ours, and no reader's fault
            one = sample(number)
            cost = measured(read, one)
            line = {"number": number, "name": one.name, "cpu": cost.cpu, "memory": cost.memory}
            line |= {"found": cost.found, "broken": cost.broken, "wrong": cost.wrong}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


SWALLOWED: list[type[BaseException]] = []


def _swallowed() -> None:
    """Note what a guard caught whenever it makes a Broken: a MemoryError there is a breach, though nothing escaped."""
    plain = Broken.__init__

    def noting(self: Broken, **fields: Any) -> None:
        caught = sys.exc_info()[0]
        if caught is not None:
            SWALLOWED.append(caught)
        plain(self, **fields)

    Broken.__init__ = noting  # type: ignore[method-assign]


def measured(read: Callable[[Any], Iterator[object]], sample: Sample) -> Cost:
    """The cost of one thing; the limits hold while it is read, and while what comes out of it is used."""
    SWALLOWED.clear()
    cost, first = Cost(), list[object]()
    given = _placed(sample.data) if read in readers.OF_FILES else sample.data
    before = _resident()
    _forget_peak()
    _limit(_address_space() + ROOM, sample.seconds)
    begin = process_time()
    try:
        for thing in read(given):
            cost.found += 1
            cost.broken += isinstance(thing, Broken)
            if len(first) < USED:
                first.append(thing)
        cost.cpu = process_time() - begin
        for thing in first:
            begin = process_time()
            readers.used(thing)
            cost.cpu = max(cost.cpu, process_time() - begin)
    except BaseException as error:  # noqa: BLE001 - whatever escapes is what this is for
        cost.wrong.append(f"escaped: {type(error).__name__} at {_where(error)}")
    finally:
        _limit(resource.RLIM_INFINITY, KILLED_AFTER)
    cost.memory = max(0, _peak() - before)
    cost.wrong += _beyond(cost, sample)
    return cost


def _placed(data: bytes) -> Path:
    path = Path.cwd() / "bomb"
    path.write_bytes(data)
    return path


def _beyond(cost: Cost, sample: Sample) -> list[str]:
    """The bounds that were broken, in words."""
    wrong = []
    if MemoryError in SWALLOWED:
        wrong.append("memory: more than the system gave, caught by a guard")
    if cost.memory > MEMORY:
        wrong.append(f"memory: {cost.memory >> 20} MiB")
    if cost.cpu > sample.seconds:
        wrong.append(f"cpu: {cost.cpu:.2f} s of {sample.seconds:.2f}")
    return wrong


def _limit(space: int, seconds: float) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (space, hard))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(process_time() + min(seconds, LONGEST)) + KILLED_AFTER, hard))


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[0]) * PAGE


def _resident() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * PAGE


def _forget_peak() -> None:
    """Linux: 5 written here sets the peak of resident memory back to what it is now (man 5 proc)."""
    Path("/proc/self/clear_refs").write_bytes(b"5")


def _peak() -> int:
    for line in Path("/proc/self/status").read_bytes().splitlines():
        if line.startswith(b"VmHWM"):
            return int(line.split()[1]) << 10
    return 0


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


if __name__ == "__main__":
    main()
