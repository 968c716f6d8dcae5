"""Ways to somebody as one picture: me on the left, over whom, and on the right whom I want to meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepwarm.paths import Way
from keepwarm.pictures.labels import cut

WIDE = 400.0
FIRST, LAST = 34.0, 346.0  # where me and the goal stand
ROW = 58.0  # from one person to the one below
TOP = 30.0
FONT = 12.0
DOT = 11.0
ROOM = {3: 150.0, 4: 100.0}  # for a name, by how many stand side by side
ENDS = 104.0  # the same at the right edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """``contact_id`` is empty for me. ``name``: as much as there is room for; ``full``: all of it."""

    contact_id: str
    name: str
    full: str
    x: float
    y: float
    goal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One step. ``doubt``: its evidence is thin. ``why``: one sentence."""

    start: tuple[float, float]
    end: tuple[float, float]
    doubt: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    wide: float
    high: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def chain(ways: Sequence[Way], me: str) -> Chain:
    """The picture of these ways (at least one), the strongest on top. ``me``: what I am called in it."""
    tiers = _tiers(ways)
    rows = max(len(each) for each in tiers)
    high = TOP + ROW * rows
    spots = {
        (tier, who): (round(FIRST + (LAST - FIRST) * tier / (len(tiers) - 1), 1), _down(place, len(people), high))
        for tier, people in enumerate(tiers)
        for place, who in enumerate(people)
    }
    return Chain(
        wide=WIDE, high=high, nodes=tuple(_nodes(ways, spots, me, len(tiers))), edges=tuple(_edges(ways, spots))
    )


Spots = dict[tuple[int, str], tuple[float, float]]


def _tiers(ways: Sequence[Way]) -> list[list[str]]:
    """Who stands in which column, from above; me in the first, those to be met in the last."""
    last = max(len(way.steps) for way in ways)
    tiers: list[dict[str, None]] = [{"": None}, *({} for _ in range(last))]
    for way in ways:
        for tier, step in _places(way, last):
            tiers[tier][step] = None
    return [list(each) for each in tiers]


def _places(way: Way, last: int) -> list[tuple[int, str]]:
    ids = [step.contact_id for step in way.steps]
    return [*enumerate(ids[:-1], start=1), (last, ids[-1])]


def _down(place: int, of: int, high: float) -> float:
    return round((high - TOP) * (place + 0.5) / of + 8, 1)


def _nodes(ways: Sequence[Way], spots: Spots, me: str, tiers: int) -> list[Node]:
    names = {step.contact_id: step.name for way in ways for step in way.steps} | {"": me}
    goals = {way.steps[-1].contact_id for way in ways}
    return [
        Node(
            contact_id=who, name=cut(names[who], FONT, ENDS if who in goals else ROOM[tiers]) or "…", full=names[who],
            x=x, y=y, goal=who in goals,
        )
        for (_, who), (x, y) in spots.items()
    ]  # fmt: skip


def _edges(ways: Sequence[Way], spots: Spots) -> list[Edge]:
    last = max(len(way.steps) for way in ways)
    found: dict[tuple[tuple[int, str], tuple[int, str]], Edge] = {}
    for way in ways:
        before = (0, "")
        for spot, step in zip(_places(way, last), way.steps, strict=True):
            edge = Edge(start=spots[before], end=spots[spot], doubt=step.doubt, why=step.why)
            found.setdefault((before, spot), edge)
            before = spot
    return list(found.values())
