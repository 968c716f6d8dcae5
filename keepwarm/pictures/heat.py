"""Freshness of each circle over time: of the people known at a moment, the share who were fresh then.

By the product's own rule (`keepwarm.freshness`), with the circle and the rhythm that people have today: how it was is
not kept. Whoever has no rhythm, or had not been in touch by then, is not counted at that moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from keepwarm.freshness import DUE
from keepwarm.pictures.values import RINGS

STEPS = (0.2, 0.4, 0.6, 0.8)  # shares at which a cell takes the next shade; ours


class History(NamedTuple):
    """When we were in touch with somebody. ``rhythm`` and ``moments`` in one unit; a rhythm is above 0.

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
    alike = Counter(_columns(each, moments) for each in people if each.moments)
    found = {ring: ([0] * len(moments), [0] * len(moments)) for ring in RINGS}
    for (ring, since, bits), number in alike.items():
        fresh, known = found[ring]
        for column in range(since, len(moments)):
            known[column] += number
            fresh[column] += number * (bits >> column & 1)
    return [
        Row(ring=ring, cells=tuple(Cell(fresh=f, known=k) for f, k in zip(*columns, strict=True)))
        for ring, columns in found.items()
    ]


def _columns(each: History, moments: Sequence[int]) -> tuple[str, int, int]:
    """Their ring, the first column in which they are known, and those in which they are fresh as bits.

    Of twenty thousand people many are alike in this, so that few are counted while somebody waits.
    """
    within, bits = each.rhythm * DUE, 0
    for at in each.moments:
        bits |= (1 << bisect_left(moments, at + within)) - (1 << bisect_left(moments, at))
    return each.ring, bisect_left(moments, min(each.moments)), bits
