"""Who is drawn, and what their dot says: its ring how we know each other, its look how fresh, its size how much."""

from __future__ import annotations

from dataclasses import dataclass

RINGS = ("close", "warm", "lukewarm", "cold")  # from within
LOOKS = ("fresh", "due", "asleep", "new")
MOST = 150  # people in one picture: PRODUCT.md section 4, "Size hint"
_LOOK = {"fresh": "fresh", "due": "due", "late": "due", "asleep": "asleep"}

# Touches that went both ways, from which a dot is so large; ours: half of all have fewer than three.
SIZES = ((40, 4), (15, 3), (5, 2), (1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """One person of the picture. ``group``: a key of its groups; ``since``: the moment they came in, in any unit.

    ``strength``: mails answered and meetings. ``brought_by``: the id of whoever brought them in, empty for nobody.
    """

    id: str
    name: str
    ring: str
    look: str
    strength: int = 0
    since: int = 0
    group: str = ""
    brought_by: str = ""


def ring_of(circle: str, *, close: bool) -> str:
    return "close" if close else circle


def look_of(state: str) -> str:
    """The look of a state of `keepwarm.freshness`; whoever has no rhythm, or was never in touch, looks new."""
    return _LOOK.get(state, "new")


def size_of(strength: int) -> int:
    """From 0 to 4."""
    return next((size for least, size in SIZES if strength >= least), 0)
