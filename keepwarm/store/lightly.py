"""Everybody who may be in a picture, as lightly as can be: tuples, numbers and circles for twenty thousand at a time.

Called by `picturing` and `histories`. Circles and rhythms follow the rules of `circles` and `freshness`, as everywhere;
a mail to two addresses of one person counts twice here, for what is at stake is the size of a dot.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Select,
    Subquery,
    Text,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from keepwarm.circles import propose
from keepwarm.freshness import rhythm
from keepwarm.store.database import Tx
from keepwarm.store.people import SMALL_MEETING
from keepwarm.store.plans import plan_entries
from keepwarm.store.rows import among, chunks, mine
from keepwarm.store.tables import EPOCH, ERASED, address, note, participant, touch
from keepwarm.store.tables import contact as table
from keepwarm.store.world import fresh, world

Light = tuple[Any, ...]  # id, circle, close, organisation, origins as text, rhythm_days, since, introducer's address
Numbers = tuple[int, int, int, int | None]  # sent, received, meetings, the last touch
NOTHING: Numbers = (0, 0, 0, None)
ENOUGH = 3  # mails each way or meetings: more change no circle (keepwarm.circles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everybody who may be in a picture, lightly."""

    people: Sequence[Light]
    numbers: Mapping[str, Numbers]
    circles: Mapping[str, str]


def everybody(tx: Tx, now: datetime) -> Network:
    people, numbers = light(tx), numbers_of(tx, now)
    return Network(people=people, numbers=numbers, circles=circles_of(tx, now, people, numbers))


def light(tx: Tx) -> Sequence[Light]:
    """Everybody who may be in a picture."""
    return tuples(tx, select(*columns()).where(*shown(tx)))


def columns() -> tuple[Any, ...]:
    since = func.coalesce(table.c.accepted_at, table.c.proposed_at)
    return (
        table.c.id, table.c.circle, table.c.close, table.c.organisation, cast(table.c.origins, Text),
        table.c.rhythm_days, type_coerce(since, BigInteger), table.c.introducer_address_id,
    )  # fmt: skip


