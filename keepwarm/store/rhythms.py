"""The rule of what is due, asked of many at once: `keepwarm.freshness` in SQL over `listing` joined with `contact`.

Called by `finding`, `picturing` and `histories`. Who is in a plan has a rhythm that the rule itself tells: these are
few. For all others it follows from the circle, so that one comparison of moments does.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal, null, type_coerce

from keepwarm.freshness import ASLEEP, CLOSE, LUKEWARM, LUKEWARM_WITH_PLAN, WARM
from keepwarm.store.database import Tx
from keepwarm.store.plans import main_goal, plan_entries
from keepwarm.store.tables import contact, listing, microseconds
from keepwarm.store.world import World, fresh, meet, world

_DAY = timedelta(days=1) // timedelta(microseconds=1)


def rhythm(tx: Tx, now: datetime, at_now: World | None = None) -> ColumnElement[Any]:
    """The wanted interval in microseconds, null for none. ``at_now``: the world at that moment, of whoever has it."""
    planned = _of_plans(at_now or world(tx, now, only=sorted(plan_entries(tx))))
    lukewarm = LUKEWARM_WITH_PLAN if main_goal(tx) else LUKEWARM
    own = contact.c.rhythm_days
    return case(
        (contact.c.state != "active", null()),
        (contact.c.private.is_(True), null()),
        (own == 0, null()),
        (own.is_not(None), cast(own, BigInteger) * _DAY),
        *((contact.c.id.in_(ids), _length(each)) for each, ids in planned.items()),
        (contact.c.close.is_(True), _length(CLOSE)),
        (listing.c.circle == "warm", _length(WARM)),
        (listing.c.circle == "lukewarm", _length(lukewarm)),
        else_=null(),
    )


def since() -> ColumnElement[int]:
    """From when a rhythm counts, in microseconds: the last touch or note, else when they came in."""
    moments = (listing.c.last_at, contact.c.accepted_at, contact.c.proposed_at)
    return func.coalesce(*(type_coerce(each, BigInteger) for each in moments))


def as_fresh_as(state: str, interval: ColumnElement[Any], now: datetime) -> list[ColumnElement[bool]]:
    """Whether `keepwarm.freshness` would call them so at ``now``: fresh, due (or late), asleep, new or none."""
    late_by = literal(microseconds(now), BigInteger) - since()
    known, due = listing.c.last_at.is_not(None), late_by >= interval
    asleep = and_(known, late_by > ASLEEP * interval)
    conditions: dict[str, tuple[ColumnElement[bool], ...]] = {
        "fresh": (known, ~due),
        "due": (due, ~asleep),
        "asleep": (asleep,),
        "new": (~known, ~due),
    }
    return [interval.is_(None)] if state == "none" else [interval.is_not(None), *conditions[state]]


def is_time(interval: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether it is due, late or asleep."""
    return and_(interval.is_not(None), literal(microseconds(now), BigInteger) - since() >= interval)


def _length(span: timedelta | None) -> ColumnElement[Any]:
    return null() if span is None else literal(span // timedelta(microseconds=1), BigInteger)


def _of_plans(at_now: World) -> dict[timedelta | None, list[str]]:
    """The rhythm of those in a plan, by the rule itself."""
    meet(at_now, at_now.plan)
    found: dict[timedelta | None, list[str]] = defaultdict(list)
    for row in (at_now.people[each] for each in at_now.plan if each in at_now.people):
        found[fresh(at_now, row).rhythm].append(row.id)
    return found
