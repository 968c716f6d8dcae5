"""Among whom a digest finds the people of its week, without reading everybody. Called by `digesting`.

The choice is `keepwarm.reconnect`'s; the queries only put those who are due into its orders, kind by kind, and as many
are read as can come into question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, and_, case, cast, literal, or_, select

from keepwarm.store.counted import uncounted
from keepwarm.store.database import Tx
from keepwarm.store.lightly import joined, shown, tuples
from keepwarm.store.owed import owed
from keepwarm.store.people import ContactRow
from keepwarm.store.rhythms import as_fresh_as, rhythm, since
from keepwarm.store.tables import contact, listing, microseconds
from keepwarm.store.world import World, meet, reachable

PORTION = 50  # of each kind; ours: a digest names five, and passes over those it named last week or names anyway


def to_suggest(tx: Tx, at_now: World, without: Collection[str]) -> list[ContactRow]:
    """Active people with whom it may be time to get in touch, the best of each kind among them; in no order."""
    number = PORTION + len(without) + len(owed(tx, at_now))
    ids = {*uncounted(tx, at_now.now), *at_now.plan, *_best(tx, at_now, number)} - set(without)
    meet(at_now, ids)
    rows = (at_now.people.get(each) for each in sorted(ids))
    return [row for row in rows if row is not None and reachable(at_now, row)]


def _best(tx: Tx, at_now: World, number: int) -> Iterator[str]:
    interval = rhythm(tx, at_now.now)
    asleep, due = (as_fresh_as(each, interval, at_now.now) for each in ("asleep", "due"))
    late_by = cast(literal(microseconds(at_now.now), BigInteger) - since(), Float)
    latest = (late_by / cast(interval, Float)).desc()
    awake = or_(contact.c.paused_until.is_(None), contact.c.paused_until <= at_now.today)
    warm = listing.c.circle == "warm"
    strongest = listing.c.strength.desc()
    orders: tuple[tuple[list[ColumnElement[bool]], tuple[ColumnElement[Any], ...]], ...] = (
        ([*due, warm], (latest, strongest)),
        ([*due, ~warm], (latest, strongest)),
        (asleep, (latest, strongest)),
        (asleep, (strongest, latest)),
        (asleep, (_trusted().desc(), case((warm, 1), else_=0), latest)),
    )
    for kind, order in orders:
        query = select(contact.c.id).select_from(joined()).where(*shown(tx), awake, *kind)
        yield from (key for (key,) in tuples(tx, query.order_by(*order, contact.c.id).limit(number)))


def _trusted() -> ColumnElement[int]:
    """Whether it went both ways."""
    both = or_(and_(listing.c.sent > 0, listing.c.received > 0), listing.c.meetings > 0)
    return case((both, 1), else_=0)
