"""What changed in a calendar or an address book since a cursor, page by page. Called by `calendars` and `books`.

Two ways: sync-collection (RFC 6578), where the server keeps track; elsewhere every etag is compared with those that the
cursor remembers, if the collection's ctag moved at all. Both can stop after any page and go on from its cursor. An
entry that cannot be read keeps what is stored of it, and is read again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from integrations.open.bodies import Sort, bodies, place_of
from integrations.open.dav import ABSENT, NO_DAV, NOT_ALLOWED, NOT_THERE, Dav, alike, as_collection
from integrations.open.davcursor import ETAGS, SYNC, Point, mark_of, opened, packed, unpacked
from integrations.open.davxml import (
    TOO_MANY,
    Multistatus,
    Resource,
    Unusable,
    asking,
    conditions,
    question,
    saying,
)
from integrations.wire.http import TOO_LONG
from keepwarm.errors import CursorExpired, Rejected
from keepwarm.types import Broken, CalendarEvent, ContactCard, Page, Skipped

BLOCK = 250  # bodies asked for at once, of the 100 to 500 of PERFORMANCE.md F
MAX_ROUNDS = 100  # answers of one listing that the server cuts (507); ours
_FACTS = ("D:supported-report-set", "D:sync-token", "S:getctag")
_LISTED = ("D:resourcetype", "D:getetag", "D:getlastmodified", "S:getctag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Entries by href with their version. ``complete``: nothing was left out, so what is not here is not there."""

    present: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    mark: str = ""  # the token or ctag
    complete: bool = True


def compare(dav: Dav, collection: str, cursor: str, sort: Sort, now: datetime) -> Iterator[Page]:
    """Pages since ``cursor``, in order of href. The last one's ``whole`` names what was removed, or ``everything`` is.

    Raises CursorExpired for a dead token, else as `Dav.call`.
    """
    collection = as_collection(collection)
    point = opened(cursor)
    today = now.date()
    if point.base is None and _old(point, today, sort):
        point = Point(way=point.way)
    if not point.full:
        point = replace(point, full=today.isoformat())
    if not point.way:
        point = replace(point, way=SYNC if _offers_sync(dav, collection) else ETAGS)
    if point.way == SYNC:
        base = point.token if point.base is None else point.base
        listing = _since(dav, collection, base)
        if listing is not None:
            yield from _by_token(dav, collection, replace(point, base=base), listing, sort, now)
            return
        point = Point(way=ETAGS, full=point.full)
    yield from _by_etags(dav, collection, point, sort, now)


def entries(dav: Dav, collection: str) -> list[str]:
    """The hrefs of all that is in a collection, sorted."""
    return sorted(_listed(dav, as_collection(collection)).present)


def _old(point: Point, today: date, sort: Sort) -> bool:
    return sort.anew is not None and bool(point.full) and today - date.fromisoformat(point.full) > sort.anew


def _offers_sync(dav: Dav, collection: str) -> bool:
    told = _itself(dav, collection, _FACTS)
    return bool(told.text("D:sync-token") or told.inner("D:supported-report-set", "D:sync-collection"))


def _itself(dav: Dav, collection: str, names: Sequence[str]) -> Resource:
    """Properties of the collection. Raises Rejected where it is not there."""
    told = dav.propfind(collection, names, depth=0).resources
    if not told or told[0].status in ABSENT:
        raise Rejected(NOT_THERE)
    return told[0]


# By token


def _by_token(
    dav: Dav, collection: str, point: Point, listing: Listing, sort: Sort, now: datetime
) -> Iterator[Page]:  # fmt: skip
    """The changes of a listing that lie behind ``point.after``, then what was removed."""
    token = point.token if point.after else listing.mark
    again = set(point.due(now)).difference(listing.removed)
    todo = sorted(href for href in again.union(listing.present) if href > point.after)
    full = not point.base
    everything = frozenset(listing.present) if full and listing.complete else None
    end = Page(last=True, everything=everything, whole=() if full else listing.removed)

    def halfway(point: Point, block: Sequence[str]) -> Point:
        return replace(point, token=token, after=block[-1])

    def done(point: Point) -> Point:
        return replace(point.read(listing.removed, ()), token=token, base=None, after="").rested(now)

    yield from _pages(dav, collection, todo, Run(sort=sort, point=point, end=end, halfway=halfway, done=done))


def _since(dav: Dav, collection: str, token: str) -> Listing | None:
    """All that changed since a token, all there is for an empty one; None if the server cannot tell after all.

    A listing that is cut goes on with the token that it returned. Raises CursorExpired for a dead token.
    """
    gone, complete, latest, cut = (
        dict[str, bool](),
        True,
        token,
        False,
    )  # by href, in the order told: the latest word counts
    for _ in range(MAX_ROUNDS):
        told = _turn(dav, collection, token)
        if told is None:
            return None
        latest = told.token
        gone |= {each.href: each.status in ABSENT for each in told.resources if _is_entry(each.href, collection)}
        complete = complete and not told.foreign
        cut = any(each.status == 507 and alike(each.href, collection) for each in told.resources)
        if not cut or latest == token:
            break
        token = latest
    return Listing(
        present={href: "" for href, away in gone.items() if not away},
        removed=tuple(sorted(href for href, away in gone.items() if away)),
        mark=latest,
        complete=complete and not cut,
    )


