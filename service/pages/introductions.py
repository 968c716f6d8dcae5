"""Introductions: who leads to a person or into an organisation, and what became of the requests made so far."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.contacts import organisation_key
from keepwarm.foreign import one_line
from keepwarm.store import Tx, introductions, organisations, ties, views
from keepwarm.store.views import World
from service.choosing import find
from service.desk import Desk, here
from service.pages.ways import picture_of

pages = Blueprint("introductions", __name__)

KNOWN = 8  # people named at an organisation; ours
OFFERED = 30  # organisations to pick from without typing; ours


@pages.get("/introductions")
def overview() -> ResponseReturnValue:
    """Found by what was typed, or the ways to whoever was chosen; beside it the requests."""
    desk, args = here(), request.args
    search = one_line(args.get("q", ""), 100)
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        asked = introductions.introductions(tx, at_now)
        offered, _all = organisations.organisations(tx, desk.now, limit=OFFERED)
        shown = _shown(desk, tx, search, at_now)
    shown |= {"requested": {each.whom.id: each for each in asked}, "picture": picture_of(shown["ways"] or ())}
    return render_template("introductions.html", search=search, asked=asked, offered=offered, **shown)


def _shown(desk: Desk, tx: Tx, search: str, at_now: World) -> dict[str, Any]:
    args = request.args
    if args.get("whom"):
        return _to_person(tx, at_now, args["whom"])
    name = one_line(args.get("at", ""), 200)
    if organisation_key(name):
        return _into(tx, at_now, name)
    places, _number = organisations.organisations(tx, desk.now, search=search, limit=8) if search else ([], 0)
    return {"row": None, "at": "", "ways": None, "known": [], "places": places, "found": find(tx, search, desk.now)}


def _to_person(tx: Tx, at_now: World, contact_id: str) -> dict[str, Any]:
    row = at_now.people.get(contact_id) or abort(404)
    ways = ties.ways_to(tx, at_now, [contact_id])
    return {"row": row, "at": "", "ways": ways, "known": [], "places": [], "found": None}


def _into(tx: Tx, at_now: World, name: str) -> dict[str, Any]:
    ways = ties.ways_into(tx, at_now, name)
    known = ties.known_there(tx, at_now, name, KNOWN)
    return {"row": None, "at": name, "ways": ways, "known": known, "places": [], "found": None}
