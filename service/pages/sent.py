"""What went out and what did not, with the reason; and the local mailbox, where mails land without an account."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from keepwarm.store import outbox
from service.desk import here

pages = Blueprint("sent", __name__)

ROWS = 100
# The page of a mail is a world of its own: styles and drawings of the mail itself, nothing that acts or loads.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@pages.get("/sent")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        rows = outbox.rows(tx, limit=ROWS)
    letters = desk.runtime.open_local(desk.owner.id).list_mails()
    return render_template("sent.html", rows=rows, letters=letters[:ROWS])


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
    headers = {"Content-Security-Policy": MAIL_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return Response(found.html, content_type="text/html; charset=utf-8", headers=headers)
