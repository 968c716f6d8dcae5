"""How long since, and when due: computed from touches and rhythm, never stored. Pure; explained in words.

Called by `keepwarm.store.views`, the planner of follow-ups and the digest. All numbers: PRODUCT.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.texts import Texts, mark

CLOSE = timedelta(weeks=4)
WARM = timedelta(days=91)
LUKEWARM_WITH_PLAN = timedelta(days=91)
LUKEWARM = timedelta(days=182)

GOAL_RHYTHM = {
    "explore_market": timedelta(days=91),
    "learn_field": timedelta(weeks=6),
    "present_self": timedelta(weeks=6),
}
VACANCY_RHYTHM = (timedelta(days=7), timedelta(days=14))  # five working days, then ten, then stop

DUE = 1.0
LATE = 1.25
ASLEEP = 2.0

_LEAD = {
    "close": mark("One of your closest people"),
    "warm": mark("Warm"),
    "lukewarm": mark("Lukewarm"),
}
_SENTENCE = {
    "fresh": mark("{lead}, so every {span}; you were last in touch {ago}, and the next moment is around {date}."),
    "due": mark("{lead}, so every {span}; you were last in touch {ago}."),
    "late": mark("{lead}, so every {span}; you were last in touch {ago}."),
    "asleep": mark("{lead}, so every {span}; it has been a while, you were last in touch {ago}."),
}
_NEVER = mark("You have not been in touch yet; around {date} is a good moment to say hello.")
_NEVER_DUE = mark("You have not been in touch yet, and now is a good moment to say hello.")
_NO_RHYTHM = mark("Still new to you, so there is no rhythm yet: that comes after a first talk.")
_NO_RHYTHM_KNOWN = mark("There is no rhythm for now; you were last in touch {ago}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """``state``: fresh, due, late (from 125 % of the rhythm), asleep (over twice it), new, none (no rhythm).

    ``lateness`` is time since the last touch over the rhythm (1.0 is due); 0.0 without a rhythm. Somebody never in
    touch is new until due, then due or late, and never asleep.
    """

    state: str
    rhythm: timedelta | None
    last_at: datetime | None
    due_at: datetime | None
    lateness: float


def rhythm(
    *, circle: str, close: bool, goal: str | None, plan_active: bool, own_days: int | None, tries: int = 0
) -> timedelta | None:
    """The wanted interval: the owner's own number, else by circle and goal (PRODUCT.md section 4); None for strangers.

    0 is the owner's word too: somebody let go, of whom nothing reminds.

    The shorter of the circle's and the goal's rhythm counts. ``tries``: follow-ups on a vacancy so far; after two it
    rests, and the circle's rhythm is what remains.
    """
    if own_days is not None:
        return timedelta(days=own_days) if own_days > 0 else None
    wanted = [each for each in (_of_circle(circle, close, plan_active), _of_goal(goal, tries)) if each]
    return min(wanted, default=None)


def _of_circle(circle: str, close: bool, plan_active: bool) -> timedelta | None:
    if close:
        return CLOSE
    lukewarm = LUKEWARM_WITH_PLAN if plan_active else LUKEWARM
    return {"warm": WARM, "lukewarm": lukewarm}.get(circle)


def _of_goal(goal: str | None, tries: int) -> timedelta | None:
    if goal == "learn_vacancy":
        return VACANCY_RHYTHM[tries] if tries < len(VACANCY_RHYTHM) else None
    return GOAL_RHYTHM.get(goal or "")


def freshness(*, last_at: datetime | None, since: datetime, interval: timedelta | None, now: datetime) -> Freshness:
    """Freshness at ``now``; ``since`` (when accepted) stands in where there never was a touch."""
    if interval is None:
        return Freshness(state="none", rhythm=None, last_at=last_at, due_at=None, lateness=0.0)
    start = last_at or since
    lateness = max(0.0, (now - start) / interval)
    state = _state(lateness, never=last_at is None)
    return Freshness(state=state, rhythm=interval, last_at=last_at, due_at=start + interval, lateness=lateness)


def _state(lateness: float, *, never: bool) -> str:
    if lateness < DUE:
        return "new" if never else "fresh"
    if lateness > ASLEEP and not never:
        return "asleep"
    return "late" if lateness >= LATE else "due"


def explain(texts: Texts, value: Freshness, *, circle: str, now: datetime, goal: str | None = None) -> str:
    """One sentence on why they are due then: "Warm, so every 3 months; you were last in touch 4 months ago."."""
    if value.rhythm is None or value.due_at is None:
        if value.last_at is None:
            return texts.gettext(_NO_RHYTHM)
        return texts.gettext(_NO_RHYTHM_KNOWN, ago=texts.ago(now - value.last_at))
    due = texts.date(value.due_at.date())
    if value.last_at is None:
        return texts.gettext(_NEVER, date=due) if value.state == "new" else texts.gettext(_NEVER_DUE)
    said = texts.gettext(
        _SENTENCE[value.state],
        lead=_lead(texts, circle, value.rhythm, goal),
        span=span(texts, value.rhythm),
        ago=texts.ago(now - value.last_at),
        date=due,
    )
    return said[0].upper() + said[1:]


def _lead(texts: Texts, circle: str, interval: timedelta, goal: str | None) -> str:
    """Why this rhythm: the circle where it is the circle's own, else the goal, else the owner's wish."""
    own = {"warm": (WARM,), "lukewarm": (LUKEWARM, LUKEWARM_WITH_PLAN)}
    if circle == "warm" and interval == CLOSE:
        return texts.gettext(_LEAD["close"])
    if interval in own.get(circle, ()):
        return texts.gettext(_LEAD[circle])
    if interval in {GOAL_RHYTHM.get(goal or ""), *(VACANCY_RHYTHM if goal == "learn_vacancy" else ())}:
        return texts.gettext("Part of your plan")
    return texts.gettext("A rhythm of your own")


def span(texts: Texts, interval: timedelta) -> str:
    """An interval as people say it: "week", "4 weeks", "3 months", "10 days"; goes after "every"."""
    days = interval.days
    if days % 91 in {0, 1} and days >= 91:
        return texts.ngettext("month", "{number} months", 3 * (days // 91))
    if days % 7 == 0 and days:
        return texts.ngettext("week", "{number} weeks", days // 7)
    return texts.ngettext("day", "{number} days", max(1, days))
