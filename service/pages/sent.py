"""What went out and what did not, with the reason; and the local mailbox, where mails land without an account."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import follow_ups, outbox
from keepwarm.texts import mark
from service.desk import here, say, to
from service.letters import framed
from service.wake import wake_outbox

pages = Blueprint("sent", __name__)

ROWS = 100
SETTLED = mark("It is settled what became of this one. Nothing was sent.")


@pages.get("/sent")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        rows = outbox.rows(tx, limit=ROWS)
        about = {each.id: each for each in follow_ups.follow_ups(tx)}
    letters = desk.runtime.open_local(desk.owner.id).list_mails()
    return render_template("sent.html", rows=rows, about=about, letters=letters[:ROWS], mails=outbox.MAILS)


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
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        row = outbox.row(tx, outbox_id)
        if row.state != "unknown" or row.kind not in outbox.MAILS:
            raise NotPossible(SETTLED)
        intent = outbox.Intent(
            key=f"{row.key}:again", kind=row.kind, subject_ref=row.subject_ref, payload=row.payload | {"asked": True},
            run_at=desk.now, not_after=row.not_after, generation=row.generation, account_id=row.account_id,
        )  # fmt: skip
        outbox.put(tx, intent, desk.now)
    wake_outbox(desk.runtime, desk.owner.id)
    say(_("It is sent once more."))
    return to("sent.overview")
