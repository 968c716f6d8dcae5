"""Organisations: where the people of the network work and where the owner would like to be; a page for each."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.store import organisations, profiles, ties, views
from keepwarm.store.plans import plans
from service import typed
from service.desk import done, here, sorry, to
from service.pages.me import FULL, TARGETS
from service.pages.ways import picture_of

pages = Blueprint("organisations", __name__)

PAGE = 25


@pages.get("/organisations")
def overview() -> ResponseReturnValue:
    desk = here()
    search = one_line(request.args.get("q", ""), 100)
    page = _page()
    with desk.reading() as tx:
        found, number = organisations.organisations(tx, desk.now, search=search, limit=PAGE, offset=page * PAGE)
    return render_template(
        "organisations.html", found=found, number=number, search=search, page=page, more=number > (page + 1) * PAGE
    )


def _page() -> int:
    return typed.number(request.args.get("page", ""), typed.PAGES) or 0


@pages.get("/organisations/<key>")
def one(key: str) -> ResponseReturnValue:
    """Who works there, who did, ways in, what was said and planned."""
    desk = here()
    with desk.reading() as tx:
        whole = organisations.organisation(tx, key, desk.now)
        ways = ties.ways_into(tx, views.world(tx, desk.now), whole.organisation.name)
        names = {each.id: each for each in plans(tx)}
    return render_template(
        "organisation.html", whole=whole, org=whole.organisation, ways=ways, picture=picture_of(ways), plans=names
    )


@pages.post("/organisations/<key>/target")
def target(key: str) -> ResponseReturnValue:
    """On or off the list of organisations where the owner would like to be."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        found = organisations.organisation(tx, key, desk.now).organisation
        try:
            if found.target is not None:
                profiles.remove_target(tx, found.target.id, desk.now)
                done(tx, _("Taken off your list."))
            elif len(profiles.targets(tx)) >= TARGETS:
                sorry(_(FULL))
            else:
                profiles.add_target(tx, desk.now, name=found.name)
                done(tx, _("{name} is on your list.", name=found.name))
        except NotPossible as why:
            sorry(_(str(why)))
    gone = found.target is not None and not found.people and not found.planned
    return to("organisations.overview") if gone else to("organisations.one", key=key)
