"""Who can introduce me: ways to a person over people the owner knows. Those into an organisation: `introductions`."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

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
    return render_template("ways.html", row=row, found=found, picture=picture_of(found))


def picture_of(found: Sequence[Way]) -> Chain | None:
    """These ways drawn; None where there are none."""
    return chain(found, here().texts("me")) if found else None
