"""One word about several people at once, as one change: those ticked, or all that were found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.snooze import CHOICES, until
from keepwarm.store import Tx, accounts, contacts, finding, tagging
from service.desk import Desk, done, here, to
from service.pages.people.everybody import page_of, text
from service.pages.people.wishes import as_fields, page_number, wish_in
from service.refusing import refused

MOST = 20_000  # people in one change; ours: what a big mailbox has

Deed = Callable[[Desk, Tx, list[str]], str]


def many() -> ResponseReturnValue:
    """Do what the button says with everybody chosen."""
    desk, _ = here(), here().texts
    wish, deed = wish_in(request.form), DEEDS.get(request.form.get("do", ""))
    problem = ""
    with desk.writing() as tx:
        ids = _chosen(desk, tx)
        if ids is None:
            problem = _("The list is not what it was when you looked. Nothing was changed; look again, then choose.")
        elif not ids or deed is None:
            problem = _("Nobody was chosen. Tick one or more people first.")
        elif not (problem := _missing(desk)):
            done(tx, deed(desk, tx, ids))
    if problem:
        return refused(problem, partial(page_of, wish, page_number()))
    return to("contacts.everybody", **as_fields(wish))


def _chosen(desk: Desk, tx: Tx) -> list[str] | None:
    """The ids ticked, or all found; None where these are no longer as many as were shown."""
    shown = request.form.get("all", "")
    if not shown:
        return [each for each in dict.fromkeys(request.form.getlist("id")) if each]
    found = finding.find(tx, wish_in(request.form), desk.now, limit=MOST)
    return found.ids if shown == str(found.total) and found.total <= MOST else None


def _missing(desk: Desk) -> str:
    """What the deed needs besides people, and did not get."""
    asked = {
        "circle": (request.form.get("to_circle") in CIRCLES, desk.texts("Choose a circle first. Nothing was changed.")),
        "tag": (bool(text("word")), desk.texts("A tag needs a word. Nothing was changed.")),
    }
    given, sentence = asked.get(request.form.get("do", ""), (True, ""))
    return "" if given else sentence


def _network(desk: Desk, tx: Tx, ids: list[str]) -> str:
    count = contacts.accept(tx, ids, private=False, now=desk.now)
    return desk.texts.ngettext(
        "{number} person is now in your network.", "{number} people are now in your network.", count
    )


def _circle(desk: Desk, tx: Tx, ids: list[str]) -> str:
    count = contacts.edit_many(tx, ids, desk.now, circle=request.form["to_circle"])
    return desk.texts.ngettext("The circle of {number} person is set.", "The circle of {number} people is set.", count)


def _tag(desk: Desk, tx: Tx, ids: list[str]) -> str:
    count = tagging.add_tag(tx, ids, text("word"), desk.now)
    return desk.texts.ngettext("{number} person has the tag now.", "{number} more people have the tag now.", count)


def _private(desk: Desk, tx: Tx, ids: list[str]) -> str:
    if request.form.get("tab") in ("new", "left_out", "never"):
        count = contacts.accept(tx, ids, private=True, now=desk.now)
    else:
        count = contacts.edit_many(tx, ids, desk.now, private=True)
    return desk.texts.ngettext(
        "{number} person is kept as private: no question lists, no follow-ups.",
        "{number} people are kept as private: no question lists, no follow-ups.",
        count,
    )


def _leave_out(desk: Desk, tx: Tx, ids: list[str]) -> str:
    count = contacts.ignore(tx, ids, desk.now)
    return desk.texts.ngettext("{number} person is left out.", "{number} people are left out.", count)


def _never(desk: Desk, tx: Tx, ids: list[str]) -> str:
    count = contacts.never(tx, ids, desk.now)
    return desk.texts.ngettext(
        "{number} person will never be proposed again.", "{number} people will never be proposed again.", count
    )


def _later(desk: Desk, tx: Tx, ids: list[str]) -> str:
    wanted = request.form.get("until", "")
    day = until(wanted if wanted in CHOICES else "two_weeks", desk.now, accounts.pace_of(accounts.owner(tx)))
    count = contacts.edit_many(tx, ids, desk.now, paused_until=day)
    return desk.texts.ngettext(
        "{number} person is left in peace until {date}.",
        "{number} people are left in peace until {date}.",
        count,
        date=desk.texts.date(day),
    )


DEEDS: dict[str, Deed] = {
    "network": _network,
    "circle": _circle,
    "tag": _tag,
    "private": _private,
    "ignore": _leave_out,
    "never": _never,
    "later": _later,
}
