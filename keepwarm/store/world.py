"""What everything that looks ahead looks at: read once, with how fresh each contact is.

Called by `ahead`, `outlook`, `digesting`, `planning` and their like, and through `views`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from keepwarm.contacts import evidence
from keepwarm.followups import OWED
from keepwarm.freshness import Freshness, freshness, rhythm
from keepwarm.pace import Pace
from keepwarm.plan import AT_REST
from keepwarm.profile import Profile
from keepwarm.questions import OwnList
from keepwarm.store.database import Tx
from keepwarm.store.network import People
from keepwarm.store.notes import Note, Promise, last_notes, last_said, open_promises
from keepwarm.store.own_lists import own_lists
from keepwarm.store.owners import Owner, owner, pace_of
from keepwarm.store.people import ContactRow, contacts
from keepwarm.store.plans import PlanEntry, main_goal, plan_entries
from keepwarm.store.profiles import profile
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import follow_up as follow_up_table
from keepwarm.store.talks import TalkChoice, talk_choices
from keepwarm.texts import Texts
from keepwarm.zones import local


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all of this looks at, read once."""

    now: datetime
    owner: Owner
    texts: Texts
    pace: Pace
    profile: Profile
    goal: str  # what the owner works toward first of all; empty: just staying in touch
    people: Mapping[str, ContactRow]  # active ones
    plan: Mapping[str, PlanEntry]
    notes: Mapping[str, Note]  # the last of a talk
    said_at: Mapping[str, datetime]  # when the owner last said that they talked or got in touch
    promises: Mapping[str, Sequence[Promise]]
    choices: Mapping[int, TalkChoice]
    own_lists: Mapping[str, Mapping[str, OwnList]] = field(default_factory=dict)  # by language and type
    tries: Mapping[str, int] = field(default_factory=dict)
    reckoned: dict[str, Any] = field(default_factory=dict, compare=False)  # what several ask for: reckoned once

    @property
    def today(self) -> date:
        """By the owner's calendar."""
        return local(self.now, self.owner.zone).date()


def world(tx: Tx, now: datetime, lang: str | None = None, only: Sequence[str] | None = None) -> World:
    """Everything at ``now``, in ``lang`` instead of the owner's language where given; ``only`` these contacts.

    What was said and promised is read of these contacts alone too. Without ``only`` people are read when asked for;
    ``meet`` reads many together.
    """
    whose = owner(tx)
    whose = replace(whose, lang=lang) if lang else whose
    return World(
        now=now,
        owner=whose,
        texts=Texts.load(whose.lang),
        pace=pace_of(whose),
        profile=profile(tx),
        goal=main_goal(tx),
        people=People(tx, now) if only is None else _only(tx, now, only),
        plan=plan_entries(tx),
        notes=last_notes(tx, now, only),
        said_at=last_said(tx, now, only),
        promises=open_promises(tx, only),
        choices=talk_choices(tx),
        own_lists=own_lists(tx),
        tries=_tries(tx, now),
    )


def _only(tx: Tx, now: datetime, ids: Sequence[str]) -> dict[str, ContactRow]:
    return {row.id: row for row in contacts(tx, states=["active"], now=now, ids=ids)}


def meet(at_now: World, ids: Iterable[str | None]) -> None:
    """These people are about to be spoken of: read them together rather than one by one."""
    if isinstance(at_now.people, People):
        at_now.people.need(ids)


def meet_spoken_of(at_now: World) -> None:
    """The people of plans and promises, of whom a page of all that goes on speaks anyway."""
    meet(at_now, {*at_now.plan, *at_now.promises})


def fresh(at_now: World, row: ContactRow) -> Freshness:
    """How fresh the contact is; a noted talk counts as being in touch. Only an active contact has a rhythm.

    An owner who works toward a goal has an active plan, also with people who have no entry in it.
    """
    entry = at_now.plan.get(row.id)
    interval = rhythm(
        circle=row.circle,
        close=row.close,
        goal=row.goal,
        plan_active=bool(at_now.goal) or (entry is not None and entry.said not in AT_REST),
        own_days=row.rhythm_days,
        tries=at_now.tries.get(row.id, 0),
    )
    if row.state != "active" or row.private:
        interval = None
    since = row.accepted_at or row.proposed_at
    return freshness(last_at=_last_contact(at_now, row), since=since, interval=interval, now=at_now.now)


def _last_contact(at_now: World, row: ContactRow) -> datetime | None:
    return max((each for each in (row.last_at, at_now.said_at.get(row.id)) if each), default=None)


def _tries(tx: Tx, now: datetime) -> dict[str, int]:
    """How often each contact was followed up: rows whose time has come and that were not taken away.

    What was owed is another matter.
    """
    table = follow_up_table
    here = (mine(tx, table), table.c.at <= now, table.c.state.in_(("placed", "moved", "done")))
    in_touch = table.c.cycle.not_like(f"{OWED}%")
    query = select(table.c.contact_id, func.count().label("n")).where(*here, in_touch).group_by(table.c.contact_id)
    return {row["contact_id"]: row["n"] for row in all_rows(tx, query)}


def evidence_of(at_now: World, row: ContactRow) -> str:
    """The evidence for a contact, in one sentence."""
    return evidence(
        at_now.texts,
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
        first_at=row.first_at,
        last_at=row.last_at,
        brought_by=row.brought_by,
        origins=row.origins,
        now=at_now.now,
        zone=at_now.owner.zone,
    )


def address_of(row: ContactRow) -> str:
    """The address they use most; empty for somebody without one."""
    return next(iter(row.addresses), "")


def reachable(at_now: World, row: ContactRow) -> bool:
    paused = row.paused_until is not None and row.paused_until > at_now.today
    return not row.private and not paused
