"""How the owner signs in: address, password, Google or Microsoft, and the devices that are signed in.

Whatever changes that asks for the present password (where there is one), gives this device a new token, and is told by
mail. Every device can be signed out from every other.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, session
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import access, accounts, identities, password_links
from keepwarm.texts import mark
from service import newcomer, passwords
from service.auth import entering, present, providers
from service.connecting import CONSENTING
from service.desk import Desk, here, say, sorry, to
from service.leading import leads_out, named, ready
from service.refusing import refused
from service.wake import wake_outbox
from workers import letting_in

pages = Blueprint("access", __name__)

ODD = mark("This does not look like an e-mail address. Nothing was changed.")
NOT_FREE = mark("This address cannot be used here. Nothing was changed.")
ADDRESS = mark("From now on you sign in with {address}.")
ASKED = mark("A mail is on its way to {address}. Open its link within a day; until then you sign in as before.")
PASSWORD = mark("The new password counts from now on, and every other device is signed out.")
LAST_WAY = mark("This is your only way to sign in. Choose a password first; nothing was changed.")
OFF = mark("You no longer sign in with {provider}. Your accounts there stay connected.")
GONE = mark("That device is signed out.")


@pages.get("/settings/sign-in")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        awaited = password_links.awaited_address(tx, desk.now)
        bound = {each.provider: each for each in identities.bound(tx)}
    with desk.runtime.store.system(write=False) as tx:
        this = access.session(tx, session["token"], desk.now)
    here_id = this.id if this else ""
    with desk.reading() as tx:
        devices = sorted(access.sessions(tx, desk.now), key=lambda each: each.id != here_id)
    offered = {each: label for each, label in CONSENTING.items() if each in bound or each in ready()}
    values = {"bound": bound, "offered": offered, "devices": devices, "idle": access.IDLE.days, "days": access.DAYS}
    return leads_out(render_template("access.html", present=this, awaited=awaited, **values))


@pages.post("/settings/address")
def address() -> ResponseReturnValue:
    """Another address to sign in with, which mails go to as well. The old one stays one of the owner's own.

    It counts once it is confirmed by the mail sent there; at once where no mail can be sent from here.
    """
    desk, new = here(), request.form.get("email", "").strip().lower()
    if problem := present.unknown(desk):
        return refused(problem, overview)
    if not newcomer.is_email(new):
        return refused(desk.texts(ODD), overview)
    try:
        with desk.writing() as tx:
            accounts.must_be_free(tx, new)
            asked = letting_in.send_to_new_address(desk.runtime, tx, new)
            if not asked:
                accounts.change_address(tx, new, desk.now)
                password_links.end_all(tx, desk.now)
                letting_in.tell(desk.runtime, tx, "address_changed", desk.owner)
    except NotPossible:
        return refused(desk.texts(NOT_FREE), overview)
    if asked:
        wake_outbox(desk.runtime, desk.owner.id)
        say(desk.texts(ASKED, address=new))
        return to(".overview")
    entering.rotate(desk)
    say(desk.texts(ADDRESS, address=new))
    return to(".overview")


@pages.post("/settings/password")
def password() -> ResponseReturnValue:
    """A new password, or the first one of who signs in elsewhere. Every other device is signed out."""
    desk, new = here(), request.form.get("new", "")
    if not _knows_password(desk):
        return to(".overview")
    if weak := passwords.weakness(new, email=desk.owner.email):
        sorry(desk.texts(weak))
        return to(".overview")
    secret = passwords.hashed(new)
    with desk.writing() as tx:
        accounts.update_owner(tx, password_hash=secret)
        password_links.end_all(tx, desk.now)
        letting_in.tell(desk.runtime, tx, "password_changed", desk.owner)
    entering.start_anew(desk)
    say(desk.texts(PASSWORD))
    return to(".overview")


@pages.post("/settings/sign-in/<provider>/on")
def switch_on(provider: str) -> ResponseReturnValue:
    """Off to the provider, to say who the owner is there."""
    desk = here()
    named(provider)
    if provider not in ready():
        abort(404)
    if not _knows_password(desk):
        return to(".overview")
    return providers.leave(provider, "bind", {}, desk.owner.id)


@pages.post("/settings/sign-in/<provider>/off")
def switch_off(provider: str) -> ResponseReturnValue:
    desk, name = here(), named(provider)
    if not _knows_password(desk):
        return to(".overview")
    with desk.writing() as tx:
        others = [each for each in identities.bound(tx) if each.provider != provider]
        if not desk.owner.has_password and not others:
            sorry(desk.texts(LAST_WAY))
            return to(".overview")
        if identities.let_go(tx, provider):
            letting_in.tell(desk.runtime, tx, "identity_off", desk.owner, provider=name)
    entering.rotate(desk)
    say(desk.texts(OFF, provider=name))
    return to(".overview")


@pages.post("/settings/devices/end")
def end_device() -> ResponseReturnValue:
    """Sign one device out: its session goes, so its cookie is worth nothing."""
    desk = here()
    with desk.writing() as tx:
        if not access.end_device(tx, request.form.get("device", "")):
            raise NotFound("There is no such device.")
    say(desk.texts(GONE))
    return to(".overview")


@pages.post("/settings/devices/others")
def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    desk = here()
    with desk.writing() as tx:
        count = access.end_others(tx, session["token"])
    _ = desk.texts
    say(_.ngettext("{number} other device is signed out.", "{number} other devices are signed out.", count))
    return to(".overview")


def _knows_password(desk: Desk) -> bool:
    """Whether the present password came along, where there is one; else it is told what was wrong."""
    if problem := present.unknown(desk):
        sorry(problem)
    return not problem
