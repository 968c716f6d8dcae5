"""Among whom a digest finds the people of its week, without reading everybody. Called by `digesting`.

The choice is `keepwarm.reconnect`'s; the queries only put those who are due into its orders, kind by kind, and as many
are read as can come into question.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Float, and_, case, cast, literal, or_, select

from keepwarm.store.counted import uncounted
from keepwarm.store.database import Tx
from keepwarm.store.lightly import joined, shown, tuples
from keepwarm.store.people import ContactRow
from keepwarm.store.rhythms import as_fresh_as, is_time, rhythm, since
from keepwarm.store.tables import contact, listing, microseconds
from keepwarm.store.world import World, meet, reachable

WEEKS = 4  # ours: each kind is read for so many; this one, and a digest passes over those of this week and the last
PORTION = 20  # and so many more, for those whom it names anyway: owed something, or next in a plan; ours


class _Light(NamedTuple):
    """Somebody with whom it may be time to get in touch; of thousands, so as little as can be."""

    id: str
    late: float
    strength: int
    asleep: int
    warm: int
    trusted: int


# Kind by kind: who is of it, and what they are ordered by, the least first.
ORDERS: tuple[tuple[Callable[[_Light], bool], Callable[[_Light], tuple[float, ...]]], ...] = (
    (lambda each: bool(each.warm and not each.asleep), lambda each: (-each.late, -each.strength)),
    (lambda each: not each.warm and not each.asleep, lambda each: (-each.late, -each.strength)),
    (lambda each: bool(each.asleep), lambda each: (-each.late, -each.strength)),
    (lambda each: bool(each.asleep), lambda each: (-each.strength, -each.late)),
    (lambda each: bool(each.asleep), lambda each: (-each.trusted, -each.warm, -each.late)),
)


def to_suggest(tx: Tx, at_now: World, without: Collection[str]) -> list[ContactRow]:
    """Active people with whom it may be time to get in touch, the best of each kind among them; in no order."""
    ids = {*uncounted(tx, at_now.now), *at_now.plan, *_best(tx, at_now, without)} - set(without)
    meet(at_now, ids)
    rows = (at_now.people.get(each) for each in sorted(ids))
    return [row for row in rows if row is not None and reachable(at_now, row)]


def _best(tx: Tx, at_now: World, without: Collection[str]) -> Iterator[str]:
    """The first of each order; all are read once, in a few columns, and put in order here."""
    rows = [each for each in _whose_time_it_is(tx, at_now) if each.id not in without]
    number = PORTION + WEEKS * at_now.pace.weekly_people
    for kind, order in ORDERS:
        yield from (each.id for each in nsmallest(number, filter(kind, rows), key=lambda each: (*order(each), each.id)))


def _whose_time_it_is(tx: Tx, at_now: World) -> list[_Light]:
    interval = rhythm(tx, at_now.now, at_now)
    late_by = cast(literal(microseconds(at_now.now), BigInteger) - since(), Float)
    awake = or_(contact.c.paused_until.is_(None), contact.c.paused_until <= at_now.today)
    asleep = and_(*as_fresh_as("asleep", interval, at_now.now))
    columns = (
        contact.c.id, late_by / cast(interval, Float), listing.c.strength, case((asleep, 1), else_=0),
        case((listing.c.circle == "warm", 1), else_=0), _trusted(),
    )  # fmt: skip
    query = select(*columns).select_from(joined()).where(*shown(tx), awake, is_time(interval, at_now.now))
    return [_Light(*row) for row in tuples(tx, query)]


def _trusted() -> ColumnElement[int]:
    """Whether it went both ways."""
    both = or_(and_(listing.c.sent > 0, listing.c.received > 0), listing.c.meetings > 0)
    return case((both, 1), else_=0)
