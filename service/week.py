"""The people of this week: who has a day of their own, who is next in the plan, who has not been heard of for long.

Called by `service.pages.home`. Each person stands there once, with the best reason; few at a time (PRODUCT.md section
4, "Weekly mix" and "Nudges").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from itertools import islice

from keepwarm.freshness import explain
from keepwarm.store import Tx, changes, occasions, planning, plans, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import World
from keepwarm.zones import local, monday_of, to_utc, week_of
from service.pages.plan import parted

DAYS = 7
DATED_AT_MOST = 5  # ours: with hundreds of people somebody has a birthday every day
STEPS_AT_MOST = 3  # ours: the page of the plan has the others
MESSAGES = {"approach": "first", "second_word": "second"}  # step of the plan → text to begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """``message``: the kind of text that fits, as `service.pages.write` names it."""

    row: ContactRow
    why: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """``people``: in order, each once; ``more``: whether others could follow who can wait.

    ``answered``: how often this week already somebody was written to, put off or let go.
    """

    people: list[Reason]
    more: bool
    answered: int


def this_week(tx: Tx, at_now: World, *, met: Collection[str]) -> Week:
    """At most as many as the owner's pace says, those settled since Monday included; a day of one's own comes on top.

    ``met``: seen this week.
    """
    pace, zone = max(1, at_now.pace.weekly_people), at_now.owner.zone
    answered = changes.answered(tx, to_utc(monday_of(week_of(at_now.now, zone)), time(), zone))
    dated = [each for each in _dated(tx, at_now) if not _in_touch_today(at_now, each.row)]
    named = occasions.closest((each.row for each in dated), DATED_AT_MOST)
    away = {*met, *(each.row.id for each in dated)}
    others = _once(each for each in _others(tx, at_now) if each.row.id not in away)
    chosen = [*(each for each in dated if each.row.id in named), *islice(others, max(0, pace - len(dated) - answered))]
    more = len(chosen) < len(dated) or next(others, None) is not None
    return Week(people=chosen, more=more, answered=answered)


def _once(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """The first reason of each person, one at a time."""
    seen: set[str] = set()
    for each in reasons:
        if each.row.id not in seen:
            seen.add(each.row.id)
            yield each


def _dated(tx: Tx, at_now: World) -> list[Reason]:
    """Birthdays of the week, then news about somebody's work; both in one where somebody has both."""
    _, said = at_now.texts, dict[str, list[str]]()
    for birthday in occasions.birthdays(tx, at_now, DAYS):
        words = _("Birthday on {date}.", date=_.day_and_date(birthday.on))
        said.setdefault(birthday.contact.id, []).append(words)
    for news in occasions.new_roles(tx, at_now):
        words = _("Now: {after}. Before: {before}.", after=news.after, before=news.before)
        said.setdefault(news.contact.id, []).append(words)
    return [Reason(row=at_now.people[each], why=" ".join(words)) for each, words in said.items()]


def _others(tx: Tx, at_now: World) -> Iterator[Reason]:
    plan = next((each for each in plans.plans(tx) if not each.resting), None)
    steps = parted(planning.planned(tx, at_now, plan))["now"] if plan else []
    for step in steps[:STEPS_AT_MOST]:
        if step.contact and _in_turn(at_now, step.contact):
            message = MESSAGES.get(step.standing.step, "")
            yield Reason(row=step.contact, why=step.standing.why, message=message)
    for row, fresh in views.latest(tx, at_now):
        if _in_turn(at_now, row):
            yield Reason(row=row, why=explain(at_now.texts, fresh, circle=row.circle, now=at_now.now, goal=row.goal))


def _in_turn(at_now: World, row: ContactRow) -> bool:
    """Neither private nor left in peace for a while."""
    return not row.private and not (row.paused_until and row.paused_until > at_now.today)


def _in_touch_today(at_now: World, row: ContactRow) -> bool:
    moments = [each for each in (row.last_at, at_now.said_at.get(row.id)) if each]
    return any(local(each, at_now.owner.zone).date() == at_now.today for each in moments)
