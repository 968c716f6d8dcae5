"""What the map is drawn from, for a network of any size: a few light queries, full facts only of who is shown.

Called by `service.pages.pictures`. Only active people who are not private are in a picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, select, type_coerce

from keepwarm.contacts import organisation_key
from keepwarm.freshness import freshness
from keepwarm.pictures import MOST, ring_of
from keepwarm.store.database import Tx
from keepwarm.store.lightly import SINCE, joined, moment, origins_in, shown, tuples
from keepwarm.store.rhythms import is_time, rhythm
from keepwarm.store.rows import among, mine
from keepwarm.store.tables import ERASED, address, listing
from keepwarm.store.tables import contact as table

CHOICES = 40  # organisations to choose from; ours: beyond that one types the name on the page Contacts


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
    interval = rhythm(tx, now)
    fits = [*shown(tx), *_fits(wish, interval, now)]
    total = tuples(tx, select(func.count()).select_from(joined()).where(*fits))[0][0]
    return Facts(
        people=_known(tx, now, _drawn(tx, fits, interval, wish.start, most)),
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


def _fits(wish: Wish, interval: ColumnElement[Any], now: datetime) -> list[ColumnElement[bool]]:
    """What the wish asks of people."""
    close, circle = table.c.close.is_(True), listing.c.circle == wish.ring
    origins = cast(table.c.origins, Text)
    told = (
        (wish.ring, close if wish.ring == "close" else ~close & circle),
        (wish.organisation, listing.c.organisation == organisation_key(wish.organisation)),
        (wish.origin, origins.contains(f'"{wish.origin}"', autoescape=True)),
        (wish.due, is_time(interval, now)),
    )
    return [condition for wanted, condition in told if wanted]


def _drawn(
    tx: Tx, fits: Sequence[ColumnElement[bool]], interval: ColumnElement[Any], start: int, most: int
) -> Sequence[tuple[Any, ...]]:
    """Those to show: close people first, then those with whom there was most and latest. As `_one` takes them apart."""
    last = func.coalesce(type_coerce(listing.c.last_at, BigInteger), 0)
    query = (
        select(
            table.c.id, table.c.name, table.c.organisation, cast(table.c.origins, Text), table.c.close,
            listing.c.circle, listing.c.strength, last, SINCE, interval, table.c.introducer_address_id,
        )
        .select_from(joined())
        .where(*fits)
        .order_by(table.c.close.desc(), listing.c.strength.desc(), last.desc(), table.c.id)
    )  # fmt: skip
    return tuples(tx, query.limit(most).offset(start))


def _known(tx: Tx, now: datetime, drawn: Sequence[tuple[Any, ...]]) -> list[Known]:
    bringers = _bringers(tx, {row[-1] for row in drawn if row[-1]})
    return [_one(row, bringers.get(row[-1], ""), now) for row in drawn]


def _one(row: tuple[Any, ...], brought_by: str, now: datetime) -> Known:
    key, name, organisation, origins, close, circle, strength, last, since, interval, _ = row
    value = freshness(
        last_at=moment(last) if last else None, since=moment(since), now=now,
        interval=None if interval is None else timedelta(microseconds=interval),
    )  # fmt: skip
    return Known(
        id=key, name=name, organisation=organisation, origins=origins_in(origins), ring=ring_of(circle, close=close),
        state=value.state, last_at=value.last_at, strength=strength, since=since,
        brought_by="" if brought_by == key else brought_by,
    )  # fmt: skip


def _bringers(tx: Tx, keys: Iterable[int]) -> dict[int, str]:
    """Who has each of these addresses."""
    here = (mine(tx, address), address.c.match != ERASED, address.c.contact_id.is_not(None))
    return dict(tuples(tx, select(address.c.id, address.c.contact_id).where(*here, among(tx, address.c.id, keys))))


def _counted_origins(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for text, count in counts.items():
        found.update(dict.fromkeys(origins_in(text), count))
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))
