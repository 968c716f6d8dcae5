"""Who can introduce me: ways to a person, or into an organisation, over people the owner knows."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.contacts import organisation_key
from keepwarm.foreign import one_line
from keepwarm.store import ties, views
from service.desk import here

pages = Blueprint("ways", __name__)


@pages.get("/ways/<contact_id>")
def to_person(contact_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        row = at_now.people.get(contact_id) or abort(404)
        found = ties.ways_to(tx, at_now, [contact_id])
    return render_template("ways.html", row=row, organisation="", found=found, people=at_now.people, known=[])


@pages.get("/ways")
def into_organisation() -> ResponseReturnValue:
    desk = here()
    organisation = one_line(request.args.get("at", ""), 200)
    key = organisation_key(organisation)
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        found = ties.ways_into(tx, at_now, organisation) if key else []
        known = ties.people_at(tx, at_now, organisation)
    return render_template(
        "ways.html", row=None, organisation=organisation, found=found, people=at_now.people, known=known
    )
