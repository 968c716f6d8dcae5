"""What the owner says about one person: fields, goal, notes, promises kept, one word about being in touch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from keepwarm.aftertalk import TEXT_LONGEST
from keepwarm.bounds import RHYTHM_DAYS
from keepwarm.circles import CIRCLES
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line, shown
from keepwarm.plan import HELP
from keepwarm.questions import REGISTERS
from keepwarm.store import contacts, notes, occasions, plans, views
from keepwarm.texts import Texts, mark
from service import talknotes, typed
from service.answers import ABOUT_CONTACT, Answer, carry_out, says
from service.auth import known_page
from service.desk import done, here, sorry, to
from service.pages.people.everybody import origins, text
from service.pages.people.one import one, standing
from service.refusing import refused
from service.words import GOALS

LONGEST = {"name": 200, "organisation": 200, "role": 200, "organisation_kind": 200}  # characters; ours
KEPT = mark("{problems} The rest was saved; this stays as it was.")


def lines(name: str) -> str:
    """A field of several lines."""
    return shown(request.form.get(name, "")).strip()[:TEXT_LONGEST]


def edit(contact_id: str) -> ResponseReturnValue:
    """What the owner says about this person; only what differs is set, so that the rest stays proposed."""
    desk, _ = here(), here().texts
    if not text("name"):
        return refused(_("A person needs a name. Nothing was changed."), partial(one, contact_id))
    with desk.writing() as tx:
        row = standing(tx, desk, contact_id)
        wishes, problems = _wishes(), _problems(desk.texts)
        changed = {name: value for name, value in wishes.items() if value != getattr(row, name)}
        if changed:
            contacts.edit(tx, contact_id, desk.now, **changed)
            done(tx, _("Saved."))
    if problems:
        sorry(_(KEPT, problems=problems))
    return to("contacts.one", contact_id=contact_id)


def _wishes() -> dict[str, Any]:
    """The fields of the edit form, as the store takes them; without those that cannot be read."""
    form = request.form
    found: dict[str, Any] = {name: text(name, longest) for name, longest in LONGEST.items()}
    found |= {
        "private": form.get("private") == "yes",
        "close": form.get("close") == "yes",
        "interesting": form.get("interesting") == "yes",
        "can_help": [each for each in HELP if each in form.getlist("can_help")],
        "origins": list(origins()),
        "register": form.get("register") or None,
    }
    for name, (read, _why) in READ.items():
        told = form.get(name, "").strip()
        value = read(told) if told else None
        found |= {name: value} if value is not None or not told else {}
    if form.get("circle") in CIRCLES:
        found["circle"] = form["circle"]
    known = {each for pair in REGISTERS.values() for each in pair}
    return found if found["register"] in known else found | {"register": None}


def _problems(texts: Texts) -> str:
    """What of that form cannot be read, in words; empty for nothing."""
    told = {name: request.form.get(name, "").strip() for name in READ}
    wrong = [name for name, text in told.items() if text and READ[name][0](text) is None]
    return " ".join(texts(READ[name][1], told=one_line(told[name], 20), most=RHYTHM_DAYS[-1]) for name in wrong)


# How fields are read that are more than a line, and what is said of those that cannot be.
READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "rhythm_days": (lambda text: typed.number(text, RHYTHM_DAYS), typed.NO_NUMBER),
    "paused_until": (typed.day, typed.NO_DAY),
}


def plan(contact_id: str) -> ResponseReturnValue:
    """The goal with this person, and what it is about."""
    desk, _ = here(), here().texts
    goal = request.form.get("goal", "")
    with desk.writing() as tx:
        standing(tx, desk, contact_id)
        plans.set_goal(
            tx, contact_id, desk.now, goal=goal if goal in GOALS and goal else None,
            find_out=lines("find_out"), sector=text("sector"), role=text("wanted_role"),
            named_person=text("named_person"),
        )  # fmt: skip
        done(tx, _("Saved. The question list follows it."))
    return to("contacts.one", contact_id=contact_id)


def note(contact_id: str) -> ResponseReturnValue:
    """What was said, tips, names, and promises of either side."""
    desk, _ = here(), here().texts
    try:
        said = talknotes.given(desk)
    except NotPossible as ahead:
        return refused(_(str(ahead)), partial(one, contact_id))
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
