"""The plan: what the owner works toward, whom to talk to about it, how it stands with each, and whom to add."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line, shown
from keepwarm.introductions import SAID
from keepwarm.plan import STATES, STEPS
from keepwarm.store import contacts, introductions, planning, plans, views
from keepwarm.store.planning import Planned
from keepwarm.store.plans import Plan
from keepwarm.zones import local
from service.choosing import find
from service.desk import done, here, sorry, to
from service.refusing import refused
from service.words import CHANNELS, GOALS

pages = Blueprint("plan", __name__)

GOALS_TO_CHOOSE = tuple(each for each in GOALS if each)
NOW_AT_MOST = 5  # people a week: PRODUCT.md section 4
PROPOSED_AT_FIRST = 5  # the others one click away
SPANS = {"two_weeks": 14, "month": 30, "three_months": 91}  # days that somebody can be left in peace for
TO_DO = ("thank", "answer", "second_word", "prepare", "approach")  # steps that ask for something, the nearest first
LONGEST_TEXT = 4_000
KINDS = {"approach": "first", "second_word": "second", "thank": "thank"}  # the message that helps with a step


@pages.get("/plan")
def overview() -> ResponseReturnValue:
    """One plan: what to do now, what is under way, what comes later, what rests."""
    desk = here()
    with desk.reading() as tx:
        every, at_now = plans.plans(tx), views.world(tx, desk.now)
        chosen = _chosen(every)
        rows = planning.planned(tx, at_now, chosen)
        add = planning.proposed(tx, at_now)
        asked = introductions.introductions(tx, at_now)
    return render_template(
        "plan.html", plans=every, plan=chosen, **parted(rows), proposed=add, introductions=asked,
        at_first=PROPOSED_AT_FIRST, everybody=at_now.people, goals=GOALS_TO_CHOOSE, states=STATES, steps=STEPS,
        channels=CHANNELS, kinds=KINDS, own_order=any(each.entry.position for each in rows),
    )  # fmt: skip


def _chosen(every: list[Plan]) -> Plan | None:
    """The plan asked for, else the first that does not rest, else the first."""
    asked = next((each for each in every if each.id == request.args.get("id")), None)
    return asked or next((each for each in every if not each.resting), None) or next(iter(every), None)


def parted(rows: list[Planned]) -> dict[str, list[Planned]]:
    """What to do now (a few), under way, later, at rest; each in the order of the plan."""
    to_do = [each for each in rows if each.standing.step in TO_DO]
    first = [each for each in to_do if each.standing.step != "approach"]
    now = (first + [each for each in to_do if each.standing.step == "approach"])[: max(NOW_AT_MOST, len(first))]
    rest = [each for each in rows if each not in now]
    return {
        "now": now,
        "under_way": [each for each in rest if each.standing.step in {"wait", "none"} and not each.at_rest],
        "later": [each for each in rest if each.standing.step in TO_DO],
        "resting": [each for each in rest if each.at_rest],
    }


# --- goals --------------------------------------------------------------------------------------------------------


@pages.post("/plan/goals")
def add_goal() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    goal = request.form.get("goal", "")
    if goal not in GOALS_TO_CHOOSE:
        return refused(_("Choose what you work toward. Nothing was changed."), overview)
    try:
        with desk.writing() as tx:
            made = plans.add_plan(tx, desk.now, goal=goal, words=one_line(request.form.get("words", ""), 300))
            done(tx, _("Your goal has a plan now."))
    except NotPossible as why:
        return refused(_(str(why)), overview)
    return to("plan.overview", id=made)


@pages.post("/plan/goals/<plan_id>")
def edit_goal(plan_id: str) -> ResponseReturnValue:
    """Another goal, other words; or let it rest, wake it, take it away."""
    desk, _, form = here(), here().texts, request.form
    with desk.writing() as tx:
        if form.get("action") == "remove":
            plans.remove_plan(tx, plan_id, desk.now)
            done(tx, _("Taken away. The people are still in your network."))
            return to("plan.overview")
        if form.get("action") in {"rest", "wake"}:
            plans.edit_plan(tx, plan_id, desk.now, resting=form["action"] == "rest")
            done(tx, _("It rests. Nothing in it asks for anything.") if form["action"] == "rest" else _("It goes on."))
            return to("plan.overview", id=plan_id)
        goal = form.get("goal", "")
        fields = {"words": one_line(form.get("words", ""), 300)} | ({"goal": goal} if goal in GOALS_TO_CHOOSE else {})
        plans.edit_plan(tx, plan_id, desk.now, **fields)
        done(tx, _("Saved."))
    return to("plan.overview", id=plan_id)


# --- entries ------------------------------------------------------------------------------------------------------


@pages.post("/plan/entries")
def add() -> ResponseReturnValue:
    """Somebody of the network, or a role at an organisation."""
    desk, _, form = here(), here().texts, request.form
    plan_id = form.get("plan") or None
    with desk.writing() as tx:
        try:
            role, organisation = (one_line(form.get(name, ""), 200) for name in ("role", "organisation"))
            plans.add_entry(
                tx, plan_id, desk.now, contact_id=form.get("contact") or None, role=role, organisation=organisation
            )
        except NotPossible as why:
            sorry(_(str(why)))
        else:
            done(tx, _("In your plan."))
    return _back(plan_id)


@pages.get("/plan/add")
def choose() -> ResponseReturnValue:
    """Somebody of the network, found by name, or a role at an organisation."""
    desk, search = here(), _search()
    with desk.reading() as tx:
        chosen = _chosen(plans.plans(tx))
        held = {each.contact_id for each in plans.entries(tx, chosen.id if chosen else None)}
        found = find(tx, search, desk.now)
    return render_template("plan_add.html", plan=chosen, search=search, found=found, held=held)


def _search() -> str:
    return one_line(request.args.get("q", ""), 100)


@pages.post("/plan/passed")
def pass_over() -> ResponseReturnValue:
    """Not for this plan: not proposed again."""
    desk, _, form = here(), here().texts, request.form
    plan_id = form.get("plan") or None
    with desk.writing() as tx:
        plans.pass_over(tx, plan_id, form.get("contact", ""), desk.now)
        done(tx, _("Passed over. Not proposed again."))
    return _back(plan_id)


@pages.get("/plan/entries/<entry_id>")
def one(entry_id: str) -> ResponseReturnValue:
    """One entry with all that can be said about it."""
    desk = here()
    with desk.reading() as tx:
        found, at_now = plans.entry(tx, entry_id), views.world(tx, desk.now)
        whole = next((each for each in plans.plans(tx) if each.id == found.plan_id), None)
        rows = planning.planned(tx, at_now, whole)
    each = next((row for row in rows if row.entry.id == entry_id), None) or abort(404)
    return render_template("entry.html", each=each, channels=CHANNELS, goals=GOALS_TO_CHOOSE)


@pages.get("/plan/entries/<entry_id>/introducer")
def choose_introducer(entry_id: str) -> ResponseReturnValue:
    """Who can introduce me: somebody of the network, found by name."""
    desk, search = here(), _search()
    with desk.reading() as tx:
        entry = plans.entry(tx, entry_id)
        ids = [each for each in (entry.contact_id, entry.introducer_id) if each]
        rows = contacts.contact_rows(tx, ids, desk.now)
        found = find(tx, search, desk.now, without=ids)
    return render_template(
        "plan_introducer.html", entry=entry, whom=rows.get(entry.contact_id or ""), search=search, found=found,
        via=rows.get(entry.introducer_id or ""),
    )  # fmt: skip


@pages.post("/plan/entries/<entry_id>/introducer")
def set_introducer(entry_id: str) -> ResponseReturnValue:
    """That one introduces me, or nobody yet."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        plans.edit_entry(tx, entry_id, desk.now, introducer_id=request.form.get("contact") or None)
        done(tx, _("Saved."))
    return to("plan.one", entry_id=entry_id)


