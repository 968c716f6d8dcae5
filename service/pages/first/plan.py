"""Three talks: whom to begin with and what for; order, channel, questions and a first message are proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import abort, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.messages import Advice, Draft
from keepwarm.questions import Question, prepare
from keepwarm.store import Tx, ahead, planning, plans, views, writing
from keepwarm.store.planning import Planned
from keepwarm.store.views import World
from service.desk import done, here, sorry, to
from service.pages.first.way import pages, shown
from service.pages.plan import GOALS_TO_CHOOSE

TALKS = 3  # PRODUCT.md section 5.2, step 5
PROPOSED = 8  # people to choose from; ours: what a phone shows without much scrolling


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One talk to come: how to get in touch and why so, what to ask, and a text to begin with."""

    planned: Planned
    goal: str
    advice: Advice
    kind: str
    questions: tuple[Question, ...]
    draft: Draft


@pages.get("/plan")
def plan() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        whole = next((each for each in plans.plans(tx) if not each.resting), None)
        rows = [each for each in planning.planned(tx, at_now, whole) if each.contact and not each.at_rest]
        talks = [_prepared(tx, at_now, each) for each in rows[:TALKS]]
        add = planning.proposed(tx, at_now)[:PROPOSED] if whole else []
    return shown(
        "plan", plan=whole, talks=talks, more=len(rows) > TALKS, proposed=add, everybody=at_now.people,
        goals=GOALS_TO_CHOOSE, enough=TALKS,
    )  # fmt: skip


def _prepared(tx: Tx, at_now: World, each: Planned) -> Prepared:
    row = each.contact or abort(404)
    goal = row.goal or at_now.goal
    about = views.situation(tx, row.id, at_now.now)
    kind, _why = ahead.type_of(at_now, row)
    return Prepared(
        planned=each,
        goal=goal,
        advice=writing.channel(tx, at_now, row),
        kind=kind,
        questions=prepare(replace(about, type=kind)).shown,
        draft=writing.message(tx, at_now, row, "first"),
    )


@pages.post("/plan")
def save_plan() -> ResponseReturnValue:
    """Somebody into the plan with a goal, another goal with them, or out again."""
    desk, _, form = here(), here().texts, request.form
    goal = form.get("goal", "")
    with desk.writing() as tx:
        whole = next((each for each in plans.plans(tx) if not each.resting), None) or abort(404)
        given = goal if goal in GOALS_TO_CHOOSE and goal != whole.goal else None
        if entry_id := form.get("entry"):
            if form.get("do") == "remove":
                plans.remove_entry(tx, entry_id, desk.now)
                done(tx, _("Out of your plan."))
            else:
                plans.edit_entry(tx, entry_id, desk.now, goal=given)
                done(tx, _("Saved."))
        else:
            _add(tx, whole.id, form.get("contact", ""), given)
    return to("first.plan")


def _add(tx: Tx, plan_id: str, contact_id: str, goal: str | None) -> None:
    desk, _ = here(), here().texts
    try:
        plans.add_entry(tx, plan_id, desk.now, contact_id=contact_id, goal=goal)
    except NotPossible as why:
        sorry(_(str(why)))
    else:
        done(tx, _("In your plan."))
