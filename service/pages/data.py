"""The owner's data: take it along in four forms, bring it in again, and erase everything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, abort, flash, g, render_template, request, session
from flask.typing import ResponseReturnValue

from keepwarm.store import leaving
from keepwarm.texts import LANGUAGES, Texts, mark
from keepwarm.zones import local
from service import newcomer
from service.auth import present
from service.desk import Desk, here, runtime, to
from service.refusing import refused
from workers import exporting
from workers.leaving import entries, leave

pages = Blueprint("data", __name__)

PIECE = 256 * 1024  # bytes
WORD = mark("ERASE")  # what an owner without a password types; short, and nobody types it by mistake
FORMATS = {  # what it is for, and what is in it
    "json": (
        mark("Everything, for Keepwarm"),
        mark(
            "People with their addresses and where these came from, notes, promises, plans, talks, your own lists,"
            " settings: all you wrote and decided. Another Keepwarm brings it back in full from the page Files. It"
            " holds no password, and nothing of what a mail says."
        ),
    ),
    "vcard": (
        mark("Address book (vCard)"),
        mark("The people of your network, for any address book. Your notes stay here."),
    ),
    "csv": (
        mark("Table (CSV)"),
        mark("One line for each person of your network, with the last note: for a spreadsheet."),
    ),
    "ical": (
        mark("Calendar (iCalendar)"),
        mark("Talks with people of your network, and follow-ups to come, without anybody being invited."),
    ),
}


@pages.get("/data")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        kept = leaving.kept(tx)
    return render_template("data.html", formats=FORMATS, kept=kept)


@pages.get("/data/<name>")
def export(name: str) -> ResponseReturnValue:
    """The export of this name, written to our disk first: it is of one moment, and complete or not there at all."""
    desk = here()
    if name not in exporting.FORMATS:
        abort(404)
    form = exporting.FORMATS[name]
    file: IO[bytes] = tempfile.TemporaryFile(dir=desk.runtime.owner_home(desk.owner.id))  # noqa: SIM115 - sent below
    exporting.write(desk.runtime, desk.owner.id, name, file)  # type: ignore[arg-type]  # a binary file
    length = file.tell()
    file.seek(0)
    called = f"keepwarm-{local(desk.now, desk.owner.zone).date():%Y-%m-%d}.{form.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{called}"', "Content-Length": str(length)}
    answer = Response(_pieces(file), content_type=form.kind, headers=headers)
    answer.call_on_close(file.close)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


# --- erasing everything ---------------------------------------------------------------------------------------------


@pages.get("/data/erase")
def ask() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        kept = leaving.kept(tx)
    return render_template("erase_all.html", kept=kept, standing=entries(desk.runtime, desk.owner.id), word=WORD)


@pages.post("/data/erase")
def erase() -> ResponseReturnValue:
    """Erase the owner, once they have shown that it is they, and that they mean it."""
    desk, _ = here(), here().texts
    if problem := _problem(desk):
        return refused(problem, ask)
    troubles = leave(desk.runtime, desk.owner.id, remove_events=request.form.get("events") == "remove")
    session.clear()
    for each in troubles:
        flash(_(each), "sorry")
    return to("data.goodbye", lang=desk.owner.lang)


def _problem(desk: Desk) -> str:
    """Why it is not done; empty once the password, or the word, is right."""
    _ = desk.texts
    if request.form.get("sure") != "yes":
        return _("Tick the box to say that you mean it. Nothing was erased.")
    if not desk.owner.has_password:
        typed = request.form.get("word", "").strip().casefold()
        return "" if typed == _(WORD).casefold() else _("Type the word {word}. Nothing was erased.", word=_(WORD))
    return present.unknown(desk)


@pages.get("/goodbye")
def goodbye() -> ResponseReturnValue:
    """What is said to somebody of whom nothing is left, in the language they had."""
    if request.args.get("lang") in LANGUAGES:
        g.texts = Texts.load(request.args["lang"])
    with runtime().store.system(write=False) as tx:
        somebody = newcomer.anybody_can_sign_in(tx)
    return render_template("goodbye.html", somebody=somebody)
