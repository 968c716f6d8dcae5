"""Freshness of each circle over time: of the people known at a moment, the share who were fresh then.

By the product's own rule (`keepwarm.freshness`), with the circle and the rhythm that people have today: how it was is
not kept. Whoever has no rhythm, or had not been in touch by then, is not counted at that moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from keepwarm.freshness import DUE
from keepwarm.pictures.values import RINGS

STEPS = (0.2, 0.4, 0.6, 0.8)  # shares at which a cell takes the next shade; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """When we were in touch with somebody, in order. ``rhythm`` and ``moments`` in one unit; a rhythm is above 0.

    Between two moments that are asked about only the last touch matters; the others may be left away.
    """

    ring: str
    rhythm: int
    moments: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    fresh: int
    known: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nobody is counted."""
        return self.fresh / self.known if self.known else None

    @property
    def shade(self) -> int | None:
        """From 0 (hardly anybody) to 4 (nearly all)."""
        return None if self.share is None else sum(self.share >= step for step in STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One circle; ``cells`` in the order of the moments asked."""

    ring: str
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        return not any(each.known for each in self.cells)


def heat(people: Iterable[History], moments: Sequence[int]) -> list[Row]:
    """A row for each of RINGS, from within; ``moments`` in order and in the unit of the histories."""
    changes = {ring: ([0] * (len(moments) + 1), [0] * (len(moments) + 1)) for ring in RINGS}
    for each in people:
        fresh, known = changes[each.ring]
        _count(each, moments, fresh, known)
    return [Row(ring=ring, cells=_cells(*changes[ring])) for ring in changes]


def _count(each: History, moments: Sequence[int], fresh: list[int], known: list[int]) -> None:
    """Note in which columns somebody comes and goes: few do, and twenty thousand are counted while somebody waits."""
    within = each.rhythm * DUE
    columns = [bisect_left(moments, at) for at in each.moments]
    for begin in columns[:1]:
        known[begin] += 1
    for at, (begin, following) in zip(each.moments, pairwise([*columns, len(moments)]), strict=True):
        end = min(following, bisect_left(moments, at + within))
        if begin < end:
            fresh[begin] += 1
            fresh[end] -= 1


def _cells(fresh: Sequence[int], known: Sequence[int]) -> tuple[Cell, ...]:
    """What changes from column to column, summed up; what stands behind the last is left out."""
    pairs = zip(accumulate(fresh), accumulate(known), strict=True)
    return tuple(Cell(fresh=f, known=k) for f, k in pairs)[:-1]
