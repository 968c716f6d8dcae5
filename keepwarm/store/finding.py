"""Finding people: words, filters, order, counts and pages, all in SQL over `listing`. Called by the pages.

What is due `rhythms` tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, false, func, null, select, type_coerce

from keepwarm.contacts import asked_words, organisation_key
from keepwarm.store.database import Tx
from keepwarm.store.people import holds
from keepwarm.store.rhythms import as_fresh_as, rhythm, since
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import contact, listing, tag

TABS = ("network", "new", "private", "left_out", "never")
FRESH = ("fresh", "due", "asleep", "new", "none")  # states of `keepwarm.freshness`; due is late too
SORTS = ("name", "last", "due")
_STATE: dict[str, tuple[ColumnElement[bool], ...]] = {
    "network": (contact.c.state == "active", contact.c.private.is_(False)),
    "new": (contact.c.state == "proposed",),
    "private": (contact.c.state == "active", contact.c.private.is_(True)),
    "left_out": (contact.c.state == "ignored",),
    "never": (contact.c.state == "never",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whom to find: a tab of TABS, and what narrows it; empty means all. ``tag`` is a key of `tagging.Tag`."""

    tab: str = "network"
    words: str = ""
    circle: str = ""
    fresh: str = ""
    organisation: str = ""
    origin: str = ""
    tag: str = ""
    close: bool = False
    untalked: bool = False
    sort: str = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of ids in the order wished for, and how many there are in all."""

    ids: list[str]
    total: int


def find(tx: Tx, wish: Wish, now: datetime, *, limit: int, offset: int = 0) -> Found:
    """One page of those who fit the wish."""
    interval = rhythm(tx, now) if wish.fresh or wish.sort == "due" else null()
    query = _narrowed(tx, wish, now, interval)
    page = query.order_by(*_order(wish, interval)).limit(limit).offset(offset)
    if (
        wish.sort != "name" or wish.tab == "new"
    ):  # no index gives this order: all are looked at, so count them on the way
        rows = all_rows(tx, page.add_columns(func.count().over().label("total")))
        if rows or not offset:
            return Found(ids=[row["id"] for row in rows], total=rows[0]["total"] if rows else 0)
    total = tx.connection.execute(query.with_only_columns(func.count())).scalar_one()
    return Found(ids=[row["id"] for row in all_rows(tx, page)], total=total)


def in_other_tabs(tx: Tx, wish: Wish, now: datetime) -> dict[str, int]:
    """How many people of each other tab fit the rest of the wish, in the order of TABS; tabs without any are absent."""
    interval = rhythm(tx, now) if wish.fresh else null()
    found = {}
    for tab in TABS:
        query = _narrowed(tx, replace(wish, tab=tab), now, interval).with_only_columns(func.count())
        found[tab] = 0 if tab == wish.tab else int(tx.connection.execute(query).scalar_one())
    return {tab: number for tab, number in found.items() if number}


def tallies(tx: Tx) -> dict[str, int]:
    """How many people stand in each tab."""
    query = select(contact.c.state, contact.c.private, func.count().label("n")).where(mine(tx, contact))
    names = {"proposed": "new", "ignored": "left_out", "never": "never"}
    found = dict.fromkeys(TABS, 0)
    for row in all_rows(tx, query.group_by(contact.c.state, contact.c.private)):
        tab = names.get(row["state"], "private" if row["private"] else "network")
        found[tab] += row["n"] if row["state"] != "erased" else 0
    return found


def organisations(tx: Tx, tab: str, most: int) -> list[str]:
    """Where most people of a tab work, the largest first: one spelling each."""
    columns = (func.min(contact.c.organisation).label("name"), func.count().label("n"))
    here = (mine(tx, listing), listing.c.organisation != "", *_STATE[tab])
    query = select(*columns).select_from(_joined()).where(*here).group_by(listing.c.organisation)
    rows = all_rows(tx, query.order_by(func.count().desc(), func.min(contact.c.organisation)).limit(most))
    return [row["name"] for row in rows]


def _joined() -> Any:
    return listing.join(contact, contact.c.id == listing.c.contact_id)


def _narrowed(tx: Tx, wish: Wish, now: datetime, interval: ColumnElement[Any]) -> Select[Any]:
    query = select(contact.c.id).select_from(_joined()).where(mine(tx, listing), *_STATE[wish.tab])
    words = asked_words(wish.words)
    if wish.words.strip() and not words:
        query = query.where(false())
    for each in words:
        query = query.where(holds(each))
    return query.where(*_filters(tx, wish), *(as_fresh_as(wish.fresh, interval, now) if wish.fresh else ()))


def _filters(tx: Tx, wish: Wish) -> list[ColumnElement[bool]]:
    tagged = select(tag.c.contact_id).where(mine(tx, tag), tag.c.key == wish.tag)
    origins = cast(contact.c.origins, String)
    told = (
        (wish.circle, listing.c.circle == wish.circle),
        (wish.organisation, listing.c.organisation == organisation_key(wish.organisation)),
        (wish.origin, origins.contains(f'"{wish.origin}"', autoescape=True)),
        (wish.tag, contact.c.id.in_(tagged)),
        (wish.close, contact.c.close.is_(True)),
        (wish.untalked, listing.c.met.is_(False)),
    )
    return [condition for wanted, condition in told if wanted]


def _order(wish: Wish, interval: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
    by_name = (listing.c.sorting, contact.c.id)
    last = type_coerce(listing.c.last_at, BigInteger)
    if wish.sort == "last":
        return (case((last.is_(None), 1), else_=0), last.desc(), *by_name)
    if wish.sort == "due":
        return (case((interval.is_(None), 1), else_=0), since() + interval, *by_name)
    if wish.tab == "new":  # those one knows best
        return (listing.c.strength.desc(), case((last.is_(None), 1), else_=0), last.desc(), *by_name)
    return by_name
