"""Who can introduce me: ways to a person, or into an organisation, over people the owner knows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.contacts import organisation_key
from keepwarm.foreign import one_line
from keepwarm.paths import Way
from keepwarm.pictures import Chain, chain
from keepwarm.store import around
from service.desk import here

pages = Blueprint("ways", __name__)


@pages.get("/ways/<contact_id>")
def to_person(contact_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        found, at_now = around.ways(tx, desk.now, [contact_id])
    row = at_now.people.get(contact_id) or abort(404)
    return render_template(
        "ways.html", row=row, organisation="", found=found, people=at_now.people, known=[], picture=_picture(found)
    )


@pages.get("/ways")
def into_organisation() -> ResponseReturnValue:
    desk = here()
    organisation = one_line(request.args.get("at", ""), 200)
    key = organisation_key(organisation)
    with desk.reading() as tx:
        found, at_now = around.ways_into(tx, desk.now, organisation)
    known = [row for row in at_now.people.values() if key and organisation_key(row.organisation) == key]
    return render_template(
        "ways.html", row=None, organisation=organisation, found=found, people=at_now.people, known=known,
        picture=_picture(found),
    )  # fmt: skip


def _picture(found: Sequence[Way]) -> Chain | None:
    return chain(found, here().texts("me")) if found else None
