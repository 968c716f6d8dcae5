"""Talks that were held: how each went, what came of it, and the log of all, to search and to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import contacts, held, notes, views
from keepwarm.zones import to_utc
from service import choosing, talknotes, typed
from service.desk import Desk, done, here, to
from service.refusing import refused

pages = Blueprint("talks", __name__)

PAGE = 50
ON_PAPER = 500  # notes printed at once; ours
TOGETHER = 8  # people of one talk


@pages.get("/talks")
def log() -> ResponseReturnValue:
    """Talks to look back on, then all that was written down."""
    desk = here()
    asked = _asked(desk)
    with desk.reading() as tx:
        open_ones = [each for each in held.held_talks(tx, views.world(tx, desk.now, only=[])) if not each.noted]
        found = notes.all_notes(tx, limit=PAGE + 1, **asked["wanted"])
        ids = {each.contact_id for each in found[:PAGE]} | {who for each in open_ones for who in each.contacts}
        rows = contacts.contact_rows(tx, sorted(ids | {asked["whom"]} - {""}), desk.now)
    return render_template(
        "talks.html", open_ones=open_ones, found=found[:PAGE], more=len(found) > PAGE, rows=rows, asked=asked,
    )  # fmt: skip


@pages.get("/talks/print")
def on_paper() -> ResponseReturnValue:
    """The log as a document: what was asked for, the oldest first."""
    desk = here()
    asked = _asked(desk)
    with desk.reading() as tx:
        found = notes.all_notes(tx, limit=ON_PAPER + 1, **asked["wanted"])
        rows = contacts.contact_rows(tx, sorted({each.contact_id for each in found} | {asked["whom"]} - {""}), desk.now)
    more, shown = len(found) > ON_PAPER, list(reversed(found[:ON_PAPER]))
    return render_template("talks_print.html", found=shown, more=more, rows=rows, asked=asked)


def _asked(desk: Desk) -> dict[str, Any]:
    """The period, the words and the person asked for, as typed and as `notes.all_notes` takes them."""
    args, zone = request.args, desk.owner.zone
    begin, end = typed.day(args.get("from", "")), typed.day(args.get("to", ""))
    search, whom = args.get("q", "").strip()[:100], args.get("with", "")[:32]
    wanted: dict[str, Any] = {"search": search, "contact_id": whom}
    wanted["since"] = to_utc(begin, time(), zone) if begin else None
    wanted["until"] = to_utc(end + timedelta(days=1), time(), zone) if end else None
    return {"wanted": wanted, "search": search, "whom": whom, "begin": begin, "end": end}


@pages.get("/talks/new")
def new() -> ResponseReturnValue:
    """A talk that stands in no calendar: first whom it was with, found by name, then what came of it."""
    return _chosen(request.args.getlist("with"), request.args.get("q", ""))


def _chosen(whom: Sequence[str], search: str = "") -> str:
    """The page with these people, and whoever fits what was typed to find another."""
    desk = here()
    with desk.reading() as tx:
        return render_template("talk_new.html", **choosing.around(tx, whom, search, desk.now, most=TOGETHER))


@pages.post("/talks")
def add() -> ResponseReturnValue:
    """A talk that stands in no calendar: by telephone, by chance.

    The same form finds, adds and takes away who was there, so that a note begun is not lost by it.
    """
    desk, _, asked = here(), here().texts, choosing.asked(request.form)
    page = partial(_chosen, asked.whom, asked.search)
    if asked.choosing:
        return page()
    try:
        said = talknotes.given(desk)
    except NotPossible as ahead:
        return refused(_(str(ahead)), page)
    if not asked.whom or not said:
        why = _("Choose whom you talked to, and write a line about it. Nothing was kept yet.")
    elif asked.search:
        why = _("Choose who else was there, or empty the field with their name. Nothing was kept yet.")
    else:
        return _kept(list(asked.whom), said)
    return refused(why, page)


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
        return refused(_("There was nothing to keep yet."), partial(after, event_id))
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
