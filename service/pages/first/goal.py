"""What it is for: one of the four goals, or just staying in touch; with language and zone as they were guessed."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.foreign import one_line
from keepwarm.store import Tx, accounts, plans
from keepwarm.store.plans import Plan
from keepwarm.texts import LANGUAGES, Texts
from service import guess
from service.desk import Desk, done, here, to
from service.pages.first.way import pages, settle, shown
from service.pages.plan import GOALS_TO_CHOOSE
from service.refusing import refused

WORDS_LONGEST = 300  # characters; as on the page of the plan
STAY = "stay"  # no goal: just staying in touch


def _plan(tx: Tx) -> Plan | None:
    """The plan that these steps are about: the first that does not rest."""
    return next((each for each in plans.plans(tx) if not each.resting), None)


@pages.get("/goal")
def goal() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        plan = _plan(tx)
    return shown(
        "goal", plan=plan, goals=GOALS_TO_CHOOSE, stay=STAY, languages=LANGUAGES, zones=guess.zones(),
        countries=guess.countries(desk.owner.lang),
    )  # fmt: skip


@pages.post("/goal")
def save_goal() -> ResponseReturnValue:
    desk, form = here(), request.form
    wanted, words = form.get("goal", ""), one_line(form.get("words", ""), WORDS_LONGEST)
    if wanted not in {*GOALS_TO_CHOOSE, STAY}:
        return refused(desk.texts("Choose what you would like, or leave this step out. Nothing was changed."), goal)
    known = {"lang": LANGUAGES, "zone": guess.zones(), "country": {"", *dict(guess.countries("en"))}}
    place = {name: form[name] for name, every in known.items() if form.get(name) in every}
    with desk.writing() as tx:
        accounts.update_owner(tx, **place)
        _aim(tx, desk, wanted, words, Texts.load(place.get("lang", desk.owner.lang)))
        settle(tx, "goal")
    return to("first.connect")


def _aim(tx: Tx, desk: Desk, wanted: str, words: str, _: Texts) -> None:
    """Make the plan what was chosen; told only if that changed something."""
    plan = _plan(tx)
    if wanted == STAY:
        if plan is not None:
            plans.edit_plan(tx, plan.id, desk.now, resting=True)
            done(tx, _("Your plan rests. You just stay in touch."))
    elif plan is None:
        plans.add_plan(tx, desk.now, goal=wanted, words=words)
        done(tx, _("Your goal has a plan now."))
    elif (plan.goal, plan.words) != (wanted, words):
        plans.edit_plan(tx, plan.id, desk.now, goal=wanted, words=words)
        done(tx, _("Saved."))