def shown(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return mine(tx, table), table.c.state == "active", table.c.private.is_(False)


def tuples(tx: Tx, query: Executable) -> Sequence[tuple[Any, ...]]:
    """Rows by place: a name for each value would cost more than reading it."""
    return tx.connection.execute(query).all()


def numbers_of(tx: Tx, now: datetime) -> dict[str, Numbers]:
    """Touches by contact, of all."""
    return _merged(tuples(tx, _numbers_by_address(tx, now)), whose_addresses(tx))


def _numbers_for(tx: Tx, now: datetime, ids: Iterable[str]) -> dict[str, Numbers]:
    """The same of these contacts."""
    found: dict[str, Numbers] = {}
    for part in chunks(ids):
        query = select(address.c.id, address.c.contact_id).where(mine(tx, address), address.c.contact_id.in_(part))
        whose = dict(tuples(tx, query.where(address.c.match != ERASED)))
        theirs = _numbers_by_address(tx, now).where(among(tx, touch.c.address_id, whose))
        found |= _merged(tuples(tx, theirs), whose)
    return found


def _merged(rows: Iterable[tuple[Any, ...]], whose: Mapping[int, str]) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    for key, sent, received, meetings, at in rows:
        if (who := whose.get(key)) is not None:
            there = found.get(who)
            found[who] = _sum(there, (sent, received, meetings, at)) if there else (sent, received, meetings, at)
    return found


def whose_addresses(tx: Tx) -> dict[int, str]:
    """Contact by the key of an address."""
    here = (mine(tx, address), address.c.contact_id.is_not(None), address.c.match != ERASED)
    return dict(tuples(tx, select(address.c.id, address.c.contact_id).where(*here)))


def _sum(one: Numbers, two: Numbers) -> Numbers:
    return one[0] + two[0], one[1] + two[1], one[2] + two[2], max(one[3] or 0, two[3] or 0)


def noted(tx: Tx, now: datetime) -> dict[str, int]:
    """The last note about each contact that has one."""
    last = func.max(type_coerce(note.c.at, BigInteger))
    query = select(note.c.contact_id, last).where(mine(tx, note), note.c.at <= now).group_by(note.c.contact_id)
    return dict(tuples(tx, query))


def circles_of(tx: Tx, now: datetime, people: Sequence[Light], numbers: Mapping[str, Numbers]) -> dict[str, str]:
    """The circle of each: the owner's word, else proposed. Looked at closely only where a closer look can tell."""
    found: dict[str, str] = {}
    open_ones: list[Light] = []
    for each in people:
        circle = each[1] or _certain(*numbers.get(each[0], NOTHING)[:3], bool(each[7]), each[4])
        if circle:
            found[each[0]] = circle
        else:
            open_ones.append(each)
    return found | (_closely(tx, now, open_ones, numbers) if open_ones else {})


def _closely(tx: Tx, now: datetime, open_ones: Sequence[Light], numbers: Mapping[str, Numbers]) -> dict[str, str]:
    """The same for those whose small meetings, or the circle of whoever brought them in, decide."""
    bringers = bringers_of(tx, {each[7] for each in open_ones if each[7]})
    others = {key: (said, origins) for key, said, origins in bringers.values()}
    numbers = {**numbers, **_numbers_for(tx, now, sorted(others.keys() - numbers.keys()))}
    met = {each[0] for each in open_ones} | others.keys()
    small = _small_meetings(tx, now, [key for key in met if numbers.get(key, NOTHING)[2] > 1])

    def own(key: str, origins: str, brought_by: str | None = None) -> str:
        sent, received, meetings, _ = numbers.get(key, NOTHING)
        return propose(
            sent=sent, received=received, small_meetings=small.get(key, 0), meetings=meetings,
            brought_by_circle=brought_by, origins=sorted(origins_in(origins)),
        )  # fmt: skip

    theirs = {key: said or own(key, origins) for key, (said, origins) in others.items()}
    brought = {each[0]: bringers[each[7]][0] for each in open_ones if each[7] in bringers}
    return {each[0]: own(each[0], each[4], theirs.get(brought.get(each[0], ""))) for each in open_ones}


def bringers_of(tx: Tx, keys: Iterable[int]) -> dict[int, tuple[str, str | None, str]]:
    """By address: the contact who has it, their circle as the owner said it, and their origins."""
    columns = (address.c.id, table.c.id, table.c.circle, cast(table.c.origins, Text))
    joined = address.join(table, table.c.id == address.c.contact_id)
    here = (mine(tx, address), address.c.match != ERASED, among(tx, address.c.id, keys))
    return {key: (who, said, origins) for key, who, said, origins in tuples(tx, _select(columns, joined).where(*here))}


def _select(columns: Sequence[Any], source: Any) -> Select[Any]:
    return select(*columns).select_from(source)


def _small_meetings(tx: Tx, now: datetime, ids: Sequence[str]) -> dict[str, int]:
    """How many small meetings each of these contacts had: items first, then how many took part in each."""
    met: dict[int, set[str]] = {}
    joined = address.join(touch, touch.c.address_id == address.c.id)
    for part in chunks(ids):
        here = (mine(tx, address), mine(tx, touch), address.c.contact_id.in_(part), touch.c.at <= now)
        query = _select((touch.c.item_id, address.c.contact_id), joined).where(*here, touch.c.kind == "m")
        for item, who in tuples(tx, query):
            met.setdefault(item, set()).add(who)
    sizes = (
        select(participant.c.item_id, func.count(participant.c.address_id.distinct()))
        .where(mine(tx, participant), among(tx, participant.c.item_id, met), participant.c.resource.is_(False))
        .group_by(participant.c.item_id)
    )
    small = [item for item, people in tuples(tx, sizes) if people <= SMALL_MEETING] if met else []
    return Counter(who for item in small for who in met[item])


def _certain(sent: int, received: int, meetings: int, introduced: bool, origins: str) -> str:
    """The circle whatever the small meetings and the introducer say; empty where they decide."""
    return _proposed(min(sent, ENOUGH), min(received, ENOUGH), min(meetings, ENOUGH), introduced, origins)


@cache
def _proposed(sent: int, received: int, meetings: int, introduced: bool, origins: str) -> str:
    def of(small: int, brought_by: str | None) -> str:
        return propose(
            sent=sent, received=received, small_meetings=small, meetings=meetings, brought_by_circle=brought_by,
            origins=json.loads(origins),
        )  # fmt: skip

    least, most = of(0, None), of(meetings, "warm" if introduced else None)
    return least if least == most else ""


def _numbers_by_address(tx: Tx, now: datetime) -> Select[Any]:
    """Grouped as touches lie in the database."""

    def of(kind: str) -> ColumnElement[int]:
        return func.sum(case((touch.c.kind == kind, 1), else_=0)).label(kind)

    last = func.max(type_coerce(touch.c.at, BigInteger)).label("last")
    here = (mine(tx, touch), touch.c.at <= now)
    return select(touch.c.address_id, of("s"), of("r"), of("m"), last).where(*here).group_by(touch.c.address_id)


def numbers_by_contact(tx: Tx, now: datetime) -> Subquery:
    """`numbers_of` within the database: s, r, m and last by contact_id."""
    each = _numbers_by_address(tx, now).subquery()
    total = (cast(func.sum(each.c[name]), BigInteger).label(name) for name in ("s", "r", "m"))
    joined = each.join(address, address.c.id == each.c.address_id)
    query = select(address.c.contact_id, *total, func.max(each.c.last).label("last")).select_from(joined)
    here = (mine(tx, address), address.c.contact_id.is_not(None), address.c.match != ERASED)
    return query.where(*here).group_by(address.c.contact_id).subquery()


def seen(each: Light, known: Network, noted_at: Mapping[str, int]) -> int:
    """When they were last in touch; 0 for never."""
    return max(known.numbers.get(each[0], NOTHING)[3] or 0, noted_at.get(each[0], 0))


def rhythms(tx: Tx, now: datetime, known: Network) -> Callable[[Light], int | None]:
    """The rhythm of somebody in microseconds: in a plan as `world` says, else by circle and their own days."""
    planned = world(tx, now, only=list(plan_entries(tx)))
    in_plan = {key: _microseconds(fresh(planned, row).rhythm) for key, row in planned.people.items()}
    active = bool(planned.goal)

    @cache
    def usual(circle: str, close: bool, own_days: int | None) -> int | None:
        return _microseconds(rhythm(circle=circle, close=close, goal=None, plan_active=active, own_days=own_days))

    def found(each: Light) -> int | None:
        key = each[0]
        return in_plan[key] if key in in_plan else usual(known.circles[key], bool(each[2]), each[5])

    return found


def _microseconds(span: timedelta | None) -> int | None:
    return None if span is None else span // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


@cache
def origins_in(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))
