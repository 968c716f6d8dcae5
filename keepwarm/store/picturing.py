"""What the map is drawn from, for a network of any size: a few light queries, full facts only of who is shown.

Called by `service.pages.pictures`. Only active people who are not private are in a picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, select

from keepwarm.contacts import organisation_key
from keepwarm.freshness import DUE, freshness
from keepwarm.pictures import MOST, ring_of
from keepwarm.store.database import Tx
from keepwarm.store.lightly import (
    NOTHING,
    Light,
    Network,
    Numbers,
    bringers_of,
    circles_of,
    columns,
    everybody,
    moment,
    noted,
    numbers_by_contact,
    origins_in,
    rhythms,
    seen,
    shown,
    tuples,
)
from keepwarm.store.rows import chunks, mine
from keepwarm.store.tables import contact as table
from keepwarm.store.tables import microseconds

CHOICES = 40  # organisations to choose from; ours: beyond that one types the name on the page Contacts
DUE_STATES = frozenset({"due", "late", "asleep"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whom to show: all fields together; empty ones choose nothing. ``start``: how many to pass over."""

    ring: str = ""
    organisation: str = ""
    origin: str = ""
    due: bool = False
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One person of the map. ``state``: of `keepwarm.freshness`. ``strength``: mails answered and meetings.

    ``since``: when they came in, in microseconds. ``brought_by``: the contact who brought them in, empty for nobody.
    """

    id: str
    name: str
    organisation: str
    origins: frozenset[str]
    ring: str
    state: str
    last_at: datetime | None
    strength: int
    since: int
    brought_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``people``: those shown, with whom there is most first. ``total``: how many fit the wish.

    ``everybody``: how many are in the network. ``organisations`` and ``origins``: what to choose from, with the number
    of people of each, the largest first.
    """

    people: Sequence[Known]
    total: int
    everybody: int
    organisations: Sequence[tuple[str, int]] = ()
    origins: Sequence[tuple[str, int]] = ()


def facts(tx: Tx, now: datetime, wish: Wish, most: int = MOST) -> Facts:
    """Whom the map shows at ``now``, and what there is to choose from."""
    places, origins = _counts(tx, table.c.organisation), _counts(tx, cast(table.c.origins, Text))
    known, total = (
        _by_rule(tx, now, wish, most) if wish.ring or wish.due else _by_rows(tx, now, wish, most, places, origins)
    )
    return Facts(
        people=_known(tx, now, known),
        total=total,
        everybody=sum(origins.values()),
        organisations=sorted(
            ((name, count) for name, count in places.items() if name), key=lambda each: (-each[1], each[0].casefold())
        )[:CHOICES],
        origins=_counted_origins(origins),
    )


def _counts(tx: Tx, column: ColumnElement[str]) -> dict[str, int]:
    """How many people there are by what this column says."""
    return dict(tuples(tx, select(column, func.count()).where(*shown(tx)).group_by(column)))


def _by_rule(tx: Tx, now: datetime, wish: Wish, most: int) -> tuple[Network, int]:
    """Those to show and how many fit, where circle or rhythm decides: both are reckoned, for everybody."""
    known = everybody(tx, now)
    wanted = _wanted(tx, now, wish, known)
    best = nsmallest(wish.start + most, wanted, key=lambda each: _rank(each, known.numbers.get(each[0], NOTHING)))
    return replace(known, people=best[wish.start :]), len(wanted)


