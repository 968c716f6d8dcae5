"""Bars over the months: two kinds side by side, on a scale of round numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH = 400.0, 190.0  # of the picture
LEFT, RIGHT, TOP, BOTTOM = 30.0, 396.0, 12.0, 164.0  # of the part with the bars
SHARE = 0.36  # of a column that one bar takes
ROUND = (1, 2, 5)
LINES = 5  # at most, above the ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """``value`` people or talks; a bar of 0 has no height."""

    value: int
    x: float
    y: float
    wide: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """``series``: the bars of each kind, a bar for each column; ``lines``: value and height of the lines behind."""

    columns: tuple[float, ...]
    series: tuple[tuple[Bar, ...], ...]
    lines: tuple[tuple[int, float], ...]


def bars(*values: Sequence[int]) -> Bars:
    """The bars of one or more kinds, all of one length above 0."""
    step = _step(max(max(each) for each in values))
    top = step * max(1, -(-max(max(each) for each in values) // step))
    width = (RIGHT - LEFT) / len(values[0])
    columns = tuple(round(LEFT + width * (number + 0.5), 1) for number in range(len(values[0])))
    wide = round(width * SHARE, 1)
    series = tuple(
        tuple(_bar(each, columns[place] + wide * (kind - len(values) / 2), wide, top) for place, each in enumerate(row))
        for kind, row in enumerate(values)
    )
    lines = tuple((value, _height(value, top)) for value in range(0, top + 1, step))
    return Bars(columns=columns, series=series, lines=lines)


def _step(largest: int) -> int:
    """The least of 1, 2, 5, 10, 20 ... with which few lines reach the largest value."""
    scale = 1
    while True:
        for each in ROUND:
            if each * scale * LINES >= largest:
                return each * scale
        scale *= 10


def _height(value: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _bar(value: int, x: float, wide: float, top: int) -> Bar:
    y = _height(value, top)
    return Bar(value=value, x=round(x, 1), y=y, wide=wide, high=round(BOTTOM - y, 1))
