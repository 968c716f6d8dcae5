"""Names beside dots: first names where there is room, else initials, else nothing; never one over another.

Widths are reckoned, for nobody knows the reader's font: generously, so that what is apart here is apart on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, hypot
from unicodedata import combining, east_asian_width

CELL = 60.0  # of the grid in which what is near is looked up
GAP = 2.0  # between a dot and its name
LETTERS = 11  # of a first name; ours
INSIDE = 0.77  # how much smaller the initials in a dot are set
_WIDE = frozenset("mwMW@%—…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, reach: float) -> bool:
        """Whether it lies in the circle of this radius around 0, 0."""
        return hypot(max(-self.left, self.right), max(-self.top, self.bottom)) <= reach

    def moved(self, by: float) -> Box:
        return Box(left=self.left + by, top=self.top + by, right=self.right + by, bottom=self.bottom + by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """``x`` and ``y``: where the baseline begins, has its middle or ends, as ``anchor`` says. ``inside`` its dot."""

    text: str
    x: float
    y: float
    anchor: str
    box: Box
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A dot that wants a name: ``name`` beside it, else ``initials`` beside or inside; either may be empty."""

    x: float
    y: float
    r: float
    name: str
    initials: str


class Board:
    """What is taken on the picture, found by where it is."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def take(self, box: Box) -> None:
        for cell in _cells(box):
            self._cells.setdefault(cell, []).append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.meets(each) for cell in _cells(box) for each in self._cells.get(cell, ()))


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for across in range(floor(box.left / CELL), floor(box.right / CELL) + 1):
        for down in range(floor(box.top / CELL), floor(box.bottom / CELL) + 1):
            yield across, down


def width_of(text: str, size: float) -> float:
    """How wide a text is at most, roughly, in a font of this size."""
    return size * sum(_width(each) for each in text)


def _width(letter: str) -> float:
    if letter.isascii() and letter.islower() and letter not in _WIDE:
        return 0.57
    if combining(letter):
        return 0.0
    if letter in _WIDE or east_asian_width(letter) in {"W", "F"}:
        return 1.0
    return 0.72


def cut(text: str, size: float, room: float) -> str:
    """The text, cut visibly where it is wider than ``room``; empty where not even three letters have room."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if len(text) >= 3 else ""


def first_name(name: str) -> str:
    word = next(iter(name.split()), "")
    return word if len(word) <= LETTERS else f"{word[: LETTERS - 1]}…"


def initials(name: str) -> str:
    """Of the first and the last word: "Noor van der Berg" → "NB"."""
    words = [each for each in name.split() if each[0].isalnum()]
    return "".join(each[0] for each in (words if len(words) < 2 else (words[0], words[-1]))).upper()


def box_of_dot(x: float, y: float, r: float) -> Box:
    return Box(left=x - r, top=y - r, right=x + r, bottom=y + r)


def placed(places: Sequence[Place], *, size: float, reach: float, taken: Iterable[Box] = ()) -> list[Label | None]:
    """A label for each place where there is room; whoever stands first in the list chooses first.

    No two meet, none meets a dot but its own with initials inside, none reaches farther than ``reach`` from 0, 0.
    """
    board = Board()
    for box in (*taken, *(box_of_dot(each.x, each.y, each.r) for each in places)):
        board.take(box)
    found: list[Label | None] = []
    for each in places:
        label = next((made for made in _tries(each, size) if made.box.within(reach) and board.is_free(made.box)), None)
        label = label or _inside(each, size)
        if label is not None and not label.inside:
            board.take(label.box)
        found.append(label)
    return found


def _tries(place: Place, size: float) -> Iterator[Label]:
    for text in dict.fromkeys((place.name, place.initials)):
        if text:
            yield from _around(place, text, size)


def _around(place: Place, text: str, size: float) -> Iterator[Label]:
    """Below, above, to the right, to the left."""
    x, y, wide = place.x, place.y, width_of(text, size)
    off = place.r + GAP
    for top in (y + off, y - off - size):
        box = Box(left=x - wide / 2, top=top, right=x + wide / 2, bottom=top + size)
        yield Label(text=text, x=x, y=top + 0.8 * size, anchor="middle", box=box)
    for left, anchor, edge in ((x + off, "start", x + off), (x - off - wide, "end", x - off)):
        box = Box(left=left, top=y - size / 2, right=left + wide, bottom=y + size / 2)
        yield Label(text=text, x=edge, y=y + 0.3 * size, anchor=anchor, box=box)


def _inside(place: Place, size: float) -> Label | None:
    """Initials within the dot, a little smaller, where they fit."""
    wide, high = width_of(place.initials, size * INSIDE), size * INSIDE * 0.72
    if not place.initials or hypot(wide / 2, high / 2) > place.r:
        return None
    x, y = place.x, place.y
    box = Box(left=x - wide / 2, top=y - high / 2, right=x + wide / 2, bottom=y + high / 2)
    return Label(text=place.initials, x=x, y=y + high / 2, anchor="middle", box=box, inside=True)
