"""What the owner says about one person: fields, goal, notes, promises kept, one word about being in touch."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.foreign import shown
from keepwarm.plan import HELP
from keepwarm.questions import REGISTERS
from keepwarm.store import contacts, notes, occasions, plans, views
from service import talknotes
from service.answers import ABOUT_CONTACT, Answer, carry_out, says
from service.auth import known_page
from service.desk import done, here, to
from service.pages.people.everybody import origins, text
from service.pages.people.one import one, standing
from service.typed import refused
from service.words import GOALS

LONGEST = {"name": 200, "organisation": 200, "role": 200, "organisation_kind": 200}  # characters; ours
TEXT_LONGEST = 4_000


def _lines(name: str) -> str:
    """A field of several lines."""
    return shown(request.form.get(name, "")).strip()[:TEXT_LONGEST]


def edit(contact_id: str) -> ResponseReturnValue:
    """What the owner says about this person; only what differs is set, so that the rest stays proposed."""
    desk, _ = here(), here().texts
    if not text("name"):
        return refused(_("A person needs a name. Nothing was changed."), partial(one, contact_id))
    with desk.writing() as tx:
        row = standing(tx, desk, contact_id)
        changed = {name: value for name, value in _wishes().items() if value != getattr(row, name)}
        if changed:
            contacts.edit(tx, contact_id, desk.now, **changed)
            done(tx, _("Saved."))
    return to("contacts.one", contact_id=contact_id)


def _wishes() -> dict[str, Any]:
    """The fields of the edit form, as the store takes them."""
    form = request.form
    rhythm = form.get("rhythm_days", "").strip()
    found: dict[str, Any] = {name: text(name, longest) for name, longest in LONGEST.items()}
    found |= {
        "private": form.get("private") == "yes",
        "close": form.get("close") == "yes",
        "interesting": form.get("interesting") == "yes",
        "can_help": [each for each in HELP if each in form.getlist("can_help")],
        "origins": list(origins()),
        "paused_until": _day("paused_until"),
        "rhythm_days": int(rhythm) if rhythm.isascii() and rhythm.isdigit() and int(rhythm[:5]) <= 3650 else None,
        "register": form.get("register") or None,
    }
    if form.get("circle") in CIRCLES:
        found["circle"] = form["circle"]
    known = {each for pair in REGISTERS.values() for each in pair}
    return found if found["register"] in known else found | {"register": None}


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def plan(contact_id: str) -> ResponseReturnValue:
    """The goal with this person, and what it is about."""
    desk, _ = here(), here().texts
    goal = request.form.get("goal", "")
    with desk.writing() as tx:
        standing(tx, desk, contact_id)
        plans.set_goal(
            tx, contact_id, desk.now, goal=goal if goal in GOALS and goal else None,
            find_out=_lines("find_out"), sector=text("sector"), role=text("wanted_role"),
            named_person=text("named_person"),
        )  # fmt: skip
        done(tx, _("Saved. The question list follows it."))
    return to("contacts.one", contact_id=contact_id)


def note(contact_id: str) -> ResponseReturnValue:
    """What was said, tips, names, and promises of either side."""
    desk, _ = here(), here().texts
    said = talknotes.given(desk)
    if not said:
        return refused(_("There was nothing to keep yet."), partial(one, contact_id))
    with desk.writing() as tx:
        standing(tx, desk, contact_id)
        notes.add_note(tx, contact_id, desk.now, **said)
        done(tx, _("Saved. It comes back in the next question list."))
    return to("contacts.one", contact_id=contact_id)


def keep_promise(contact_id: str, promise_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        standing(tx, desk, contact_id)
        if promise_id not in {str(each.id) for each in notes.promises(tx, contact_id)}:
            abort(404)
        notes.keep_promise(tx, promise_id, desk.now)
        done(tx, _("A promise kept."))
    return _back(contact_id)


def answer(contact_id: str) -> ResponseReturnValue:
    """One word about them: got in touch, later, let go, laid to rest."""
    desk, do = here(), request.form.get("do", "")
    if do not in ABOUT_CONTACT:
        abort(400)
    until, said = request.form.get("until", "digest"), text("said", 500)
    with desk.writing() as tx:
        row = standing(tx, desk, contact_id)
        carry_out(Answer(tx=tx, contact_id=contact_id, now=desk.now, said=said, until=until), do)
        rests_until = standing(tx, desk, contact_id).paused_until
        done(tx, says(desk.texts, do, row.name, rests_until))
    return _back(contact_id)


def _back(contact_id: str) -> ResponseReturnValue:
    """To the page that the form stood on, if it named one; else to the person."""
    asked = known_page(request.form.get("back", ""))
    return to(asked) if asked else to("contacts.one", contact_id=contact_id)


def take_over_work(contact_id: str) -> ResponseReturnValue:
    """What a later card says of their work becomes what this contact says."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        at_now = views.world(tx, desk.now, only=[contact_id])
        found = next(iter(occasions.new_roles(tx, at_now)), None) or abort(404)
        contacts.edit(tx, contact_id, desk.now, organisation=found.organisation, role=found.role)
        done(tx, _("Saved."))
    return to("contacts.one", contact_id=contact_id)
