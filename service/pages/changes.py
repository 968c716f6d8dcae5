"""The last changes, and taking them back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import changes
from service import typed
from service.auth import known_page
from service.desk import here, say, sorry, to
from service.wake import wake_outbox
from workers import undoing

pages = Blueprint("changes", __name__)

ROWS = 50


@pages.get("/changes")
def overview() -> ResponseReturnValue:
    with here().reading() as tx:
        rows = changes.changes(tx, ROWS)
    return render_template("changes.html", rows=rows)


@pages.post("/undo")
def undo() -> ResponseReturnValue:
    """Take back the last change, or the one named, if it is the newest that still stands."""
    desk, _ = here(), here().texts
    told = request.form.get("change", "")
    asked = typed.number(told, typed.KEYS)
    if told and asked is None:
        raise NotFound("There is no such change.")
    try:
        undoing.undo(desk.runtime, desk.owner.id, asked)
    except NotPossible as problem:
        sorry(_(str(problem)))
    else:
        wake_outbox(desk.runtime, desk.owner.id)  # a follow-up may return to its hour
        say(_("Taken back."))
    return to(known_page(request.form.get("back", "")) or "home.today")
