"""Everybody, and one contact: who they are, how we know each other, what was said, and what to ask next time."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.foreign import one_line, shown
from keepwarm.plan import HELP, proposed_help
from keepwarm.questions import REGISTERS, prepare
from keepwarm.snooze import CHOICES
from keepwarm.store import Tx, contacts, follow_ups, notes, occasions, plans, profiles, views
from keepwarm.store.contacts import ContactRow
from service import talknotes
from service.answers import ABOUT_CONTACT, Answer, carry_out, says
from service.auth import known_page
from service.desk import Desk, done, here, say, sorry, to
from service.newcomer import is_email
from service.pages.judge import page_number
from service.people import person
from service.words import GOALS, ORIGINS

pages = Blueprint("contacts", __name__)

PAGE = 100
STATES = ("active", "proposed", "ignored", "never")
LONGEST = {"name": 200, "organisation": 200, "role": 200, "organisation_kind": 200}  # characters; ours
TEXT_LONGEST = 4_000
YEAR = 366  # days


@pages.get("/contacts")
def everybody() -> ResponseReturnValue:
    """The list, with search over name, organisation and address, and filters by circle and state."""
    desk, asked = here(), request.args
    state = asked.get("state", "active") if asked.get("state") in STATES else "active"
    circle = asked.get("circle", "") if asked.get("circle") in CIRCLES else ""
    search = asked.get("q", "").strip()[:100]
    with desk.reading() as tx:
        rows = contacts.contacts(tx, states=[state], now=desk.now, search=search)
        at_now, known = views.world(tx, desk.now, only=[]), views.known_people(tx)
    chosen = [row for row in rows if not circle or row.circle == circle]
    start = page_number() * PAGE
    people = [person(row, at_now, known) for row in chosen[start : start + PAGE]]
    return render_template(
        "contacts.html", people=people, total=len(chosen), state=state, circle=circle, search=search, states=STATES,
        circles=CIRCLES, page=page_number(), more=len(chosen) > start + PAGE, origins=ORIGINS,
    )  # fmt: skip


@pages.post("/contacts")
def add() -> ResponseReturnValue:
    """Somebody whom no file knows, by hand."""
    desk, _ = here(), here().texts
    name, address = _text("name"), _text("address").lower()
    if not name or (address and not is_email(address)):
        sorry(_("A new person needs a name. If you give an e-mail address, it has to look like one."))
        return to("contacts.everybody")
    circle = request.form.get("circle")
    with desk.writing() as tx:
        contact_id = contacts.add_contact(
            tx, name=name, address=address, organisation=_text("organisation"), origins=_origins(),
            circle=circle if circle in CIRCLES else None, now=desk.now,
        )  # fmt: skip
        done(tx, _("{name} is in your network now.", name=name))
    return to("contacts.one", contact_id=contact_id)


def _text(name: str, longest: int = 200) -> str:
    """A field of one line, without hidden characters: people paste from mails and pages."""
    return one_line(request.form.get(name, ""), longest)


def _lines(name: str) -> str:
    """A field of several lines."""
    return shown(request.form.get(name, "")).strip()[:TEXT_LONGEST]


def _origins() -> tuple[str, ...]:
    return tuple(each for each in request.form.getlist("origins") if each in ORIGINS)


# --- one contact ----------------------------------------------------------------------------------------------------


@pages.get("/contacts/<contact_id>")
def one(contact_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        row = _shown(tx, desk, contact_id)
        facts = {
            "timeline": contacts.timeline(tx, contact_id, desk.now),
            "notes": notes.notes_about(tx, contact_id),
            "promises": notes.promises(tx, contact_id),
            "plan": plans.plan_entry(tx, contact_id),
            "likely_help": proposed_help(row.role, target=bool(profiles.targets_of(tx, row.organisation))),
            "follow_ups": follow_ups.follow_ups(tx, states=["planned", "placed", "moved"], contact_id=contact_id),
        }
        at_now, known = views.world(tx, desk.now, only=[contact_id]), views.known_people(tx)
        facts |= {
            "new_role": next(iter(occasions.new_roles(tx, at_now)), None),
            "birthday": next(iter(occasions.birthdays(tx, at_now, YEAR)), None),
        }
        asked = (
            prepare(views.situation(tx, contact_id, desk.now)) if row.state == "active" and not row.private else None
        )
    return render_template(
        "contact.html", it=person(row, at_now, known), **facts, circles=CIRCLES, goals=GOALS,
        origins=ORIGINS, help=HELP, registers=REGISTERS[row.lang or desk.owner.lang],
        questions=asked, later=CHOICES,
    )  # fmt: skip


def _shown(tx: Tx, desk: Desk, contact_id: str) -> ContactRow:
    """The contact; 404 for one that is not this owner's or was erased."""
    row = contacts.contact(tx, contact_id, desk.now)
    if row.state == "erased":
        abort(404)
    return row