@pages.post("/plan/entries/<entry_id>")
def edit(entry_id: str) -> ResponseReturnValue:
    """What it is about, the channel, who introduces, what to read."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        found = plans.entry(tx, entry_id)
        plans.edit_entry(tx, entry_id, desk.now, **_wishes())
        done(tx, _("Saved."))
    return _back(found.plan_id, entry_id)


def _wishes() -> dict[str, Any]:
    form = request.form
    lines: dict[str, Any] = {
        name: one_line(form.get(name, ""), 200) for name in ("role", "organisation") if name in form
    }
    texts = {name: shown(form.get(name, "")).strip()[:LONGEST_TEXT] for name in ("find_out", "reading")}
    wishes: dict[str, Any] = lines | texts
    channel, goal = form.get("channel", ""), form.get("goal", "")
    wishes |= {"introducer_id": form["introducer"] or None} if "introducer" in form else {}
    return wishes | {
        "channel": channel if channel in CHANNELS else "",
        "goal": goal if goal in GOALS_TO_CHOOSE else None,
    }


@pages.post("/plan/entries/<entry_id>/state")
def say_state(entry_id: str) -> ResponseReturnValue:
    """The owner's word on how it stands; ``not_now`` with how long."""
    desk, _, form = here(), here().texts, request.form
    state = form.get("state", "")
    if state not in STATES:
        sorry(_("Choose how it stands. Nothing was changed."))
        return to("plan.overview")
    days = SPANS.get(form.get("until", ""))
    until = local(desk.now, desk.owner.zone).date() + timedelta(days=days) if days else None
    with desk.writing() as tx:
        found = plans.entry(tx, entry_id)
        plans.say_state(tx, entry_id, desk.now, state, until)
        done(tx, _("Noted."))
    return _back(found.plan_id, entry_id)


