"""Fifteen of forty: the people with whom most goes both ways, each with the reason; one tap each, or all at once.

Who was chosen stays on the page, so that a second tap changes the first. No interval is ever asked.
"""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.store import Tx, accounts, contacts, likely, views
from keepwarm.store.contacts import ContactRow
from service.desk import Desk, done, here, sorry, to
from service.pages.first.way import keep, kept, pages, settle, shown
from service.people import person

SHOWN = 40  # PRODUCT.md section 5.2, step 4
ENOUGH = 15  # the same: a good start, never a quota
CHOICES = ("warm", "lukewarm", "out")


def chosen(row: ContactRow) -> str:
    """What the owner said of somebody; empty while they said nothing."""
    if row.state == "active":
        return row.circle if row.circle in CHOICES else ""
    return "out" if row.state in {"ignored", "never"} else ""


def _strength(row: ContactRow) -> int:
    return min(row.sent, row.received) + row.meetings


def _people(tx: Tx, desk: Desk) -> list[ContactRow]:
    """Those chosen here and the best of the others: a tap moves nobody out of sight, or to another place."""
    picked = kept(accounts.owner(tx)).get("picked", ())[-SHOWN:]
    rows = contacts.contacts(tx, states=["active", "ignored"], now=desk.now, ids=picked) if picked else []
    rows += contacts.contacts(tx, states=["proposed"], now=desk.now, limit=SHOWN - len(rows))
    return sorted(rows, key=lambda row: (-_strength(row), row.name.casefold(), row.id))


@pages.get("/pick")
def pick() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        rows = _people(tx, desk)
        at_now, known = views.world(tx, desk.now, only=[]), likely.known_like(tx, rows)
        active = views.health(tx, desk.now).people.get("active", 0)
    people = [(person(row, at_now, known), chosen(row)) for row in rows]
    return shown("pick", people=people, active=active, enough=ENOUGH)


@pages.post("/pick")
def save_pick() -> ResponseReturnValue:
    """One tap (``tap``: contact and choice), or everything that was marked."""
    desk, form = here(), request.form
    tap, _blank, choice = form.get("tap", "").partition(" ")
    told = {tap: choice} if tap else {name[7:]: each for name, each in form.items() if name.startswith("choice-")}
    wanted = {key: each for key, each in told.items() if each in CHOICES}
    with desk.writing() as tx:
        count = _judge(tx, desk, wanted)
        if count:
            _remember(tx, list(wanted))
        if not tap:
            settle(tx, "pick")
    if not count and not tap:
        sorry(desk.texts("Nobody was marked, so nothing was changed."))
    return to("first.pick", _anchor=f"p-{tap}") if tap else to("first.origins")


def _judge(tx: Tx, desk: Desk, wanted: dict[str, str]) -> int:
    """Carry the choices out as one change; how many people that changed. Raises NotFound."""
    rows = contacts.contact_rows(tx, list(wanted), desk.now)
    new = {key: each for key, each in wanted.items() if key not in rows or chosen(rows[key]) != each}
    if new:
        contacts.choose(tx, {key: None if each == "out" else each for key, each in new.items()}, desk.now)
    if len(new) == 1:
        done(tx, _told(desk, rows[next(iter(new))].name, next(iter(new.values()))))
    elif new:
        done(tx, desk.texts.ngettext("{number} person is settled.", "{number} people are settled.", len(new)))
    return len(new)


def _told(desk: Desk, name: str, choice: str) -> str:
    if choice == "out":
        return desk.texts("{name} is left out, and is not proposed again.", name=name)
    return desk.texts("{name} is in your network now.", name=name)


def _remember(tx: Tx, ids: list[str]) -> None:
    keep(tx, picked=list(dict.fromkeys([*kept(accounts.owner(tx)).get("picked", ()), *ids])))