def _turn(dav: Dav, collection: str, token: str) -> Multistatus | None:
    """One answer; None where the server does not do this report. No limit is asked for: Xandikos loses the rest."""
    body = question(
        "D:sync-collection", saying("D:sync-token", token), saying("D:sync-level", "1"), asking(("D:getetag",))
    )
    with _listing():
        answer = dav.report(collection, body, depth=0)
    if answer.status == 207:
        told = dav.told(answer)
        if told.token:
            return told
    elif answer.status == 403 and token and "D:valid-sync-token" not in conditions(answer.body):
        raise Rejected(NOT_ALLOWED)
    if token:
        raise CursorExpired
    return None


# By etags


def _by_etags(dav: Dav, collection: str, point: Point, sort: Sort, now: datetime) -> Iterator[Page]:
    """Entries whose hash the cursor does not know; the last page names everything there is."""
    again = point.due(now) if point.base is None else []
    if point.ctag and point.base is None and not again and _ctag(dav, collection) == point.ctag:
        yield Page(cursor=point.text(), last=True)
        return
    listing = _listed(dav, collection)
    marks = {href: mark_of(href, version) for href, version in listing.present.items()}
    known = unpacked(point.known).difference(marks[href] for href in again if href in marks)
    todo = sorted(href for href, found in marks.items() if found not in known)
    read = set(marks.values()) & known
    end = Page(last=True, everything=frozenset(marks) if listing.complete else None)

    def halfway(point: Point, block: Sequence[str]) -> Point:
        read.update(marks[href] for href in block)
        return replace(point, base="", ctag="", known=packed(read))

    def done(point: Point) -> Point:
        away = [href for href in point.aside.splitlines() if href not in marks]
        kept = point.read(away, ())
        return replace(kept, base=None, ctag=listing.mark, known=packed(marks.values())).rested(now)

    yield from _pages(dav, collection, todo, Run(sort=sort, point=point, end=end, halfway=halfway, done=done))


def _ctag(dav: Dav, collection: str) -> str:
    return _itself(dav, collection, ("S:getctag",)).text("S:getctag")


def _listed(dav: Dav, collection: str) -> Listing:
    with _listing():
        told = dav.propfind(collection, _LISTED, depth=1)
    present, ctag = dict[str, str](), ""
    for each in told.resources:
        if alike(each.href, collection):
            ctag = each.text("S:getctag")
        elif "D:collection" not in each.names("D:resourcetype") and _is_entry(each.href, collection):
            present[each.href] = each.text("D:getetag") or each.text("D:getlastmodified")
    if not told.resources:
        raise Rejected(NO_DAV)
    return Listing(present=present, mark=ctag, complete=not told.foreign)


# Both


@contextmanager
def _listing() -> Iterator[None]:
    """Around a listing: one that is too long for an answer is named so."""
    try:
        yield
    except Unusable as error:
        if error.reason == TOO_LONG:
            raise Rejected(TOO_MANY) from error
        raise


def _is_entry(href: str, collection: str) -> bool:
    """Whether an href can be an entry of the collection: neither it nor another collection inside."""
    return not href.endswith("/") and not alike(href, collection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where a run of pages begins, and its end. ``halfway``: the point behind a block; ``done``: the one at the end."""

    sort: Sort
    point: Point
    end: Page
    halfway: Callable[[Point, Sequence[str]], Point]
    done: Callable[[Point], Point]


def _pages(dav: Dav, collection: str, todo: Sequence[str], run: Run) -> Iterator[Page]:
    """Pages of what is to be read, the last one joined with the run's end."""
    point, end = run.point, run.end
    for at in range(0, len(todo), BLOCK):
        block = todo[at : at + BLOCK]
        page, unread = _page(dav, collection, block, run.sort)
        point = point.read(block, unread)
        if at + BLOCK < len(todo):
            point = run.halfway(point, block)
            yield replace(page, cursor=point.text())
        else:
            end = replace(end, items=page.items, skipped=page.skipped, broken=page.broken, whole=page.whole + end.whole)
    yield replace(end, cursor=run.done(point).text())


def _page(dav: Dav, collection: str, hrefs: Sequence[str], sort: Sort) -> tuple[Page, list[str]]:
    """What these entries hold now, and those of which something cannot be read: they keep what is stored of them."""
    items, skipped, broken = list[CalendarEvent | ContactCard](), list[Skipped](), list[Broken]()
    unread = list[str]()
    for href, body in bodies(dav, collection, hrefs, sort):
        found: Any = [body] if isinstance(body, Broken) else sort.read(body) if body is not None else ()
        for each in found:
            if isinstance(each, Skipped):
                skipped.append(replace(each, position=_inside(href, each.position)))
            elif isinstance(each, Broken):
                broken.append(replace(each, position=_inside(href, each.position)))
                unread.append(href)
            else:
                items.append(replace(each, resource_ref=href))
    unread = list(dict.fromkeys(unread))
    whole = tuple(href for href in hrefs if href not in unread)
    return Page(items=tuple(items), skipped=tuple(skipped), broken=tuple(broken), whole=whole), unread


def _inside(href: str, position: str) -> str:
    """A position that is unique in the collection."""
    place = place_of(href)
    return place if position == place else f"{place} {position}"
