"""What children read, by number: the named bombs, and every file of the public test suites. Called by `child`."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.rings.hostile.bombs import ITEMS
from tests.rings.hostile.bombs.tables import HEAD, friends
from tests.rings.hostile.child import CPU, Sample

READERS = 6  # that a shared file goes through
FILE = 1.0  # seconds for a bomb that is a whole file (RELIABILITY.md F1)


def bombs(kind: str) -> Callable[[int], Sample]:
    """Each bomb of a kind alone, at full force."""
    table = list(ITEMS[kind].items())

    def sample(number: int) -> Sample:
        name, bomb = table[number]
        least = FILE if kind == "file" else CPU
        return Sample(name=name, data=dressed(kind, bomb.full()), seconds=max(least, CPU * bomb.items))

    return sample


def dressed(kind: str, data: bytes) -> bytes:
    """A bomb in the least around it that its reader needs."""
    if kind == "ics":
        return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + data + b"END:VCALENDAR\r\n"
    if kind == "row":
        return HEAD.encode() + data
    if kind == "friend":
        return friends(data.decode()).encode()
    return data


def shared_files(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def files(folder: str, seed: str) -> Callable[[int], Sample]:
    """Every file below a folder, in a drawn order; a file of many items has the time of many."""
    paths = shared_files(folder)
    random.Random(seed).shuffle(paths)

    def sample(number: int) -> Sample:
        path = paths[number]
        data = path.read_bytes()
        return Sample(name=f"{path.parent.name}/{path.name}", data=data, seconds=READERS * CPU * items_in(data))

    return sample


def items_in(data: bytes) -> int:
    """How many mails, events, cards and rows some bytes may hold at most; at least one."""
    upper = data.upper()
    marks = (b"BEGIN:VEVENT", b"BEGIN:VCARD", b"\nFROM ", b'"NAME"')
    rows = data.count(b"\n") if b"," in data[:200] and b"\n" in data[:2000] and b":" not in data[:40] else 0
    return max(1, rows, *(upper.count(mark) for mark in marks))
