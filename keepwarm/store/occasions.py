"""Reasons to write that others give: a birthday, a new role or organisation. Called by `digesting` and the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import nsmallest
from typing import Any

from sqlalchemy import func, select

from keepwarm.birthdays import next_birthday
from keepwarm.circles import CIRCLES
from keepwarm.store.database import Tx
from keepwarm.store.network import People
from keepwarm.store.people import ContactRow
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import card, contact
from keepwarm.store.world import World, meet, reachable

A_YEAR = 365  # days
NEWS_LASTS = timedelta(days=30)  # ours: after that a new job is no news any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    contact: ContactRow
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRole:
    """What a later card says of their work beside what an earlier one said; each as "role, organisation"."""

    contact: ContactRow
    before: str
    after: str
    organisation: str
    role: str
    seen_at: datetime


def birthdays(tx: Tx, at_now: World, days: int) -> list[Birthday]:
    """Those from today on and before ``days`` from now, in order of day and name; one a person."""
    active = select(contact.c.id).where(mine(tx, contact), contact.c.state == "active")
    whose = active if isinstance(at_now.people, People) else list(at_now.people)
    here = (mine(tx, card), card.c.birthday != "", card.c.contact_id.in_(whose))
    query = select(card.c.contact_id, card.c.birthday).where(*here).order_by(card.c.id)
    if days < A_YEAR:
        last_five = func.substr(card.c.birthday, func.length(card.c.birthday) - 4)
        query = query.where(last_five.in_(_days(at_now.today, days)))
    ahead = [(row["contact_id"], next_birthday(row["birthday"], at_now.today)) for row in all_rows(tx, query)]
    soon = [(who, on) for who, on in ahead if on and on < at_now.today + timedelta(days=days)]
    meet(at_now, (who for who, _ in soon))
    found: dict[str, Birthday] = {}
    for contact_id, on in soon:
        who = at_now.people.get(contact_id)
        if who and reachable(at_now, who):
            found.setdefault(who.id, Birthday(contact=who, on=on))
    return sorted(found.values(), key=lambda each: (each.on, each.contact.name.casefold(), each.contact.id))


def closest(people: Iterable[ContactRow], most: int) -> set[str]:
    """Ids of the ``most`` of them whom the owner knows best: of many who have a day of their own, those to be named."""
    once = {row.id: row for row in people}.values()
    return {row.id for row in nsmallest(most, once, key=_closeness)}


def _closeness(row: ContactRow) -> tuple[bool, int, int, str]:
    return not row.close, CIRCLES.index(row.circle), -(row.sent + row.received + row.meetings), row.id


def _days(today: date, days: int) -> list[str]:
    """As they are written: "MM-DD"; the leap day always, since in other years it is kept the day before."""
    return sorted({f"{today + timedelta(days=each):%m-%d}" for each in range(days + 1)} | {"02-29"})


def new_roles(tx: Tx, at_now: World) -> list[NewRole]:
    """Changes of the last month that the contact does not show yet, the newest first; one a person."""
    here = (mine(tx, card), card.c.changed_at > at_now.now - NEWS_LASTS, card.c.changed_at <= at_now.now)
    query = select(card).where(*here, card.c.contact_id.is_not(None)).order_by(card.c.changed_at.desc(), card.c.id)
    rows = all_rows(tx, query)
    meet(at_now, (row["contact_id"] for row in rows))
    found: dict[str, NewRole] = {}
    for row in rows:
        who = at_now.people.get(row["contact_id"])
        if (
            who is None
            or not reachable(at_now, who)
            or (who.organisation, who.role) == (row["organisation"], row["role"])
        ):
            continue
        found.setdefault(
            who.id,
            NewRole(
                contact=who,
                before=_work(row["was"]),
                after=_work(row),
                organisation=row["organisation"],
                role=row["role"],
                seen_at=row["changed_at"],
            ),
        )
    return list(found.values())


def _work(told: Mapping[str, Any]) -> str:
    return ", ".join(each for each in (told["role"], told["organisation"]) if each)
