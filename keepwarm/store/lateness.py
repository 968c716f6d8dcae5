"""Who was not heard of for longest, beside what was wanted: read from the top, not by going through everybody.

Called through `views` by the pages, and by `nextup`. The rule is `keepwarm.freshness`; the query only orders people by
the most lateness that the rule can come to, and as many are read as it takes to be sure who is next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Float, FromClause, Select, case, cast, func, literal, select
from sqlalchemy import type_coerce as as_type

from keepwarm.freshness import CLOSE, DUE, LUKEWARM, LUKEWARM_WITH_PLAN, WARM, Freshness
from keepwarm.store.counted import holds, uncounted
from keepwarm.store.database import Tx
from keepwarm.store.evident import listed, may_be
from keepwarm.store.people import ContactRow
from keepwarm.store.plans import known_ids
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import contact, listing, microseconds, note
from keepwarm.store.world import World, fresh, meet

PORTION = 100  # people read at a time
SLACK = 1e-6  # what SQL and Python may differ by in a division

Late = tuple[ContactRow, Freshness]
Key = tuple[Any, ...]  # what people are ordered by
T = TypeVar("T")
Judge = Callable[[Collection[str]], Iterable[tuple[Key, T]]]


def latest(tx: Tx, at_now: World) -> Iterator[Late]:
    """Active people who are due or late, those latest for their rhythm first, of equal ones by name.

    Also those who are left in peace for a while, or private. Read as they are asked for.
    """

    def judge(ids: Collection[str]) -> Iterator[tuple[Key, Late]]:
        meet(at_now, ids)
        for row in (at_now.people[each] for each in ids if each in at_now.people):
            value = fresh(at_now, row)
            if value.lateness >= DUE:
                yield (-value.lateness, row.name.casefold(), row.id), (row, value)

    return from_the_top(((ids, (-below,)) for ids, below in by_lateness(tx, at_now)), judge)


def from_the_top(portions: Iterable[tuple[Collection[str], Key]], judge: Judge[T]) -> Iterator[T]:
    """What ``judge`` makes of these ids, in order of its keys. A portion comes with a key before which no later one
    has anything."""
    heap: list[tuple[Key, int, T]] = []
    tie = count()
    for ids, bound in portions:
        for key, value in judge(ids):
            heappush(heap, (key, next(tie), value))
        while heap and heap[0][0] < bound:
            yield heappop(heap)[-1]
    while heap:
        yield heappop(heap)[-1]


def by_lateness(tx: Tx, at_now: World) -> Iterator[tuple[list[str], float]]:
    """Ids of people who may be due, by the most lateness they can have; and how late all who follow are at most."""
    since, source = _since(tx, at_now)
    elapsed = literal(microseconds(at_now.now), BigInteger) - since
    most: ColumnElement[Any] = cast(elapsed, Float) / cast(_shortest(at_now), Float)
    query = _listed(tx, at_now, source, most.label("order")).where(most >= DUE - SLACK).order_by(most.desc())
    for ids, last in _portions(tx, at_now, query):
        yield ids, inf if last is None else last + SLACK


def by_date(tx: Tx, at_now: World, until: datetime) -> Iterator[tuple[list[str], int]]:
    """Ids of people who may be due by ``until``, by the first moment at which they can be, in microseconds; and before
    which no one is who follows."""
    since, source = _since(tx, at_now)
    first = since + _shortest(at_now)
    query = _listed(tx, at_now, source, first.label("order")).where(first <= microseconds(until)).order_by(first)
    for ids, last in _portions(tx, at_now, query):
        yield ids, 0 if last is None else last


def _portions(tx: Tx, at_now: World, query: Select[Any]) -> Iterator[tuple[list[str], Any]]:
    """Those of whom the query cannot tell, with None; then the others by its order, with where their portion ends."""
    apart = set(uncounted(tx, at_now.now)) | known_ids(tx)
    yield sorted(apart), None
    query = query.order_by(contact.c.id)
    for rows in (all_rows(tx, each) for each in (query.limit(PORTION), query.offset(PORTION))):  # sorted twice at most
        for start in range(0, len(rows), PORTION):
            part = rows[start : start + PORTION]
            yield [row["id"] for row in part if row["id"] not in apart], part[-1]["order"]
        if len(rows) < PORTION:
            return


def _listed(tx: Tx, at_now: World, source: FromClause, order: ColumnElement[Any]) -> Select[Any]:
    query = select(contact.c.id, order).select_from(source)
    return query.where(mine(tx, contact), contact.c.state == "active", contact.c.private.is_(False), holds(at_now.now))


def _since(tx: Tx, at_now: World) -> tuple[ColumnElement[int], FromClause]:
    """From when their rhythm counts, in microseconds, and what that is read from."""
    here = (mine(tx, note), note.c.at <= at_now.now)
    latest_notes = select(note.c.contact_id, func.max(note.c.at).label("at")).where(*here).group_by(note.c.contact_id)
    noted = latest_notes.subquery()
    last, said = listing.c.touched_at, noted.c.at
    touched = case((last.is_(None), said), (said.is_(None), last), (last > said, last), else_=said)
    since = func.coalesce(touched, contact.c.accepted_at, contact.c.proposed_at)
    return as_type(since, BigInteger), listed().outerjoin(noted, noted.c.contact_id == contact.c.id)


def _shortest(at_now: World) -> ColumnElement[int]:
    """The shortest rhythm that they can have, in microseconds."""
    days = contact.c.rhythm_days
    lukewarm = LUKEWARM_WITH_PLAN if at_now.goal else LUKEWARM
    return case(
        (days > 0, cast(days, BigInteger) * _micros(timedelta(days=1))),
        (days.is_not(None), None),
        (contact.c.close, _micros(CLOSE)),
        (may_be("warm"), _micros(WARM)),
        (may_be("lukewarm"), _micros(lukewarm)),
        else_=None,
    )


def _micros(span: timedelta) -> ColumnElement[int]:
    return literal(span // timedelta(microseconds=1), BigInteger)
