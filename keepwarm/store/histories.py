"""What pictures over time are drawn from: when we were in touch with whom, talks held and new names by month.

Called by `service.pages.pictures`. The same people as on the map; moments are microseconds until they are counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, and_, func, select, type_coerce

from keepwarm.pictures import History, Row, Span, heat, ring_of
from keepwarm.store.database import Tx
from keepwarm.store.lightly import SINCE, joined, shown, tuples, whose_addresses
from keepwarm.store.rhythms import rhythm
from keepwarm.store.rows import mine
from keepwarm.store.tables import address, contact, event, listing, microseconds, note, participant, touch

_AT = type_coerce(touch.c.at, BigInteger)
_FIRST = type_coerce(listing.c.first_at, BigInteger)


def warmth(tx: Tx, now: datetime, moments: Sequence[datetime]) -> list[Row]:
    """How many of each circle were fresh at each of these moments, which are in order and up to ``now``."""
    return heat(_histories(tx, now, moments), [microseconds(each) for each in moments])


def _histories(tx: Tx, now: datetime, moments: Sequence[datetime]) -> list[History]:
    """When the owner was in touch with everybody who has a rhythm, as far as ``moments`` can tell it."""
    interval = rhythm(tx, now)
    query = select(contact.c.id, listing.c.circle, contact.c.close, interval, _FIRST).select_from(joined())
    people = tuples(tx, query.where(*shown(tx), interval.is_not(None)))
    met: dict[str | None, list[int]] = {key: [] if first is None else [first] for key, _, _, _, first in people}
    whose, last = whose_addresses(tx), moments[-1]
    for address_id, at in tuples(tx, _touches(tx, moments[0], last, max((row[3] for row in people), default=0))):
        if (theirs := met.get(whose.get(address_id))) is not None:
            theirs.append(at)
    noted = select(note.c.contact_id, type_coerce(note.c.at, BigInteger)).where(mine(tx, note), note.c.at <= last)
    for who, at in tuples(tx, noted):
        if who in met:
            met[who].append(at)
    return [
        History(ring=ring_of(circle, close=close), rhythm=span, moments=met[key])
        for key, circle, close, span, _ in people
        if met[key]
    ]


def _touches(tx: Tx, first: datetime, last: datetime, longest: int) -> Select[Any]:
    """Those that keep anybody fresh at a moment between the two: address and moment."""
    since = microseconds(first) - longest
    return select(touch.c.address_id, _AT).where(mine(tx, touch), since <= _AT, touch.c.at <= last)


def talks_by_span(tx: Tx, spans: Sequence[Span]) -> list[int]:
    """How many talks began in each span: meetings that both sides came to, and talks noted that were in no calendar.

    A recurring meeting of more than two is a team's and no talk (`keepwarm.talks`).
    """
    within = (event.c.start_at >= spans[0].start, event.c.start_at < spans[-1].end)
    people = touch.join(address, address.c.id == touch.c.address_id).join(contact, contact.c.id == address.c.contact_id)
    in_picture = (contact.c.state == "active", contact.c.private.is_(False))
    everybody_there = func.count(touch.c.address_id.distinct())
    seen = and_(participant.c.owner_id == event.c.owner_id, participant.c.item_id == event.c.id)
    came = and_(touch.c.owner_id == event.c.owner_id, touch.c.address_id == participant.c.address_id)
    query = (
        select(event.c.id, func.min(_AT), everybody_there, event.c.recurring)
        .select_from(event.join(participant, seen).join(people, and_(came, touch.c.item_id == event.c.id)))
        .where(mine(tx, event), mine(tx, address), touch.c.kind == "m", *within, *in_picture)
        .group_by(event.c.id, event.c.recurring)
    )
    met = {item: at for item, at, there, recurring in tuples(tx, query) if there == 1 or not recurring}
    return _by_span([*met.values(), *_noted(tx, spans, met)], spans)


def _noted(tx: Tx, spans: Sequence[Span], met: Iterable[int]) -> list[int]:
    """Moments of noted talks that are not among the meetings; a talk with several people was noted at one moment."""
    at = type_coerce(note.c.at, BigInteger)
    here = (mine(tx, note), note.c.no_talk.is_(False), note.c.at >= spans[0].start, note.c.at < spans[-1].end)
    rows = tuples(tx, select(at, note.c.event_id).where(*here).distinct())
    known = set(met)
    return sorted({moment for moment, event_id in rows if event_id is None or event_id not in known})


def new_names_by_span(tx: Tx, spans: Sequence[Span]) -> list[int]:
    """How many people came in: by the first touch, or when they were taken in where that was earlier."""
    rows = tuples(tx, select(SINCE, _FIRST).select_from(joined()).where(*shown(tx)))
    return _by_span((since if first is None else min(since, first) for since, first in rows), spans)


def _by_span(moments: Iterable[int], spans: Sequence[Span]) -> list[int]:
    starts, end = [microseconds(each.start) for each in spans], microseconds(spans[-1].end)
    found = [0] * len(spans)
    for at in moments:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at <= end:
            found[place] += 1
    return found
