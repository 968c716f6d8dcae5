"""The contents of events and cards, many with one request; a broken one costs itself alone. Called by `comparing`.

calendar-multiget (RFC 4791 section 7.9) and addressbook-multiget (RFC 6352 section 8.7). An answer that is too long or
no XML is asked for again in halves, down to a single resource, which then is fetched by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from urllib.parse import unquote

from integrations.open.dav import ABSENT, NOT_THERE, Dav
from integrations.open.davxml import Unusable, asking, question, saying
from keepwarm.errors import Rejected
from keepwarm.texts import mark
from keepwarm.types import Broken, CalendarEvent, ContactCard, Skipped

TOO_LARGE = mark("This entry is larger than we read.")
WITHHELD = mark("The server lists this entry, but does not hand it out.")

Found = CalendarEvent | ContactCard | Skipped | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """How one sort of collection is read. ``anew``: how old its last full comparison may grow, None for any age."""

    multiget: str
    data: str
    read: Callable[[bytes], Iterable[Found]]
    anew: timedelta | None = None


def bodies(dav: Dav, collection: str, hrefs: Sequence[str], sort: Sort) -> Iterator[tuple[str, bytes | Broken | None]]:
    """For each href, in order, what it holds: None if it is gone by now, Broken if it cannot be had."""
    try:
        told = _together(dav, collection, hrefs, sort)
    except Unusable:
        if len(hrefs) > 1:
            middle = len(hrefs) // 2
            yield from bodies(dav, collection, hrefs[:middle], sort)
            yield from bodies(dav, collection, hrefs[middle:], sort)
            return
        told = {}
    for href in hrefs:
        yield href, told[unquote(href)] if unquote(href) in told else _alone(dav, href)


def place_of(href: str) -> str:
    """How a broken entry is named: nothing of its href can be read from it."""
    return sha256(href.encode()).hexdigest()[:16]


def _together(dav: Dav, collection: str, hrefs: Sequence[str], sort: Sort) -> dict[str, bytes | None]:
    """What one multiget tells, by unquoted href. Nothing where the server knows no multiget. Raises Unusable."""
    asked = question(sort.multiget, asking(("D:getetag", sort.data)), *(saying("D:href", href) for href in hrefs))
    answer = dav.report(collection, asked)
    if answer.status in ABSENT:
        raise Rejected(NOT_THERE)
    if answer.status != 207:
        return {}
    found = dict[str, bytes | None]()
    for each in dav.told(answer).resources:
        if each.status in ABSENT:
            found[unquote(each.href)] = None
        elif sort.data in each.props:
            found[unquote(each.href)] = "".join(each.props[sort.data].itertext()).encode()
    return found


def _alone(dav: Dav, href: str) -> bytes | Broken | None:
    """The resource by itself."""
    try:
        answer = dav.call("GET", href)
    except Unusable:
        return Broken(position=place_of(href), digest=sha256(href.encode()).hexdigest(), reason=TOO_LARGE)
    if answer.status in ABSENT:
        return None
    if answer.status != 200:
        return Broken(position=place_of(href), digest=sha256(answer.body).hexdigest(), reason=WITHHELD)
    return answer.body
