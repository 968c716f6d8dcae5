"""What a bomb is. Used by the tables beside this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

SMALL = 40  # how often a bomb repeats itself where it is only to be mutated


class Becomes(StrEnum):
    """What a bomb becomes among good items."""

    READ = "read"  # within our limits, so lawfully read and stored
    SKIPPED = "skipped"  # understood and left out, with a reason
    QUARANTINED = "quarantined"


READ, SKIPPED, QUARANTINED = Becomes.READ, Becomes.SKIPPED, Becomes.QUARANTINED


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb:
    """``make(size)`` gives its bytes. ``items`` is how many things it lawfully holds, each with a time of its own."""

    make: Callable[[int], bytes]
    size: int = 1
    becomes: Becomes = READ
    items: int = 1

    def full(self) -> bytes:
        return self.make(self.size)

    def small(self) -> bytes:
        return self.make(min(self.size, SMALL))
