"""What a work tells: rows of a table, and how medians of interleaved rounds are taken. Called by every work's module.

A work is a module with a docstring that names its goals and ``run(extent) -> list[Row]``. Ratios are of two figures of
the same run, contenders taking turns, so that a slow minute hits all of them.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Figures = Mapping[str, float]
MAILS = 20_000  # what the goals of PERFORMANCE.md are about


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is done: rounds that every contender has, and mails in a mailbox."""

    rounds: int = 3
    mails: int = MAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. ``figure`` None: the peer is not installed. ``goal`` as it stands in PERFORMANCE.md, with the ratio."""

    name: str
    figure: float | None
    unit: str
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def against(  # noqa: PLR0913 - what a row says, each by name
    name: str, figure: float, unit: str, *, base: float, least: float | None = None, most: float | None = None,
            of: str = "") -> Row:  # fmt: skip
    """A row whose ratio to ``base`` should be at least or at most so much."""
    ratio = figure / base if base else 0.0
    if least is not None:
        return Row(name=name, figure=figure, unit=unit, ratio=ratio, goal=f">= {least:g}x {of}", met=ratio >= least)
    assert most is not None
    return Row(name=name, figure=figure, unit=unit, ratio=ratio, goal=f"<= {most:g}x {of}", met=ratio <= most)


def bounded(name: str, figure: float, unit: str, most: float) -> Row:
    """A row whose figure itself should be at most so much."""
    return Row(name=name, figure=figure, unit=unit, goal=f"<= {most:g}", met=figure <= most)


def missing(name: str) -> Row:
    return Row(name=name, figure=None, unit="")


def in_turns(rounds: int, cases: Mapping[str, Callable[[], Figures]]) -> dict[str, dict[str, float]]:
    """Medians of each case's figures over so many rounds, in which every case has its turn."""
    taken: dict[str, list[Figures]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            taken[name].append(case())
    return {
        name: {figure: statistics.median(each[figure] for each in found) for figure in found[0]}
        for name, found in taken.items()
    }


def tell(title: str, rows: Sequence[Row], *, judged: bool = True) -> None:
    """Print the table of one work; unless ``judged``, goals stand there without a word on whether they are met."""
    print(f"\n{title}")
    print(f"{'':52}{'figure':>10} {'':10}{'ratio':>7}  goal")
    for row in rows:
        if row.figure is None:
            print(f"{row.name:52}{'not installed':>13}")
            continue
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
        met = "" if row.met is None or not judged else "met" if row.met else "NOT MET"
        print(f"{row.name:52}{row.figure:>10,.6g} {row.unit:10}{ratio:>7}  {row.goal} {met}".rstrip())
