"""People to judge: take somebody in as network or private, leave out, never."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.store import Tx, contacts, finding
from keepwarm.store.finding import Wish
from service.answers import says
from service.desk import Desk, done, here, sorry, to
from service.pages.people.everybody import room, shown
from service.pages.people.wishes import page_number

PAGE = 40  # PRODUCT.md section 5.2, step 4


def people() -> ResponseReturnValue:
    """Those whom one knows best first."""
    desk, page = here(), page_number()
    with desk.reading() as tx:
        found = finding.find(tx, Wish(tab="new"), desk.now, limit=PAGE, offset=page * PAGE)
        cards, counts = shown(desk, tx, found.ids), room(tx)
    return render_template(
        "people/judge.html", cards=cards, page=page, more=found.total > (page + 1) * PAGE, tab="new",
        **counts,
    )  # fmt: skip


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


def _said_of(desk: Desk, tx: Tx, contact_id: str, asked: str) -> str:
    """What became of one person, by name."""
    do = {"ignore": "refuse"}.get(asked, "network" if asked in CIRCLES else asked)
    return says(desk.texts, do, contacts.contact(tx, contact_id, desk.now).name)


def decide() -> ResponseReturnValue:
    """One or many people at once. A circle as the action takes in; many otherwise keep the one proposed for each."""
    desk, _ = here(), here().texts
    ids = [each for each in dict.fromkeys(request.form.getlist("id")) if each]
    asked = request.form.get("action", "")
    action = ACTIONS.get("network" if asked in CIRCLES else asked)
    if not ids or action is None:
        sorry(_("Nobody was chosen. Tick one or more people first."))
        return to("judge.people")
    circle = asked if asked in CIRCLES else request.form.get("circle")
    chosen = circle if circle in CIRCLES and len(ids) == 1 else None
    with desk.writing() as tx:
        said = action(desk, tx, ids, chosen)
        done(tx, _said_of(desk, tx, ids[0], asked) if len(ids) == 1 else said)
    if request.form.get("back") == "one" and len(ids) == 1:
        return to("contacts.one", contact_id=ids[0])
    return to("contacts.everybody" if request.form.get("back") == "contacts" else "judge.people")
