"""Who may join this installation: for the operator alone. To everybody else this page is not there.

The operator sees whom they invited, and how many people there are: nobody's network, and nobody's name.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound
from keepwarm.store import accounts, invitations
from keepwarm.store.leaving import NEW_OPERATOR
from keepwarm.texts import mark
from service import newcomer
from service.desk import operator, say, to
from service.refusing import refused
from service.wake import wake_outbox
from workers import letting_in

pages = Blueprint("house", __name__)

ODD = mark("This does not look like an e-mail address. Nobody was invited.")
MAILED = mark("Invited, and a mail is on its way. The link works once, for two weeks.")
MADE = mark("Invited. Send the link below to {address} yourself: it works once, for two weeks.")
TAKEN_BACK = mark("The invitation to {address} is taken back; its link opens nothing any more.")


@pages.get("/house")
def overview() -> ResponseReturnValue:
    desk = operator()
    with desk.runtime.store.system(write=False) as tx:
        people, rows = len(accounts.owners(tx)), invitations.invitations(tx)
    links = {
        each.id: letting_in.link(desk.runtime, "invitation", each.id) for each in rows if each.state(desk.now) == "open"
    }
    by_mail = bool(desk.runtime.settings.smtp_url)
    return render_template("house.html", people=people, rows=rows, links=links, by_mail=by_mail)


@pages.post("/house/seen")
def seen() -> ResponseReturnValue:
    """The operator knows that they are the one now."""
    desk = operator()
    with desk.writing() as tx:
        accounts.update_owner(tx, settings={NEW_OPERATOR: None})
    return to(".overview")


@pages.post("/house/invite")
def invite() -> ResponseReturnValue:
    desk, email = operator(), request.form.get("email", "").strip().lower()
    if not newcomer.is_email(email):
        return refused(desk.texts(ODD), overview)
    with desk.runtime.store.system() as tx:
        made = invitations.invite(tx, email, desk.now)
        mailed = letting_in.send_invitation(desk.runtime, tx, made)
    if mailed:
        wake_outbox(desk.runtime, desk.owner.id)
    say(desk.texts(MAILED if mailed else MADE, address=email))
    return to(".overview")


@pages.post("/house/invitation/<invitation_id>/revoke")
def revoke(invitation_id: str) -> ResponseReturnValue:
    desk = operator()
    with desk.runtime.store.system() as tx:
        found = invitations.invitation(tx, invitation_id, desk.now)
        if found is None or not invitations.revoke(tx, invitation_id, desk.now):
            raise NotFound("There is no such invitation.")
    say(desk.texts(TAKEN_BACK, address=found.email))
    return to(".overview")
