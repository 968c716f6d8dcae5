"""Talks that were held: how each went, what came of it, and the log of all, to search and to print."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.store import contacts, held, notes, views
from service import talknotes
from service.desk import done, here, sorry, to
from service.pages.plan import network

pages = Blueprint("talks", __name__)

PAGE = 100


@pages.get("/talks")
def log() -> ResponseReturnValue:
    """Talks to look back on, then all that was written down."""
    desk = here()
    search = request.args.get("q", "").strip()[:100]
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        open_ones = [each for each in held.held_talks(tx, at_now) if not each.noted]
        found = notes.all_notes(tx, search)
        rows = contacts.contact_rows(tx, sorted({each.contact_id for each in found[:PAGE]}), desk.now)
    people = network(at_now)
    return render_template(
        "talks.html", open_ones=open_ones, found=found[:PAGE], more=len(found) > PAGE, rows=rows, search=search,
        people=people, everybody=at_now.people,
    )  # fmt: skip


@pages.post("/talks")
def add() -> ResponseReturnValue:
    """A talk that stands in no calendar: by telephone, by chance."""
    desk, _ = here(), here().texts
    whom = [each for each in request.form.getlist("contact") if each]
    said = talknotes.given(desk)
    if not whom or not said:
        sorry(_("Choose whom you talked to, and write a line about it. Nothing was kept yet."))
        return to("talks.log")
    return _kept(whom, said)


@pages.get("/talks/<event_id>")
def after(event_id: str) -> ResponseReturnValue:
    """How did it go: five fields, each of which may stay empty."""
    desk = here()
    with desk.reading() as tx:
        found = held.held_talk(tx, event_id, desk.now)
        people = contacts.contact_rows(tx, found.contacts, desk.now)
        before = [each for contact_id in found.contacts for each in notes.notes_about(tx, contact_id)]
    here_before = [each for each in before if str(each.event_id) == event_id]
    return render_template("after.html", talk=found, people=list(people.values()), before=here_before)


@pages.post("/talks/<event_id>")
def note(event_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    said = talknotes.given(desk)
    if not said:
        sorry(_("There was nothing to keep yet."))
        return to("talks.after", event_id=event_id)
    with desk.reading() as tx:
        found = held.held_talk(tx, event_id, desk.now)
    return _kept(list(found.contacts), said | {"event_id": event_id, "at": found.event.start_at})


def _kept(whom: list[str], said: dict[str, Any]) -> ResponseReturnValue:
    """Note the talk with the first of them in full, with the others what was said; then offer to say thanks."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        known = views.world(tx, desk.now, only=whom).people
        if any(each not in known for each in whom):
            abort(404)
        notes.add_note(tx, whom[0], desk.now, others=whom[1:], **said)
        done(tx, _("Noted. A word of thanks does good, within a day."))
    return to("write.offer", contact_id=whom[0], kind="thank")
