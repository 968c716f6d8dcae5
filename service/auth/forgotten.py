"""A forgotten password: asking for a link, and choosing a new one behind it.

Asking does the same for every address, and takes as long: a worker looks whose it is (`workers.letting_in`). Where the
operator set no way out for mail, the page says by which command a new password is set.
"""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.store import access, accounts, password_links
from keepwarm.texts import mark
from service import newcomer, passwords
from service.auth import entering
from service.auth.door import pages
from service.auth.signing import throttle
from service.desk import runtime, say, to
from service.notices import network_of
from service.wake import wake_request
from workers import letting_in

DEAD = mark("This link was used before, or is older than an hour. Ask for a new one below.")
ODD = mark("This does not look like an e-mail address.")
CHANGED = mark("The new password counts from now on, and every device is signed out. Sign in with it.")


@pages.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link; what is told is the same whether the address is known or not."""
    if request.method == "GET":
        return _page()
    email = request.form.get("email", "").strip().lower()
    if not newcomer.is_email(email):
        return _page(problem=g.texts(ODD), email=email, status=400)
    network = network_of(request.remote_addr or "")
    made = throttle().take([("asked", email), ("asker", network)])
    if made.wait:
        return _page(problem=_slowly(made.minutes), email=email, status=429)
    engine = runtime()
    if engine.settings.smtp_url:
        with engine.store.system() as tx:
            link_id = password_links.ask(tx, email, engine.now())
        wake_request(engine, link_id)
    return _page(asked=True)


def _slowly(minutes: int) -> str:
    return str(
        g.texts.ngettext(
            "That was asked a few times already. Look among your mails, unwanted ones too, or ask again in {number} minute.",  # noqa: E501 - one sentence
            "That was asked a few times already. Look among your mails, unwanted ones too, or ask again in {number} minutes.",  # noqa: E501 - one sentence
            minutes,
        )
    )


def _page(*, problem: str = "", email: str = "", asked: bool = False, status: int = 200) -> ResponseReturnValue:
    by_mail = bool(runtime().settings.smtp_url)
    return render_template("forgotten.html", problem=problem, email=email, asked=asked, by_mail=by_mail), status


@pages.route("/new-password", methods=["GET", "POST"])
def new_password() -> ResponseReturnValue:
    """Choose a new password. Looking uses the link not up."""
    engine, token = runtime(), request.values.get("token", "")
    link_id = letting_in.opened_by(engine, "password", token)
    with engine.store.system(write=False) as tx:
        owner_id = password_links.whose(tx, link_id, engine.now())
    if owner_id is None:
        return _page(problem=g.texts(DEAD), status=400)
    with engine.store.reading(owner_id) as tx:
        owner = accounts.owner(tx)
    if request.method == "GET":
        return render_template("new_password.html", token=token, owner=owner, problem="")
    password = request.form.get("new", "")
    if weak := passwords.weakness(password, email=owner.email):
        return render_template("new_password.html", token=token, owner=owner, problem=g.texts(weak)), 400
    if not _set(owner_id, link_id, passwords.hashed(password)):
        return _page(problem=g.texts(DEAD), status=400)
    entering.know_device(owner_id)  # whoever reads their mail is no stranger: nobody's tries keep them waiting
    say(g.texts(CHANGED))
    return to("auth.sign_in")


def _set(owner_id: str, link_id: str, secret: str) -> bool:
    engine = runtime()
    with engine.store.transaction(owner_id) as tx:
        if not password_links.use(tx, link_id, engine.now()):
            return False
        accounts.update_owner(tx, password_hash=secret)
        access.end_sessions(tx, owner_id)
        letting_in.tell(engine, tx, "password_changed", accounts.owner(tx))
    return True
