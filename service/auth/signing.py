"""Coming back and leaving."""

from __future__ import annotations

from flask import current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue

from keepwarm.store import access, accounts
from service import newcomer, passwords
from service.auth import entering
from service.auth.door import known_page, pages
from service.desk import here, runtime, to
from service.leading import leads_out, ready
from service.throttle import Key, Throttle, by_address


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page. Wrong address and wrong password look and last alike."""
    wanted = known_page(request.values.get("next", ""))
    if "desk" in g:
        return to(wanted or "home.today")
    if request.method == "GET":
        with runtime().store.system(write=False) as tx:
            somebody = newcomer.anybody_can_sign_in(tx)
        return sign_in_page(wanted=wanted, somebody=somebody)
    email = request.form.get("email", "").strip().lower()[: newcomer.EMAIL_LONGEST]
    problem, status = _try(email, request.form.get("password", ""))
    if problem:
        return sign_in_page(email=email, wanted=wanted, problem=problem, status=status)
    return to(wanted or "home.today")


def sign_in_page(
    *, email: str = "", wanted: str = "", problem: str = "", somebody: bool = True, status: int = 200
) -> ResponseReturnValue:
    values = {"email": email, "wanted": wanted, "problem": problem, "somebody": somebody, "providers": ready()}
    return leads_out(render_template("sign_in.html", **values), status)


def throttle() -> Throttle:
    found: Throttle = current_app.extensions["keepwarm.throttle"]
    return found


def _try(email: str, password: str) -> tuple[str, int]:
    """What to tell and the status; an empty text once they are in."""
    _, store = g.texts, runtime().store
    with store.system(write=False) as tx:
        found = accounts.password_hash(tx, email)
    made = throttle().take(_keys(email, found[0] if found else ""))
    if made.wait:
        return _.ngettext(
            "That went wrong a few times. Try again in {number} minute.",
            "That went wrong a few times. Try again in {number} minutes.",
            made.minutes,
        ), 429
    if not passwords.matches(password, found[1] if found else None) or found is None:
        return _("The address and the password do not belong together."), 403
    throttle().went_well(made)
    with store.system() as tx:
        entering.enter(tx, found[0])
    return "", 200


def _keys(email: str, owner_id: str) -> list[Key]:
    """A device from which they signed in before counts for itself: others cannot use its tries up."""
    device = entering.device_of(owner_id)
    return [("device", f"{owner_id}\n{device}")] if device else by_address(email, request.remote_addr)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session for good: its row goes, so a copy of the cookie is worth nothing."""
    with here().runtime.store.system() as tx:
        access.end_session(tx, session["token"])
    session.clear()
    return to("auth.sign_in")
