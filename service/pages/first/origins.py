"""Whom no mailbox knows: the ways people get to know each other, three names each; and the LinkedIn export."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.aftertalk import new_names
from keepwarm.store import bringing
from keepwarm.store.bringing import Brought
from keepwarm.texts import mark
from service.desk import done, here, to
from service.pages.first.way import pages, settle, shown

NAMES = 3  # PRODUCT.md section 5.2, step 4
THERE = 4  # names of those who are there already; ours

# origin (METHOD.md section 2) → the circle it speaks for, and what helps to think of people
GROUPS: dict[str, tuple[str, str, str]] = {
    "family": (mark("Family"), "warm", mark("also an aunt, a cousin, an in-law")),
    "friends": (mark("Friends"), "warm", mark("also those you seldom see")),
    "neighbours": (mark("Neighbours"), "warm", mark("where you live now, and where you lived before")),
    "fellow_students": (mark("Fellow students"), "warm", mark("school, training, a course")),
    "colleagues": (mark("Former colleagues and managers"), "warm", mark("also a trainee or a temp")),
    "teachers": (mark("Teachers"), "lukewarm", mark("of now and of then, a coach, a mentor")),
    "customers": (mark("Customers and suppliers"), "lukewarm", mark("whoever you enjoyed working for or with")),
    "sports_club": (mark("Sports club"), "warm", mark("your team, the trainer, other parents")),
    "association": (mark("Associations and volunteering"), "lukewarm", mark("choir, board, committee")),
    "religious_community": (mark("Religious community"), "lukewarm", mark("church, mosque, temple")),
    "chance": (mark("Met by chance"), "lukewarm", mark("a party, a train, a conference")),
}


@pages.get("/origins")
def origins() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        there = {key: bringing.there(tx, key, THERE + 1) for key in GROUPS}
    return shown("origins", groups=GROUPS, there=there, most=THERE, names=NAMES)


@pages.post("/origins")
def save_origins() -> ResponseReturnValue:
    """Everybody who was named; going on with nobody is fine too."""
    desk, _ = here(), here().texts
    people = [
        Brought(name=each.name, about=each.about, address=each.address, origin=key, circle=circle)
        for key, (_title, circle, _hint) in GROUPS.items()
        for each in new_names("\n".join(request.form.getlist(key)))
    ]
    with desk.writing() as tx:
        if people:
            count = bringing.bring(tx, people, desk.now)
            done(
                tx,
                _.ngettext(
                    "{number} person is now in your network.", "{number} people are now in your network.", count
                ),
            )
        if not request.form.get("stay"):
            settle(tx, "origins")
    return to("first.origins") if request.form.get("stay") else to("first.plan")
