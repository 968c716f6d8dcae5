"""Telling those who helped how it goes: the owner says it once, each gets a text of their own, a few a week."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.foreign import shown
from keepwarm.store import rounds, views
from keepwarm.texts import LANGUAGES
from service.desk import done, here, sorry, to

pages = Blueprint("rounds", __name__)

LONGEST = 2_000


@pages.get("/round")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        found = rounds.current(tx, at_now)
        helpers = len(rounds.helpers(tx, at_now, desk.now)) if found is None else 0
    languages = [desk.owner.lang, *(each for each in LANGUAGES if each != desk.owner.lang)]
    return render_template("round.html", round=found, helpers=helpers, languages=languages)


@pages.post("/round")
def begin() -> ResponseReturnValue:
    desk, _, form = here(), here().texts, request.form
    news = {lang: shown(form.get(f"news_{lang}", "")).strip()[:LONGEST] for lang in LANGUAGES}
    kind = "closing" if form.get("kind") == "closing" else "progress"
    with desk.writing() as tx:
        try:
            rounds.begin(tx, desk.now, kind, {lang: text for lang, text in news.items() if text})
        except NotPossible as why:
            sorry(_(str(why)))
        else:
            done(tx, _("Begun. Each text waits for you to send it."))
    return to("rounds.overview")


@pages.post("/round/leave-out")
def leave_out() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        rounds.leave_out(tx, desk.now, request.form.get("contact", ""))
        done(tx, _("Left out of this round."))
    return to("rounds.overview")


@pages.post("/round/end")
def end() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        rounds.end(tx, desk.now)
        done(tx, _("The round is over."))
    return to("rounds.overview")
