"""What went out and what did not, with the reason; and the local mailbox, where mails land without an account."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import follow_ups, outbox
from keepwarm.texts import mark
from service import again as once_again
from service import sending
from service.desk import here, say, sorry, to
from service.letters import framed
from service.wake import wake_outbox

pages = Blueprint("sent", __name__)

ROWS = 100
SETTLED = mark("It is settled what became of this one. Nothing was sent.")
BECAME = {  # what became of the wish (`sending.put`), in words
    "sent": mark("It is sent once more."),
    "twice": mark("You asked for it to be sent once more already. It is not sent twice."),
    "waits": mark(
        "Everything is held, so it waits. It goes out once you start again under Settings, if it is not too late then."
    ),
    "late": mark("It is too late to send it again. Nothing was sent."),
    "sample": sending.IN_VAIN["sample"],
}


@pages.get("/sent")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        rows = outbox.rows(tx, limit=ROWS)
        why_not = once_again.why_not(tx, rows, desk.now)
        about = {each.id: each for each in follow_ups.follow_ups(tx)}
    letters = desk.runtime.open_local(desk.owner.id).list_mails()
    return render_template("sent.html", rows=rows, about=about, letters=letters[:ROWS], why_not=why_not)


@pages.get("/sent/mail/<ref>")
def mail(ref: str) -> ResponseReturnValue:
    desk = here()
    found = desk.runtime.open_local(desk.owner.id).read_mail(ref)
    return render_template("mail.html", mail=found, ref=ref)


@pages.get("/sent/mail/<ref>/html")
def mail_html(ref: str) -> ResponseReturnValue:
    """The mail as it was made, for the frame on its page."""
    desk = here()
    found = desk.runtime.open_local(desk.owner.id).read_mail(ref)
    if not found.html:
        abort(404)
    return framed(found.html)


@pages.post("/sent/<outbox_id>/again")
def again(outbox_id: str) -> ResponseReturnValue:
    """Send a mail once more of which nobody knows whether it went out: only the owner can decide that."""
    desk = here()
    with desk.writing() as tx:
        row = outbox.row(tx, outbox_id)
        if not once_again.is_uncertain(row):
            raise NotPossible(SETTLED)
        became = sending.put(tx, once_again.once_more(row, desk.now), desk.owner, desk.now)
    wake_outbox(desk.runtime, desk.owner.id)
    (sorry if became in sending.IN_VAIN else say)(desk.texts(BECAME[became]))
    return to("sent.overview")
