"""A talk ahead that stands in no calendar, noted by hand and called off again: its questions come like all others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.store import booking
from keepwarm.zones import to_utc
from service import choosing, typed
from service.desk import Desk, done, here, sorry, to
from service.refusing import refused
from service.wake import wake_outbox

pages = Blueprint("booking", __name__)


@pages.get("/coming/new")
def new() -> ResponseReturnValue:
    """First whom it is with, found by name, then when."""
    return _page(request.args.getlist("with"), request.args.get("q", ""))


def _page(whom: Sequence[str], search: str = "") -> str:
    desk = here()
    with desk.reading() as tx:
        around = choosing.around(tx, whom, search, desk.now, most=booking.TOGETHER)
    around["chosen"] = [row for row in around["chosen"] if not row.private]
    return render_template("book.html", **around, longest=booking.TITLE_LONGEST, usual=booking.USUAL)


@pages.post("/coming/new")
def book() -> ResponseReturnValue:
    """Keep it; the same form finds, adds and takes away who will be there."""
    desk, _, asked = here(), here().texts, choosing.asked(request.form)
    page = partial(_page, asked.whom, asked.search)
    if asked.choosing:
        return page()
    at, minutes = _moment(desk), typed.number(request.form.get("minutes", ""), booking.MINUTES)
    if not asked.whom or asked.search:
        return refused(_("Choose whom you will talk to. Nothing was kept yet."), page)
    if at is None or minutes is None:
        return refused(_("Choose a day, an hour and how many minutes, 5 to 600. Nothing was kept yet."), page)
    title, place = (one_line(request.form.get(name, ""), booking.TITLE_LONGEST) for name in ("title", "place"))
    try:
        with desk.writing() as tx:
            kept = booking.book(tx, asked.whom, desk.now, at=at, minutes=minutes, title=title, location=place)
            done(tx, _("Noted. Here is what to ask; the list comes by mail in time."))
    except NotPossible as problem:
        return refused(_(str(problem)), page)
    wake_outbox(desk.runtime, desk.owner.id)
    return to("coming.talk", event_id=kept)


def _moment(desk: Desk) -> datetime | None:
    """The day and hour typed, on the owner's clocks, in UTC."""
    on = typed.day(request.form.get("on", ""))
    try:
        hour = time.fromisoformat(request.form.get("hour", "").strip())
    except ValueError:
        return None
    return to_utc(on, hour, desk.owner.zone) if on and hour.tzinfo is None else None


@pages.post("/coming/talk/<event_id>/call-off")
def call_off(event_id: str) -> ResponseReturnValue:
    """It does not take place, or at another time: then it is noted anew."""
    desk, _ = here(), here().texts
    try:
        with desk.writing() as tx:
            booking.call_off(tx, event_id, desk.now)
            done(tx, _("Called off here. Tell them too, if you have not."))
    except NotPossible as problem:
        sorry(_(str(problem)))
    return to("coming.overview")
