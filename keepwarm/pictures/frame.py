"""The rings around me, with seats enough for everybody, and who takes which seat.

Rings and sectors grow in steps and seats are taken in the order in which people came in. So whoever comes in last moves
nobody, as long as no ring needs another row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, floor, hypot, pi, sin

from keepwarm.pictures.values import RINGS, Someone

MIDDLE = 500.0  # the picture is a square of twice this; lengths are in its units
EDGE = 452.0  # how far the outermost ring reaches
HOME = 44.0  # room for me
BESIDE = 13.0  # free on each side of a ring's line, for its name
SPARE = 1.3  # seats for each person, so that groups can stay together
PITCHES = (58.0, 50.0, 44.0, 40.0, 36.0, 33.0, 30.0, 27.0, 24.0, 21.0, 18.0, 15.0)  # least distance of two seats
WIDER = ((8, 1.8), (16, 1.5), (40, 1.2))  # up to so many people in a ring its seats lie so much farther apart
DOTS = (0.19, 0.24, 0.3, 0.36, 0.42)  # radius by size, in pitches: under a half, so that no two can touch
LARGEST = 16.0
# Two steps that fill an area evenly however many are taken (M. Roberts, "The unreasonable effectiveness of quasirandom
# sequences", 2018: the powers of the inverse of the plastic number).
AROUND, OUTWARD = 0.7548776662466927, 0.5698402909980532


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """From ``inner`` to ``outer``; ``rows``: radius and number of seats of each, from within."""

    key: str
    inner: float
    outer: float
    rows: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    rings: tuple[Ring, ...]
    pitch: float

    def dot(self, size: int) -> float:
        """The radius of a dot of this size."""
        return min(LARGEST * (DOTS[size] / DOTS[-1]), DOTS[size] * self.pitch)


def frame_for(people: Iterable[Someone]) -> Frame:
    """The widest rings that seat these people; a ring without any is left out."""
    counts = Counter(each.ring for each in people)
    present = [(key, counts[key]) for key in RINGS if counts[key]]
    for pitch in PITCHES:
        rings = _rings(present, pitch, 0.0)
        if not rings or rings[-1].outer <= EDGE:
            break
    spare = (EDGE - rings[-1].outer) / len(rings) if rings else 0.0
    return Frame(rings=_rings(present, pitch, max(0.0, spare)), pitch=pitch)


def _rings(present: Sequence[tuple[str, int]], pitch: float, more: float) -> tuple[Ring, ...]:
    """``more``: how much wider than need be each ring is made."""
    found, inner = [], HOME
    for key, count in present:
        apart = pitch * next((times for most, times in WIDER if count <= most), 1.0)
        rows = _rows(inner + BESIDE + apart / 2, apart, count * SPARE)
        outer = rows[-1][0] + apart / 2 + BESIDE + more
        found.append(Ring(key=key, inner=inner, outer=outer, rows=_spread(rows, more, apart)))
        inner = outer
    return tuple(found)


def _rows(first: float, apart: float, wanted: float) -> list[tuple[float, int]]:
    rows = [(first, _seats_on(first, apart))]
    while sum(seats for _, seats in rows) < wanted:
        radius = rows[-1][0] + apart
        rows.append((radius, _seats_on(radius, apart)))
    return rows


def _spread(rows: Sequence[tuple[float, int]], more: float, apart: float) -> tuple[tuple[float, int], ...]:
    """Rows over a ring that is wider than need be: evenly, with as many seats as there is room for now."""
    step = more / (len(rows) + 1)
    radii = [radius + step * (number + 1) for number, (radius, _) in enumerate(rows)]
    return tuple((radius, _seats_on(radius, apart)) for radius in radii)


def _seats_on(radius: float, apart: float) -> int:
    return max(1, floor(pi / asin(min(1.0, apart / (2 * radius)))))


Seat = tuple[float, float]  # x and y, me at 0, 0


def seats(frame: Frame, people: Iterable[Someone], shares: Mapping[str, tuple[float, float]]) -> dict[str, Seat]:
    """Where everybody sits: in their ring, as near as can be to their place in the sector of their group."""
    free = {ring.key: _all_seats(ring) for ring in frame.rings}
    rings = {ring.key: ring for ring in frame.rings}
    taken: Counter[tuple[str, str]] = Counter()
    found: dict[str, Seat] = {}
    for each in sorted(people, key=lambda each: (each.since, each.id)):
        turn = taken[each.ring, each.group]
        taken[each.ring, each.group] += 1
        wish = _wish(rings[each.ring], shares[each.group], turn)
        seat = min(free[each.ring], key=lambda seat: hypot(seat[0] - wish[0], seat[1] - wish[1]))
        free[each.ring].remove(seat)
        found[each.id] = seat
    return found


def at(share: float, radius: float) -> Seat:
    """The point at this share of the round, from the top and clockwise."""
    angle = 2 * pi * share - pi / 2
    return round(radius * cos(angle), 3), round(radius * sin(angle), 3)


def _wish(ring: Ring, sector: tuple[float, float], turn: int) -> Seat:
    start, width = sector
    around, outward = (0.5 + turn * AROUND) % 1, (0.5 + turn * OUTWARD) % 1
    nearest, farthest = ring.rows[0][0], ring.rows[-1][0]
    return at(start + width * around, nearest + (farthest - nearest) * outward)


def _all_seats(ring: Ring) -> list[Seat]:
    """Every other row is turned by half a seat."""
    return [
        at((number + 0.5 * (row % 2)) / count, radius)
        for row, (radius, count) in enumerate(ring.rows)
        for number in range(count)
    ]
