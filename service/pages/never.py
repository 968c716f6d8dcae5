"""Whom the owner never wants to hear of: people, addresses, domains. For their eyes alone."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import contacts, never
from keepwarm.texts import Texts
from service.desk import done, here, to
from service.refusing import refused

pages = Blueprint("never", __name__)

LONGEST = 400  # characters; an address has at most 320


@pages.get("/never")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        found = never.never_list(tx, desk.now)
    return render_template("never.html", found=found)


@pages.post("/never")
def add() -> ResponseReturnValue:
    """One more address or domain; who is there already is kept away at once."""
    desk, _ = here(), here().texts
    told = request.form.get("told", "")[:LONGEST].strip()
    try:
        with desk.writing() as tx:
            people = never.bar(tx, told, desk.now)
            done(tx, _added(_, told, people))
    except NotPossible as problem:
        return refused(_(str(problem)), overview)
    return to("never.overview")


def _added(texts: Texts, told: str, people: int) -> str:
    if not people:
        return texts("{what} is on the list.", what=told)
    return texts.ngettext(
        "{what} is on the list. {number} person you know there is left in peace from now on.",
        "{what} is on the list. {number} people you know there are left in peace from now on.",
        people,
        what=told,
    )


@pages.post("/never/<entry_id>/remove")
def remove(entry_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        gone = never.unbar(tx, entry_id, desk.now)
        done(tx, _("{what} is off the list.", what=gone.value))
    return to("never.overview")


@pages.post("/never/people/<contact_id>/remove")
def let_in(contact_id: str) -> ResponseReturnValue:
    """Somebody is off the list: left out, and may be found again."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        name = contacts.contact(tx, contact_id, desk.now).name
        contacts.ignore(tx, [contact_id], desk.now)
        done(tx, _("{name} is off the list, and stands among those left out.", name=name))
    return to("never.overview")
