"""Question lists: read one, leave questions out, say them in one's own words, add one's own."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound, NotPossible
from keepwarm.questions import LONGEST, MOST, REGISTERS, TYPES, OwnList, load_lists
from keepwarm.store import Tx, own_lists
from service import typed
from service.desk import done, here, to
from service.refusing import refused

pages = Blueprint("questions", __name__)


def _lang() -> str:
    """The language asked for, else the owner's."""
    asked = request.values.get("lang", "")
    mine = here().owner.lang
    return asked if asked in REGISTERS else mine if mine in REGISTERS else "en"


@pages.get("/questions")
def overview() -> ResponseReturnValue:
    """All lists, and how many questions of each are the owner's doing."""
    desk, lang = here(), _lang()
    with desk.reading() as tx:
        mine = own_lists.own_lists(tx).get(lang, {})
    lists = [load_lists(lang)[each] for each in TYPES]
    return render_template("questions.html", lists=lists, mine=mine, lang=lang, languages=tuple(REGISTERS))


@pages.get("/questions/<kind>")
def one(kind: str) -> ResponseReturnValue:
    desk, lang = here(), _lang()
    if kind not in TYPES:
        raise NotFound("There is no such question list.")
    with desk.reading() as tx:
        own = own_lists.own_lists(tx).get(lang, {}).get(kind, OwnList())
    stored = load_lists(lang)[kind]
    return render_template(
        "question_list.html", stored=stored, own=own, lang=lang, languages=tuple(REGISTERS), longest=LONGEST,
        formal=REGISTERS[lang][1], familiar=REGISTERS[lang][0],
    )  # fmt: skip


@pages.post("/questions/<kind>")
def change(kind: str) -> ResponseReturnValue:
    """One change to one list."""
    desk, lang = here(), _lang()
    try:
        with desk.writing() as tx:
            _carry_out(tx, kind, lang)
            done(tx, desk.texts("Saved."))
    except NotPossible as problem:
        return refused(desk.texts(str(problem)), partial(one, kind))
    return to("questions.one", kind=kind, lang=lang)


def _carry_out(tx: Tx, kind: str, lang: str) -> None:
    form, now = request.form, here().now
    do, which, text = form.get("do", ""), form.get("question", ""), form.get("text", "")
    if do in {"hide", "show"}:
        own_lists.hide(tx, kind, lang, which, now, again=do == "show")
    elif do == "word":
        own_lists.word(tx, kind, lang, which, text, now)
    elif do == "add":
        own_lists.add(tx, kind, lang, text, now)
    elif do == "remove":
        own_lists.remove(tx, kind, lang, typed.number(which, range(MOST + 1)) or 0, now)
    elif do == "prepared":
        own_lists.as_prepared(tx, kind, lang, now)
    else:
        raise NotPossible("This is nothing that can be done with a list. Nothing was changed.")
