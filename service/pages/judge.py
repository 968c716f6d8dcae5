"""People to judge: take somebody in as network or private, leave out, never; and pairs that are likely one person."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm import contacts as who
from keepwarm.circles import CIRCLES
from keepwarm.store import Tx, contacts, views
from service.desk import Desk, done, here, sorry, to
from service.people import person

pages = Blueprint("judge", __name__)

PAGE = 40  # PRODUCT.md section 5.2, step 4
PAIRS_AT_MOST = 10  # PRODUCT.md section 5.2, step 7
FEW_PAIRS = 2  # shown unfolded; ours: more would push the people off the screen


@pages.get("/judge")
def people() -> ResponseReturnValue:
    desk, offset = here(), page_number() * PAGE
    with desk.reading() as tx:
        rows = contacts.contacts(tx, states=["proposed"], now=desk.now, limit=PAGE + 1, offset=offset)
        pairs = contacts.suggestions(tx, desk.now)
        at_now, known = views.world(tx, desk.now, only=[]), views.known_people(tx)
    cards = [person(row, at_now, known) for row in rows[:PAGE]]
    alike = [
        (pair, who.likely_reason(desk.texts, pair.reason["key"], _values(pair.reason)))
        for pair in pairs[:PAIRS_AT_MOST]
    ]
    return render_template(
        "judge.html", cards=cards, alike=alike, few=FEW_PAIRS, page=page_number(), more=len(rows) > PAGE,
        circles=CIRCLES,
    )  # fmt: skip


def _values(reason: dict[str, object]) -> dict[str, str]:
    """The values of a stored reason, whichever way they lie in it."""
    inner = reason.get("values")
    found = inner if isinstance(inner, dict) else reason
    return {str(name): str(value) for name, value in found.items()}


def page_number() -> int:
    """The page asked for, from 0; 0 for anything odd."""
    asked = request.args.get("page", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def _network(desk: Desk, tx: Tx, ids: list[str], circle: str | None) -> str:
    count = contacts.accept(tx, ids, private=False, circle=circle, now=desk.now)
    return desk.texts.ngettext(
        "{number} person is now in your network.", "{number} people are now in your network.", count
    )


def _private(desk: Desk, tx: Tx, ids: list[str], circle: str | None) -> str:
    count = contacts.accept(tx, ids, private=True, circle=circle, now=desk.now)
    return desk.texts.ngettext(
        "{number} person is kept as private: no question lists, no follow-ups.",
        "{number} people are kept as private: no question lists, no follow-ups.",
        count,
    )


def _ignore(desk: Desk, tx: Tx, ids: list[str], _circle: str | None) -> str:
    count = contacts.ignore(tx, ids, desk.now)
    return desk.texts.ngettext("{number} person is left out.", "{number} people are left out.", count)


def _never(desk: Desk, tx: Tx, ids: list[str], _circle: str | None) -> str:
    count = contacts.never(tx, ids, desk.now)
    return desk.texts.ngettext(
        "{number} person will never be proposed again.", "{number} people will never be proposed again.", count
    )


ACTIONS: dict[str, Callable[[Desk, Tx, list[str], str | None], str]] = {
    "network": _network,
    "private": _private,
    "ignore": _ignore,
    "never": _never,
}


@pages.post("/judge")
def decide() -> ResponseReturnValue:
    """One or many people at once. The circle counts for a single person; many keep the one proposed for each."""
    desk, _ = here(), here().texts
    ids = [each for each in dict.fromkeys(request.form.getlist("id")) if each]
    action = ACTIONS.get(request.form.get("action", ""))
    if not ids or action is None:
        sorry(_("Nobody was chosen. Tick one or more people first."))
        return to("judge.people")
    circle = request.form.get("circle")
    chosen = circle if circle in CIRCLES and len(ids) == 1 else None
    with desk.writing() as tx:
        message = action(desk, tx, ids, chosen)
        done(tx, message)
    return to(*back_to())


def back_to() -> tuple[str]:
    """The page that the form stood on, by name."""
    return ("contacts.everybody",) if request.form.get("back") == "contacts" else ("judge.people",)


@pages.post("/judge/alike")
def alike() -> ResponseReturnValue:
    """Join two that are one person, or settle that they are not."""
    desk, _ = here(), here().texts
    wanted = request.form.get("pair", "")
    with desk.writing() as tx:
        pair = next((each for each in contacts.suggestions(tx, desk.now) if each.id == wanted), None)
        if pair is None:
            sorry(_("This pair was settled already."))
        elif request.form.get("action") == "join":
            contacts.join(tx, *_order(request.form.get("keep", ""), pair.a.id, pair.b.id), desk.now)
            done(tx, _("Joined: all addresses, notes and meetings are with one person now."))
        else:
            contacts.decline_suggestion(tx, wanted, desk.now)
            done(tx, _("Noted: these are two people."))
    return to("judge.people", alike=1)  # the next pair stands unfolded


def _order(keep: str, a: str, b: str) -> tuple[str, str]:
    return (b, a) if keep == b else (a, b)
