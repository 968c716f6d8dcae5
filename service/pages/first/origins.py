"""Whom no mailbox knows: the ways people get to know each other, three names each; and the LinkedIn export."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.aftertalk import new_names
from keepwarm.errors import NotPossible
from keepwarm.store import Tx, bringing
from keepwarm.store.bringing import Brought
from keepwarm.texts import mark
from service.desk import Desk, done, here, say, to
from service.pages import files
from service.pages.first.way import pages, settle, shown
from service.refusing import refused
from service.sampling import NOT_HERE

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
    """Everybody who was named, and the files that came along; going on with nobody is fine too."""
    desk, _, form = here(), here().texts, request.form
    sent, stay = files.sent_along(), bool(form.get("stay"))
    if form.get("stay") == "read" and not sent:
        return refused(_(files.NO_FILE), origins)
    if sent and desk.owner.is_sample:
        return refused(_(NOT_HERE), origins)
    try:
        with desk.writing() as tx:
            _bring(tx, desk)
            if not stay:
                settle(tx, "origins")
    except NotPossible as problem:
        return refused(_(str(problem)), origins)
    if sent:
        files.begin(sent)
        say(_("Being read. You can go on: it continues by itself."))
    return to("first.origins") if stay else to("first.plan")


def _bring(tx: Tx, desk: Desk) -> None:
    people = [
        Brought(name=each.name, about=each.about, address=each.address, origin=key, circle=circle)
        for key, (_title, circle, _hint) in GROUPS.items()
        for each in new_names("\n".join(request.form.getlist(key)))
    ]
    if people:
        count, _ = bringing.bring(tx, people, desk.now), desk.texts
        done(
            tx,
            _.ngettext("{number} person is now in your network.", "{number} people are now in your network.", count),
        )
