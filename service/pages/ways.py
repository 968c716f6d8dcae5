"""Who can introduce me: ways to a person, or into an organisation, over people the owner knows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.foreign import one_line
from keepwarm.paths import Way
from keepwarm.pictures import Chain, chain
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
    return render_template(
        "ways.html", row=row, organisation="", found=found, people=at_now.people, known=[], picture=_picture(found)
    )


@pages.get("/ways")
def into_organisation() -> ResponseReturnValue:
    desk = here()
    organisation = one_line(request.args.get("at", ""), 200)
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        found = ties.ways_into(tx, at_now, organisation)
        known = ties.people_at(tx, at_now, organisation)
    return render_template(
        "ways.html", row=None, organisation=organisation, found=found, people=at_now.people, known=known,
        picture=_picture(found),
    )  # fmt: skip


def _picture(found: Sequence[Way]) -> Chain | None:
    return chain(found, here().texts("me")) if found else None
