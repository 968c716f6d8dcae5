"""Who was not heard of for longest, beside what was wanted: read from the top, not by going through everybody.

Called through `views` by the pages. The rule is `keepwarm.freshness`; the query only orders people by the most lateness
that the rule can come to, and as many are read as it takes to be sure who is next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, case, cast, func, literal, select, type_coerce

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


def latest(tx: Tx, at_now: World) -> Iterator[Late]:
    """Active people who are due or late, those latest for their rhythm first, of equal ones by name.

    Also those who are left in peace for a while, or private. Read as they are asked for.
    """
    heap: list[tuple[float, str, str, int, Late]] = []
    tie = count()

    def consider(ids: list[str]) -> None:
        meet(at_now, ids)
        for row in (at_now.people[each] for each in ids if each in at_now.people):
            value = fresh(at_now, row)
            if value.lateness >= DUE:
                heappush(heap, (-value.lateness, row.name.casefold(), row.id, next(tie), (row, value)))

    apart = sorted(set(uncounted(tx, at_now.now)) | known_ids(tx))
    consider(apart)
    for ids, below in _portions(tx, at_now, frozenset(apart)):
        consider(ids)
        while heap and -heap[0][0] > below:
            yield heappop(heap)[-1]
    while heap:
        yield heappop(heap)[-1]


def _portions(tx: Tx, at_now: World, apart: frozenset[str]) -> Iterator[tuple[list[str], float]]:
    """Ids in order of the most lateness they can have, without those ``apart``; and how late all others are at most."""
    here = (mine(tx, note), note.c.at <= at_now.now)
    noted = (
        select(note.c.contact_id, func.max(note.c.at).label("at")).where(*here).group_by(note.c.contact_id).subquery()
    )
    most = _most_lateness(at_now, noted.c.at).label("most")
    query = (
        select(contact.c.id, most)
        .select_from(listed().outerjoin(noted, noted.c.contact_id == contact.c.id))
        .where(mine(tx, contact), contact.c.state == "active", contact.c.private.is_(False), holds(at_now.now))
        .where(most >= DUE - SLACK)
        .order_by(most.desc(), contact.c.id)
    )
    start = 0
    while True:
        rows = all_rows(tx, query.limit(PORTION).offset(start))
        below = rows[-1]["most"] + SLACK if len(rows) == PORTION else 0.0
        yield [row["id"] for row in rows if row["id"] not in apart], below
        if len(rows) < PORTION:
            return
        start += PORTION


def _most_lateness(at_now: World, last_note: ColumnElement[int]) -> ColumnElement[Any]:
    """The most that `keepwarm.freshness` can say, without any plan; NULL where it says that there is no rhythm."""
    last = listing.c.touched_at
    touched = case((last.is_(None), last_note), (last_note.is_(None), last), (last > last_note, last), else_=last_note)
    since = func.coalesce(touched, contact.c.accepted_at, contact.c.proposed_at)
    elapsed = literal(microseconds(at_now.now), BigInteger) - type_coerce(since, BigInteger)
    return cast(elapsed, Float) / cast(_shortest(at_now), Float)


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
