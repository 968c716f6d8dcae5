"""A note or a promise put right, or taken out: a small form on a page of its own, and one tap takes it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.aftertalk import NOON, PROMISE_LONGEST
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.store import Tx, corrections
from keepwarm.store.notes import Note
from keepwarm.texts import mark
from keepwarm.zones import local, to_utc
from service import typed
from service.desk import Desk, done, here, say, to
from service.pages.people.one import standing
from service.pages.people.words import lines
from service.refusing import refused
from service.wake import wake_outbox
from workers import nextsteps

NO_DAY = mark("This is no day like 2027-01-04. Nothing was changed.")


def note(contact_id: str, note_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        row, held = standing(tx, desk, contact_id), corrections.note(tx, note_id)
    if held.contact_id != contact_id:
        abort(404)
    on = local(held.at, desk.owner.zone).date()
    page = partial(render_template, "people/correct.html", row=row, note=held, on=on, today=_today(desk))
    return page() if request.method == "GET" else _carry_out(desk, "contacts.correct_note", contact_id, note_id, page)


def promise(contact_id: str, promise_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        row, held = standing(tx, desk, contact_id), corrections.any_promise(tx, promise_id)
    if held.contact_id != contact_id:
        abort(404)
    page = partial(render_template, "people/correct.html", row=row, promise=held)
    if request.method == "GET":
        return page()
    return _carry_out(desk, "contacts.correct_promise", contact_id, promise_id, page)


def _carry_out(
    desk: Desk, form: str, contact_id: str, key: str, page: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """Do what the form says; the ``page`` again, as it was typed, where that cannot be."""
    _ = desk.texts
    try:
        with desk.writing() as tx:
            changed = _apply(tx, desk, form, key)
            if changed:
                nextsteps.tell_anew(desk.runtime, tx, contact_id)
                done(tx, changed)
    except NotPossible as problem:
        return refused(_(str(problem)), page)
    if changed:
        wake_outbox(desk.runtime, desk.owner.id)
    else:
        say(_("Nothing was different, so nothing was changed."))
    return to("contacts.one", contact_id=contact_id)


def _apply(tx: Tx, desk: Desk, form: str, key: str) -> str:
    """What was done, in words; empty if nothing differed. Raises NotPossible."""
    _ = desk.texts
    is_note, deletes = form == "contacts.correct_note", request.form.get("do") == "delete"
    if deletes:
        (corrections.delete_note if is_note else corrections.delete_promise)(tx, key, desk.now)
        return _("The note is deleted.") if is_note else _("The promise is deleted.")
    changed = _correct_note(tx, desk, key) if is_note else _correct_promise(tx, desk, key)
    return _("Saved. Question lists and digests follow it.") if changed else ""


def _correct_note(tx: Tx, desk: Desk, note_id: str) -> bool:
    at = _moment(desk, corrections.note(tx, note_id))
    return corrections.correct_note(tx, note_id, desk.now, said=lines("said"), tips=lines("tips"), at=at)


def _correct_promise(tx: Tx, desk: Desk, promise_id: str) -> bool:
    text, mine = one_line(request.form.get("text", ""), PROMISE_LONGEST), request.form.get("whose") != "theirs"
    return corrections.correct_promise(tx, promise_id, desk.now, text=text, mine=mine, due_on=_day("due_on"))


def _moment(desk: Desk, held: Note) -> datetime | None:
    """The moment on the day that was given; None where that is the day it was, or none was given."""
    on = _day("on")
    if on is None or on == local(held.at, desk.owner.zone).date():
        return None
    return desk.now if on == _today(desk) else to_utc(on, NOON, desk.owner.zone)


def _day(name: str) -> date | None:
    """The day in this field; None for none. Raises NotPossible for what is no day."""
    told = request.form.get(name, "").strip()
    found = typed.day(told)
    if told and found is None:
        raise NotPossible(NO_DAY)
    return found


def _today(desk: Desk) -> date:
    return local(desk.now, desk.owner.zone).date()
