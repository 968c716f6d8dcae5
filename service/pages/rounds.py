"""Telling those who helped how it goes: the owner says it once, each gets a text of their own, a few a week."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.foreign import shown
from keepwarm.store import accounts, notes, rounds, views
from keepwarm.texts import LANGUAGES
from service.desk import done, here, to
from service.refusing import refused

pages = Blueprint("rounds", __name__)

LONGEST = 2_000


@pages.get("/round")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        found = rounds.current(tx, at_now)
        helpers = rounds.helpers(tx, at_now, desk.now) if found is None else {}
        reads_mail = any(each.stream.kind == "mail" for each in accounts.streams(tx))
    languages = [desk.owner.lang, *(each for each in LANGUAGES if each != desk.owner.lang)]
    people = sorted((at_now.people[each] for each in helpers), key=lambda row: row.name.casefold())
    return render_template(
        "round.html", round=found, helpers=helpers, people=people, languages=languages, reads_mail=reads_mail
    )


@pages.post("/round")
def begin() -> ResponseReturnValue:
    desk, _, form = here(), here().texts, request.form
    news = {lang: shown(form.get(f"news_{lang}", "")).strip()[:LONGEST] for lang in LANGUAGES}
    kind = "closing" if form.get("kind") == "closing" else "progress"
    try:
        with desk.writing() as tx:
            rounds.begin(tx, desk.now, kind, {lang: text for lang, text in news.items() if text})
            done(tx, _("Begun. Each text waits for you to send it."))
    except NotPossible as why:
        return refused(_(str(why)), overview)
    return to("rounds.overview")


@pages.post("/round/leave-out")
def leave_out() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        rounds.leave_out(tx, desk.now, request.form.get("contact", ""))
        done(tx, _("Left out of this round."))
    return to("rounds.overview")


@pages.post("/round/told")
def told() -> ResponseReturnValue:
    """The owner's word that they told somebody, where no mail shows it. 404 for somebody not in this round."""
    desk, _ = here(), here().texts
    whom = request.form.get("contact", "")
    with desk.writing() as tx:
        found = rounds.current(tx, views.world(tx, desk.now))
        if found is None or whom not in {each.contact.id for each in (*found.turn, *found.waiting)}:
            abort(404)
        notes.in_touch(tx, whom, desk.now)
        done(tx, _("Noted: you told them."))
    return to("rounds.overview")


@pages.post("/round/end")
def end() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        rounds.end(tx, desk.now)
        done(tx, _("The round is over."))
    return to("rounds.overview")