def _by_rows(
    tx: Tx, now: datetime, wish: Wish, most: int, places: Iterable[str], origins: Iterable[str]
) -> tuple[Network, int]:
    """The same where rows decide: the database counts, orders and hands over no more than are shown."""
    fits = [*shown(tx)]
    if wish.organisation:
        key = organisation_key(wish.organisation)
        fits.append(table.c.organisation.in_([each for each in places if organisation_key(each) == key]))
    if wish.origin:
        fits.append(cast(table.c.origins, Text).in_([each for each in origins if wish.origin in origins_in(each)]))
    numbers = numbers_by_contact(tx, now)
    sent, received, meetings, last = (func.coalesce(numbers.c[name], 0) for name in ("s", "r", "m", "last"))
    strength = case((sent < received, sent), else_=received) + meetings
    query = (
        select(*columns(), sent, received, meetings, last)
        .select_from(table.outerjoin(numbers, numbers.c.contact_id == table.c.id))
        .where(*fits)
        .order_by(table.c.close.desc(), strength.desc(), last.desc(), table.c.id)
    )
    rows = tuples(tx, query.limit(most).offset(wish.start))
    people = [row[:-4] for row in rows]
    found: dict[str, Numbers] = {row[0]: (row[-4], row[-3], row[-2], row[-1] or None) for row in rows}
    total = tuples(tx, select(func.count()).select_from(table).where(*fits))[0][0]
    return Network(people=people, numbers=found, circles=circles_of(tx, now, people, found)), total


# --- whom to show ---------------------------------------------------------------------------------------------------


def _wanted(tx: Tx, now: datetime, wish: Wish, known: Network) -> list[Light]:
    """Those who fit the wish, in no order."""
    tests = [*_tests(wish, known), *([_is_due(tx, now, known)] if wish.due else [])]
    return [each for each in known.people if all(test(each) for test in tests)]


def _tests(wish: Wish, known: Network) -> list[Callable[[Light], bool]]:
    tests: list[Callable[[Light], bool]] = []
    if wish.ring:
        tests.append(lambda each: ring_of(known.circles[each[0]], close=each[2]) == wish.ring)
    if wish.organisation:
        key = cache(organisation_key)
        tests.append(lambda each: key(each[3]) == key(wish.organisation))
    if wish.origin:
        tests.append(lambda each: wish.origin in origins_in(each[4]))
    return tests


def _is_due(tx: Tx, now: datetime, known: Network) -> Callable[[Light], bool]:
    """Whether the rhythm says that it is time: in plain numbers, for there may be twenty thousand."""
    rhythm_of, last, at = rhythms(tx, now, known), noted(tx, now), microseconds(now)

    def test(each: Light) -> bool:
        interval = rhythm_of(each)
        return interval is not None and at - (seen(each, known, last) or each[6]) >= interval * DUE

    return test


def _rank(each: Light, numbers: Numbers) -> tuple[Any, ...]:
    """Close people first, then those with whom there was most and latest."""
    return not each[2], -_strength(numbers), -(numbers[3] or 0), each[0]


def _strength(numbers: Numbers) -> int:
    return min(numbers[0], numbers[1]) + numbers[2]


def _known(tx: Tx, now: datetime, known: Network) -> list[Known]:
    drawn = known.people
    rhythm_of, last, names = rhythms(tx, now, known), noted(tx, now), _names(tx, [each[0] for each in drawn])
    bringers = {key: who for key, (who, _, _) in bringers_of(tx, {each[7] for each in drawn if each[7]}).items()}
    found = []
    for each in drawn:
        last_seen, wanted, brought_by = seen(each, known, last), rhythm_of(each), bringers.get(each[7], "")
        value = freshness(
            last_at=moment(last_seen) if last_seen else None, since=moment(each[6]), now=now,
            interval=None if wanted is None else timedelta(microseconds=wanted),
        )  # fmt: skip
        found.append(
            Known(
                id=each[0], name=names[each[0]], organisation=each[3], origins=origins_in(each[4]),
                ring=ring_of(known.circles[each[0]], close=each[2]), state=value.state, last_at=value.last_at,
                strength=_strength(known.numbers.get(each[0], NOTHING)), since=each[6],
                brought_by="" if brought_by == each[0] else brought_by,
            )
        )  # fmt: skip
    return found


def _names(tx: Tx, ids: Sequence[str]) -> dict[str, str]:
    query = select(table.c.id, table.c.name).where(mine(tx, table))
    return dict(pair for part in chunks(ids) for pair in tuples(tx, query.where(table.c.id.in_(part))))


def _counted_origins(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for text, count in counts.items():
        found.update(dict.fromkeys(origins_in(text), count))
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))
