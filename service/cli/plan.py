"""Commands about the plan: goals, whom to talk to about them, how it stands with each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from keepwarm.bounds import day_within
from keepwarm.foreign import one_line, shown
from keepwarm.plan import CHANNELS, STATES, STEPS
from keepwarm.store import planning, plans, views
from keepwarm.store.planning import Planned
from keepwarm.store.plans import Plan
from service.cli.session import Problem, Session, columns, command
from service.words import GOALS, word

GOAL = click.Choice([each for each in GOALS if each])
LONGEST_TEXT = 4_000


# --- goals --------------------------------------------------------------------------------------------------------


@click.group("goal")
def goal() -> None:
    """What you work toward; several side by side, any of them may rest."""


@command("list")
def list_(session: Session) -> None:
    """All of them, in your order."""
    _goals(session)


@command("add")
@click.argument("goal", type=GOAL)
@click.option("--words", default="", help="The same in your own words.")
def add(session: Session, goal: str, words: str) -> None:
    """One more goal, with a plan of its own."""
    with session.writing() as tx:
        plans.add_plan(tx, session.now, goal=goal, words=one_line(words, 300))
    _goals(session)


@command("edit")
@click.argument("plan_id", metavar="ID")
@click.option("--goal", type=GOAL)
@click.option("--words")
def edit(session: Session, plan_id: str, goal: str | None, words: str | None) -> None:
    """Another goal, or other words for it."""
    said = {"goal": goal, "words": None if words is None else one_line(words, 300)}
    with session.writing() as tx:
        plans.edit_plan(tx, plan_id, session.now, **{name: each for name, each in said.items() if each is not None})
    _goals(session)


@command("rest")
@click.argument("plan_id", metavar="ID")
def rest(session: Session, plan_id: str) -> None:
    """Let a plan rest: nothing in it asks for anything."""
    with session.writing() as tx:
        plans.edit_plan(tx, plan_id, session.now, resting=True)
    _goals(session)


@command("wake")
@click.argument("plan_id", metavar="ID")
def wake(session: Session, plan_id: str) -> None:
    """Go on with a plan that rests."""
    with session.writing() as tx:
        plans.edit_plan(tx, plan_id, session.now, resting=False)
    _goals(session)


@command("remove")
@click.argument("plan_id", metavar="ID")
def remove(session: Session, plan_id: str) -> None:
    """Take a goal away with its plan; the people stay, and keepwarm undo puts it back."""
    with session.writing() as tx:
        plans.remove_plan(tx, plan_id, session.now)
    _goals(session)


def _goals(session: Session) -> None:
    with session.reading() as tx:
        found = plans.plans(tx)
    lines = [
        (each.id, word(session.texts, "goal", each.goal), session.texts("rests") if each.resting else "", each.words)
        for each in found
    ]
    nothing = session.texts("No goal yet: Keepwarm helps you stay in touch. Add one with: keepwarm goal add GOAL")
    session.answer([_goal_shape(each) for each in found], columns(lines) or nothing)


def _goal_shape(each: Plan) -> dict[str, object]:
    return {"id": each.id, "goal": each.goal, "words": each.words or None, "resting": each.resting}


# --- entries ------------------------------------------------------------------------------------------------------


@click.group("plan")
def plan() -> None:
    """Whom to talk to about a goal, in which order, and how it stands with each."""


@command("show")
@click.option("--goal", "plan_id", metavar="ID", help="Of this goal; without: the first that does not rest.")
@click.option("--as-of", "as_of", metavar="TIME", default=None, help="Evaluate at that moment instead of now.")
def show(session: Session, plan_id: str | None, as_of: str | None) -> None:
    """The plan in its order: what comes next with whom, and why."""
    _entries(session, plan_id, session.moment(as_of))


@command("propose")
def propose(session: Session) -> None:
    """Whom you could add, with the reason; at most twenty."""
    with session.reading() as tx:
        found = planning.proposed(tx, views.world(tx, session.now))
    lines = [(each.contact_id, each.name, each.why) for each in found]
    nothing = session.texts("Nobody to propose just now. Say what you look for with: keepwarm me --role TEXT")
    session.answer(
        [{"contact": each.contact_id, "name": each.name, "reason": each.reason, "why": each.why} for each in found],
        columns(lines) or nothing,
    )


def _fields(function: Any) -> Any:
    """The options that say what an entry is about."""
    options = (
        click.option("--find-out", help="What exactly you want to learn."),
        click.option("--channel", type=click.Choice(CHANNELS), help="How to get in touch."),
        click.option("--via", "introducer_id", metavar="CONTACT", help="Who can introduce you."),
        click.option("--reading", help="What to read beforehand: links or titles."),
        click.option("--about", "goal", type=GOAL, help="Another goal than the plan's."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command("add")
@click.argument("contact_id", metavar="[CONTACT]", required=False)
@click.option("--role", default="", help="A role that has no name yet.")
@click.option("--organisation", default="", help="Where that role is.")
@click.option("--goal", "plan_id", metavar="ID", help="Into the plan of this goal; without: the first.")
@_fields
def add_entry(
    session: Session, contact_id: str | None, role: str, organisation: str, plan_id: str | None, **given: str | None
) -> None:
    """Put somebody, or a role at an organisation, into the plan."""
    fields = {"role": one_line(role, 200), "organisation": one_line(organisation, 200), **_given(given)}
    with session.writing() as tx:
        chosen = plan_id or _first(plans.plans(tx))
        plans.add_entry(tx, chosen, session.now, contact_id=contact_id, **fields)
    _entries(session, plan_id, session.now)


@command("edit")
@click.argument("entry_id", metavar="ENTRY")
@_fields
def edit_entry(session: Session, entry_id: str, **given: str | None) -> None:
    """Say what an entry is about."""
    with session.writing() as tx:
        plans.edit_entry(tx, entry_id, session.now, **_given(given))
        found = plans.entry(tx, entry_id)
    _entries(session, found.plan_id, session.now)


@command("state")
@click.argument("entry_id", metavar="ENTRY")
@click.argument("state", type=click.Choice(STATES))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="With not_now: leave in peace until that day.")
def state(session: Session, entry_id: str, state: str, until: datetime | None) -> None:
    """Say how it stands; what happens from now on moves it on."""
    with session.writing() as tx:
        plans.say_state(tx, entry_id, session.now, state, day_within(until.date()) if until else None)
        found = plans.entry(tx, entry_id)
    _entries(session, found.plan_id, session.now)


@command("order")
@click.argument("ids", nargs=-1, metavar="ENTRY...")
def order(session: Session, ids: Sequence[str]) -> None:
    """Your own order, the first one first; without entries, back to the proposed one."""
    with session.writing() as tx:
        found = [plans.entry(tx, each) for each in ids]
        if len({each.plan_id for each in found}) > 1:
            raise Problem(session.texts("These are of different plans. Nothing was changed."))
        chosen = found[0].plan_id if found else _first(plans.plans(tx))
        if found:
            plans.set_order(tx, list(dict.fromkeys(ids)), session.now)
        else:
            plans.forget_order(tx, chosen, session.now)
    _entries(session, chosen, session.now)


@command("pass")
@click.argument("contact_id", metavar="CONTACT")
def pass_over(session: Session, contact_id: str) -> None:
    """Somebody proposed is not wanted in the plan; not proposed again."""
    with session.writing() as tx:
        plans.pass_over(tx, _first(plans.plans(tx)), contact_id, session.now)
    session.answer({"passed": contact_id}, session.texts("Passed over. Not proposed again."))


@command("remove")
@click.argument("entry_id", metavar="ENTRY")
def remove_entry(session: Session, entry_id: str) -> None:
    """Take an entry out of the plan; keepwarm undo puts it back."""
    with session.writing() as tx:
        found = plans.entry(tx, entry_id)
        plans.remove_entry(tx, entry_id, session.now)
    _entries(session, found.plan_id, session.now)


def _given(values: dict[str, str | None]) -> dict[str, Any]:
    said: dict[str, Any] = {name: each for name, each in values.items() if each is not None}
    for name in ("find_out", "reading"):
        if name in said:
            said[name] = shown(said[name]).strip()[:LONGEST_TEXT]
    return said


def _first(every: Sequence[Plan]) -> str | None:
    """The plan that is meant where none is named."""
    return next((each.id for each in every if not each.resting), None)


def _entries(session: Session, plan_id: str | None, now: datetime) -> None:
    with session.reading() as tx:
        every = plans.plans(tx)
        chosen = plans.plan(tx, plan_id) if plan_id else next((each for each in every if not each.resting), None)
        found = planning.planned(tx, views.world(tx, now), chosen)
    lines = [
        (
            each.entry.id,
            _whom(each),
            session.texts(STEPS[each.standing.step]),
            " ".join(_why(each)),
        )
        for each in found
    ]
    nothing = session.texts("Nobody in this plan yet. See whom you could add with: keepwarm plan propose")
    session.answer([_shape(session, each) for each in found], columns(lines) or nothing)


def _whom(each: Planned) -> str:
    if each.contact is not None:
        return each.contact.name
    return ", ".join(filter(None, (each.entry.role, each.entry.organisation)))


def _why(each: Planned) -> list[str]:
    return [each.standing.why, *([each.why] if each.standing.step == "approach" else [])]


def _shape(session: Session, each: Planned) -> dict[str, object]:
    row = each.entry
    return {
        "id": row.id,
        "contact": row.contact_id,
        "name": each.contact.name if each.contact else None,
        "role": row.role or None,
        "organisation": row.organisation or None,
        "goal": row.goal,
        "find_out": row.find_out or None,
        "channel": row.channel or None,
        "via": row.introducer_id,
        "reading": row.reading or None,
        "state": each.standing.state,
        "step": each.standing.step,
        "due_at": session.iso(each.standing.due_at),
        "why": each.standing.why,
        "order": each.why,
    }


for one in (list_, add, edit, rest, wake, remove):
    goal.add_command(one)
for one in (show, propose, add_entry, edit_entry, state, order, pass_over, remove_entry):
    plan.add_command(one)

COMMANDS = (goal, plan)
