"""The list of people: tabs, search, filters, pages; and somebody new by hand."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.snooze import CHOICES
from keepwarm.store import Tx, contacts, finding, likely, tagging, views
from keepwarm.store.finding import FRESH, SORTS, Wish
from service.desk import Desk, done, here, to
from service.newcomer import is_email
from service.pages.people.wishes import as_fields, chips, page_number, wish_in
from service.people import Person, person
from service.refusing import refused
from service.words import ORIGINS

PAGE = 50  # people on a page; ours: with a line for each some 40 kB
ORGANISATIONS = 100  # offered while typing; ours


def everybody() -> ResponseReturnValue:
    """The people of one tab, narrowed by words and filters."""
    return page_of(wish_in(request.args), page_number())


def page_of(wish: Wish, page: int) -> str:
    """That page of those who fit."""
    desk = here()
    with desk.reading() as tx:
        found = finding.find(tx, wish, desk.now, limit=PAGE, offset=page * PAGE)
        people = shown(desk, tx, found.ids)
        tags, marked = tagging.tags(tx), tagging.tags_of(tx, found.ids)
        counts = room(tx)
        narrowed = chips(wish, desk.texts, tags)
        others = finding.in_other_tabs(tx, wish, desk.now) if narrowed and not found.total else {}
        organisations = finding.organisations(tx, wish.tab, ORGANISATIONS)
    return render_template(
        "people/everybody.html", people=people, total=found.total, wish=wish, fields=as_fields(wish), tab=wish.tab,
        chips=narrowed, others=others, page=page, more=found.total > (page + 1) * PAGE, tags=tags, marked=marked,
        organisations=organisations, circles=CIRCLES, fresh=FRESH, sorts=SORTS, origins=ORIGINS, later=CHOICES,
        **counts,
    )  # fmt: skip


def shown(desk: Desk, tx: Tx, ids: list[str]) -> list[Person]:
    """These contacts in their order, as they are shown."""
    rows = contacts.contact_rows(tx, ids, desk.now)
    ordered = [rows[each] for each in ids if each in rows]
    at_now, known = views.world(tx, desk.now, only=ids), likely.known_like(tx, ordered)
    return [person(row, at_now, known) for row in ordered]


def room(tx: Tx) -> dict[str, Any]:
    """What the tabs say."""
    return {"tallies": finding.tallies(tx), "pairs": contacts.suggested(tx)}


def add() -> ResponseReturnValue:
    """Somebody whom no file knows, by hand."""
    desk, _ = here(), here().texts
    name, address = text("name"), text("address").lower()
    if not name or (address and not is_email(address)):
        return refused(
            _("A new person needs a name. If you give an e-mail address, it has to look like one."), everybody
        )
    circle = request.form.get("circle")
    try:
        with desk.writing() as tx:
            contact_id = contacts.add_contact(
                tx, name=name, address=address, organisation=text("organisation"), origins=origins(),
                circle=circle if circle in CIRCLES else None, now=desk.now,
            )  # fmt: skip
            done(tx, _("{name} is in your network now.", name=name))
    except NotPossible as problem:
        return refused(_(str(problem)), everybody)
    return to("contacts.one", contact_id=contact_id)


def text(name: str, longest: int = 200) -> str:
    """A field of one line, without hidden characters: people paste from mails and pages."""
    return one_line(request.form.get(name, ""), longest)


def origins() -> tuple[str, ...]:
    return tuple(each for each in request.form.getlist("origins") if each in ORIGINS)