@pages.post("/plan/entries/<entry_id>/move")
def move(entry_id: str) -> ResponseReturnValue:
    """One place earlier or later: from then on the order is the owner's own."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        found = plans.entry(tx, entry_id)
        whole = next((each for each in plans.plans(tx) if each.id == found.plan_id), None)
        ids = [each.entry.id for each in planning.planned(tx, views.world(tx, desk.now), whole)]
        at = ids.index(entry_id) if entry_id in ids else 0
        other = at - 1 if request.form.get("to") == "earlier" else at + 1
        if 0 <= other < len(ids):
            ids[at], ids[other] = ids[other], ids[at]
            plans.set_order(tx, ids, desk.now)
            done(tx, _("Moved."))
    return _back(found.plan_id, entry_id)


@pages.post("/plan/order")
def forget_order() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    plan_id = request.form.get("plan") or None
    with desk.writing() as tx:
        plans.forget_order(tx, plan_id, desk.now)
        done(tx, _("Back in the proposed order."))
    return _back(plan_id)


@pages.post("/plan/entries/<entry_id>/remove")
def remove(entry_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        found = plans.entry(tx, entry_id)
        plans.remove_entry(tx, entry_id, desk.now)
        done(tx, _("Out of your plan."))
    return _back(found.plan_id)


# --- introductions ------------------------------------------------------------------------------------------------


@pages.post("/plan/introductions")
def ask() -> ResponseReturnValue:
    """The owner asked somebody to introduce them."""
    desk, _, form = here(), here().texts, request.form
    with desk.writing() as tx:
        try:
            introductions.ask(tx, desk.now, via_id=form.get("via", ""), contact_id=form.get("contact", ""))
        except NotPossible as why:
            sorry(_(str(why)))
        else:
            done(tx, _("Noted. It stands in your plan until it is done."))
    return _to_introductions()


def _to_introductions() -> ResponseReturnValue:
    """Back to where the form stands: the page of introductions, or the plan."""
    back = "introductions.overview" if request.form.get("back") == "introductions" else "plan.overview"
    return to(back, _anchor="introductions")


@pages.post("/plan/introductions/<introduction_id>")
def say_introduction(introduction_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    said = request.form.get("said", "")
    with desk.writing() as tx:
        if said == "remove":
            introductions.remove(tx, introduction_id, desk.now)
        elif said in SAID:
            introductions.say(tx, introduction_id, desk.now, said)
        else:
            abort(400)
        done(tx, _("Noted."))
    return _to_introductions()


def _back(plan_id: str | None, entry_id: str = "") -> ResponseReturnValue:
    return to("plan.overview", id=plan_id, _anchor=f"entry-{entry_id}" if entry_id else None)
