"""The network map: me in the middle, rings by circle, sectors by group, a dot for each person, names where they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import pi

from keepwarm.pictures.frame import EDGE, HOME, MIDDLE, Frame, Ring, Seat, at, frame_for, seats
from keepwarm.pictures.groups import Group, shares
from keepwarm.pictures.labels import Box, Label, Place, cut, first_name, initials, placed, width_of
from keepwarm.pictures.values import MOST, RINGS, Someone, size_of

# Two layers of names: one for a wide screen and paper, one for a phone, where the picture is a third as wide.
SIZES = {"wide": 13.0, "phone": 29.0}
ROOMY = 17.0  # in place of 13 where there are few
RING_SIZES = {"wide": 13.0, "phone": 28.0}
FEW = 40  # people, among whom a phone has room for every name; of more only NEAR ones and LARGE dots get one
NEAR = ("close", "warm")
LARGE = 3
BEND = 0.22  # how far a line leaves the straight way, as a share of its length
ME = Box(left=-32, top=-32, right=32, bottom=32)
RIM = 9.0  # between the outermost ring and the names of groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """``x``, ``y``, ``r`` in the square's units. ``wide`` and ``phone``: the name on either screen, if it has room."""

    person: Someone
    x: float
    y: float
    r: float
    wide: Label | None
    phone: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A group's part of the round. ``path``: the arc its name stands on; the names are cut to its length."""

    group: Group
    line: tuple[Seat, Seat]
    path: str
    room: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RingName:
    key: str
    text: str
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """From whoever brought somebody in to them: a curve that bends away from the middle."""

    start: Seat
    bend: Seat
    end: Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everything in a square from 0 to ``size``. ``few``: so few people that their names are set larger.

    ``dots`` from within and by how much there is between us.
    """

    size: float
    rings: tuple[Ring, ...]
    ring_names: tuple[RingName, ...]
    few: bool
    sectors: tuple[Sector, ...]
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]


def network(people: Sequence[Someone], groups: Sequence[Group], ring_words: Mapping[str, str]) -> Network:
    """The map of at most MOST people, each in one of ``groups``. ``ring_words``: what each ring is called."""
    if len(people) > MOST:
        raise ValueError(f"a picture shows at most {MOST} people, not {len(people)}")
    frame, parts = frame_for(people), shares(groups)
    places = seats(frame, people, parts)
    names = tuple(RingName(key=ring.key, text=ring_words[ring.key], y=-ring.outer) for ring in frame.rings)
    return Network(
        size=2 * MIDDLE,
        rings=frame.rings,
        few=len(people) <= FEW,
        ring_names=tuple(RingName(key=each.key, text=each.text, y=MIDDLE + each.y) for each in names),
        sectors=tuple(_sector(each, *parts[each.key]) for each in groups) if len(groups) > 1 else (),
        dots=tuple(_dots(people, frame, places, names)),
        lines=tuple(_lines(people, places)),
    )


def _dots(people: Sequence[Someone], frame: Frame, places: Mapping[str, Seat], names: Sequence[RingName]) -> list[Dot]:
    ordered = sorted(people, key=lambda each: (RINGS.index(each.ring), -each.strength, each.since, each.id))
    spots = [_place(each, places[each.id], frame.dot(size_of(each.strength))) for each in ordered]
    few = len(people) <= FEW
    on_phone = [_on_phone(spot, each, few=few) for spot, each in zip(spots, ordered, strict=True)]
    wide = _labels(spots, names, "wide", ROOMY if few else SIZES["wide"])
    phone = _labels(on_phone, names, "phone", SIZES["phone"])
    return [
        Dot(
            person=each, x=round(spot.x + MIDDLE, 1), y=round(spot.y + MIDDLE, 1), r=round(spot.r, 1),
            wide=wide[number], phone=phone[number],
        )
        for number, (each, spot) in enumerate(zip(ordered, spots, strict=True))
    ]  # fmt: skip


def _place(each: Someone, seat: Seat, r: float) -> Place:
    return Place(x=seat[0], y=seat[1], r=r, name=first_name(each.name), initials=initials(each.name))


def _on_phone(spot: Place, each: Someone, *, few: bool) -> Place:
    """The same with whatever name a phone has room for: few names that can be read, and no initials."""
    named = few or each.ring in NEAR or size_of(each.strength) >= LARGE
    return replace(spot, name=spot.name if named else "", initials="")


def _labels(spots: Sequence[Place], names: Sequence[RingName], layer: str, size: float) -> list[Label | None]:
    taken = [*_ring_boxes(names, RING_SIZES[layer]), ME]
    return [_moved(each) for each in placed(spots, size=size, reach=EDGE + RIM, taken=taken)]


def _ring_boxes(names: Sequence[RingName], size: float) -> list[Box]:
    halves = [(each.y, width_of(each.text, size) / 2) for each in names]
    return [Box(left=-half, top=y - size / 2, right=half, bottom=y + size / 2) for y, half in halves]


def _moved(label: Label | None) -> Label | None:
    """The label in the square's own units."""
    if label is None:
        return None
    x, y, box = round(label.x + MIDDLE, 1), round(label.y + MIDDLE, 1), label.box.moved(MIDDLE)
    return replace(label, x=x, y=y, box=box)


def _sector(group: Group, start: float, width: float) -> Sector:
    """The arc runs so that the name stands upright: clockwise above, the other way below."""
    middle, end = start + width / 2, start + width
    below = 0.25 < middle < 0.75
    radius = EDGE + RIM + (SIZES["phone"] * 0.72 if below else 0)
    one, two = (_on(end, radius), _on(start, radius)) if below else (_on(start, radius), _on(end, radius))
    sweep = f"{int(width > 0.5)} {int(not below)}"
    path = f"M{one[0]:g} {one[1]:g}A{radius:g} {radius:g} 0 {sweep} {two[0]:g} {two[1]:g}"
    room = 2 * pi * radius * width - 12
    return Sector(group=group, line=(_on(start, HOME), _on(start, EDGE)), path=path, room=room)


def rim_name(sector: Sector, text: str, layer: str) -> str:
    """A group's name as long as its arc allows; may be empty."""
    return cut(text, SIZES[layer], sector.room)


def _on(share: float, radius: float) -> Seat:
    x, y = at(share, radius)
    return round(x + MIDDLE, 1), round(y + MIDDLE, 1)


def _lines(people: Sequence[Someone], places: Mapping[str, Seat]) -> list[Line]:
    pairs = sorted((each.brought_by, each.id) for each in people if each.brought_by in places)
    return [_line(places[one], places[two]) for one, two in pairs if one != two]


def _line(one: Seat, two: Seat) -> Line:
    """It bends away from the middle, so that no line seems to come from me."""
    middle = ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)
    aside = ((one[1] - two[1]) * BEND, (two[0] - one[0]) * BEND)
    away = 1 if middle[0] * aside[0] + middle[1] * aside[1] >= 0 else -1
    bend = (middle[0] + away * aside[0], middle[1] + away * aside[1])
    start, control, end = ((round(x + MIDDLE, 1), round(y + MIDDLE, 1)) for x, y in (one, bend, two))
    return Line(start=start, bend=control, end=end)
