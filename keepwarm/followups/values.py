"""What the planner reads and answers. Frozen values; times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keepwarm.texts import mark

LENGTH = timedelta(minutes=15)  # PRODUCT.md section 4, "Calendar writes"

WHY_REMOVED: dict[str, str] = {
    "not_active": mark("You no longer follow this contact, or marked them private."),
    "in_touch": mark("You have been in touch since."),
    "double": mark("There was another one for the same contact."),
    "talk_ahead": mark("You have a talk with this contact coming up."),
    "settled": mark("It is done, or no longer needed."),
}

OWED = "owed:"  # how the cycle of a follow-up begins that is about one thing owed, not about keeping in touch


class State(StrEnum):
    """How a follow-up stands. The first three are live."""

    PLANNED = "planned"  # a row, not yet in the calendar
    PLACED = "placed"
    MOVED = "moved"  # by the user
    DELETED = "deleted"  # by the user: never remade in that cycle
    DONE = "done"
    REMOVED = "removed"  # by us


LIVE = frozenset({State.PLANNED, State.PLACED, State.MOVED})
SETTLED = frozenset({State.DELETED, State.DONE})


Subject = tuple[str, str]  # contact and what is owed, empty for keeping in touch: one live follow-up each


def subject_of(contact_id: str, cycle: str) -> Subject:
    return (contact_id, cycle if cycle.startswith(OWED) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An active contact taken as network, with a rhythm. People paused, private or without a rhythm are not given.

    ``cycle`` identifies the time since the last real contact: each cycle has at most one follow-up. ``reason`` is the
    sentence of `keepwarm.freshness` that says why now. One thing owed (a promise, thanks) is a Due of its own, its
    cycle begins with OWED and ``about`` says what.
    """

    contact_id: str
    name: str
    address: str = ""  # shown with the name, empty for none
    due_at: datetime
    rhythm: timedelta
    cycle: str
    circle: str = "warm"
    last_at: datetime | None = None
    reason: str = ""
    channel: str = ""  # in_person, mail, social, telephone; empty: no wish
    talk_ahead: bool = False  # a talk is booked: nothing to remind of until it was held
    about: str = ""

    @property
    def subject(self) -> Subject:
        return subject_of(self.contact_id, self.cycle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A follow-up that was made before, in any state. Give all of them: the settled ones block their cycle."""

    id: str
    contact_id: str
    cycle: str
    at: datetime
    state: State
    moved_by_user: bool = False

    @property
    def subject(self) -> Subject:
        return subject_of(self.contact_id, self.cycle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A new follow-up. ``id`` is made from contact and cycle, so the same decision taken twice is the same row."""

    id: str
    contact_id: str
    cycle: str
    at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A follow-up of ours that lost its place: something came up then, or it was never delivered in time."""

    id: str
    at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """``why`` is a key of ``WHY_REMOVED``."""

    id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do; an id stands in at most one of the four. ``waiting``: of the people
    given, those due who found no room, best first."""

    place: tuple[Placement, ...] = ()
    move: tuple[Move, ...] = ()
    remove: tuple[Removal, ...] = ()
    keep: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