@pages.post("/contacts/<contact_id>/edit")
def edit(contact_id: str) -> ResponseReturnValue:
    """What the owner says about this person; only what differs is set, so that the rest stays proposed."""
    desk, _ = here(), here().texts
    if not _text("name"):
        sorry(_("A person needs a name. Nothing was changed."))
        return to("contacts.one", contact_id=contact_id)
    with desk.writing() as tx:
        row = _shown(tx, desk, contact_id)
        changed = {name: value for name, value in _wishes().items() if value != getattr(row, name)}
        if changed:
            contacts.edit(tx, contact_id, desk.now, **changed)
            done(tx, _("Saved."))
    return to("contacts.one", contact_id=contact_id)


def _wishes() -> dict[str, Any]:
    """The fields of the edit form, as the store takes them."""
    form = request.form
    rhythm = form.get("rhythm_days", "").strip()
    found: dict[str, Any] = {name: _text(name, longest) for name, longest in LONGEST.items()}
    found |= {
        "private": form.get("private") == "yes",
        "close": form.get("close") == "yes",
        "interesting": form.get("interesting") == "yes",
        "can_help": [each for each in HELP if each in form.getlist("can_help")],
        "origins": list(_origins()),
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


@pages.post("/contacts/<contact_id>/plan")
def plan(contact_id: str) -> ResponseReturnValue:
    """The goal with this person, and what it is about."""
    desk, _ = here(), here().texts
    goal = request.form.get("goal", "")
    with desk.writing() as tx:
        _shown(tx, desk, contact_id)
        plans.set_goal(
            tx, contact_id, desk.now, goal=goal if goal in GOALS and goal else None,
            find_out=_lines("find_out"), sector=_text("sector"), role=_text("wanted_role"),
            named_person=_text("named_person"),
        )  # fmt: skip
        done(tx, _("Saved. The question list follows it."))
    return to("contacts.one", contact_id=contact_id)


@pages.post("/contacts/<contact_id>/note")
def note(contact_id: str) -> ResponseReturnValue:
    """What was said, tips, names, and promises of either side."""
    desk, _ = here(), here().texts
    said = talknotes.given(desk)
    if not said:
        sorry(_("There was nothing to keep yet."))
        return to("contacts.one", contact_id=contact_id)
    with desk.writing() as tx:
        _shown(tx, desk, contact_id)
        notes.add_note(tx, contact_id, desk.now, **said)
        done(tx, _("Saved. It comes back in the next question list."))
    return to("contacts.one", contact_id=contact_id)


@pages.post("/contacts/<contact_id>/promise/<promise_id>")
def keep_promise(contact_id: str, promise_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        _shown(tx, desk, contact_id)
        if promise_id not in {str(each.id) for each in notes.promises(tx, contact_id)}:
            abort(404)
        notes.keep_promise(tx, promise_id, desk.now)
        done(tx, _("A promise kept."))
    return _back(contact_id)


@pages.post("/contacts/<contact_id>/answer")
def answer(contact_id: str) -> ResponseReturnValue:
    """One word about them: got in touch, later, let go, laid to rest."""
    desk, do = here(), request.form.get("do", "")
    if do not in ABOUT_CONTACT:
        abort(400)
    until, said = request.form.get("until", "digest"), _text("said", 500)
    with desk.writing() as tx:
        row = _shown(tx, desk, contact_id)
        carry_out(Answer(tx=tx, contact_id=contact_id, now=desk.now, said=said, until=until), do)
        done(tx, says(desk.texts, do, row.name))
    return _back(contact_id)


def _back(contact_id: str) -> ResponseReturnValue:
    """To the page that the form stood on, if it named one; else to the person."""
    asked = known_page(request.form.get("back", ""))
    return to(asked) if asked else to("contacts.one", contact_id=contact_id)


@pages.post("/contacts/<contact_id>/work")
def take_over_work(contact_id: str) -> ResponseReturnValue:
    """What a later card says of their work becomes what this contact says."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        at_now = views.world(tx, desk.now, only=[contact_id])
        found = next(iter(occasions.new_roles(tx, at_now)), None) or abort(404)
        contacts.edit(tx, contact_id, desk.now, organisation=found.organisation, role=found.role)
        done(tx, _("Saved."))
    return to("contacts.one", contact_id=contact_id)


@pages.route("/contacts/<contact_id>/erase", methods=["GET", "POST"])
def erase(contact_id: str) -> ResponseReturnValue:
    """Ask first, then erase for good: the one thing that has no undo."""
    desk, _ = here(), here().texts
    with desk.reading() as tx:
        row = _shown(tx, desk, contact_id)
    if request.method == "GET":
        return render_template("erase.html", row=row)
    if request.form.get("sure") != "yes":
        sorry(_("Nothing was erased: tick the box to say that you are sure."))
        return to("contacts.erase", contact_id=contact_id)
    with desk.writing() as tx:
        contacts.erase(tx, contact_id, desk.now)
    say(_("Erased. No file will bring this person back."))
    return to("contacts.everybody")
