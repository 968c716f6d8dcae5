"""Who is there: the first visit with its one-time token, sign-in, sign-out, and the door in front of every page.

Called by `service.create_app`. The cookie holds a random token whose hash is a row (`keepwarm.store.access`): signing
out removes the row. Where to go after sign-in is the name of a page, never an address (RELIABILITY.md G5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path

from flask import Blueprint, current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound, NotPossible
from keepwarm.foreign import one_line
from keepwarm.store import access, accounts
from keepwarm.texts import LANGUAGES, Texts
from service import guess, newcomer, passwords, sampling
from service.desk import Desk, here, runtime, to
from service.security import UPLOAD_ENDPOINT, allow_upload
from service.throttle import Throttle, keys_of

pages = Blueprint("auth", __name__)

PUBLIC = frozenset(
    {"auth.start", "auth.sign_in", "static", "feed.calendar", "health.live", "health.ready", "health.sync_state"}
    | {"reply.show", "reply.act", "phone.manifest", "phone.worker", "data.goodbye"}
    | {"consent.callback"}  # the way back for administrators too; everybody else is sent to sign in there
)
SESSION_DAYS = 30  # ours: a month on one's own device


def admit() -> ResponseReturnValue | None:
    """Before every request: find the owner by the session; nobody else gets past the public pages."""
    desk = _desk()
    g.texts = desk.texts if desk else Texts.load(guess.language())
    if desk:
        g.desk = desk
        if closed := sampling.turned_away(desk):
            return closed
        if request.endpoint == UPLOAD_ENDPOINT:
            allow_upload(upload_folder(desk))
        return None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    return to("auth.sign_in", next=known_page(request.endpoint) or None)


def upload_folder(desk: Desk) -> Path:
    return desk.runtime.owner_home(desk.owner.id) / "uploads"


def _desk() -> Desk | None:
    token = session.get("token")
    if not token or request.endpoint == "static":
        return None
    engine, now = runtime(), runtime().now()
    with engine.store.system(write=False) as tx:
        owner_id = access.session_owner(tx, token, now)
    if owner_id is None:
        return None
    try:
        with engine.store.reading(owner_id) as tx:
            mine = accounts.owner(tx)
            owner = sampling.shown_instead(tx, mine)
    except NotFound:
        return None
    visitor = mine if owner.is_sample else None
    return Desk(runtime=engine, owner=owner, texts=engine.texts(owner.lang), now=now, visitor=visitor)


def known_page(name: str) -> str:
    """``name`` if it is a page of ours that needs no values and only shows something; else empty."""
    for rule in current_app.url_map.iter_rules(name) if name in current_app.view_functions else ():
        if not rule.arguments and "GET" in (rule.methods or ()) and name not in PUBLIC:
            return name
    return ""


def start_anew(desk: Desk) -> None:
    """End every session of this owner and begin one here."""
    with desk.runtime.store.system() as tx:
        access.end_sessions(tx, desk.owner.id)
        token = access.new_session(tx, desk.owner.id, desk.now, days=SESSION_DAYS)
    _enter(token)


def _enter(token: str) -> None:
    """A new cookie for a new session: nothing of the old one stays."""
    session.clear()
    session["token"] = token
    session.permanent = True


# --- the first visit ------------------------------------------------------------------------------------------------


@pages.route("/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    """Make the owner's account with the printed one-time token. GET shows the form, only POST uses the token up."""
    zone, country = guess.place()
    filled = {"lang": guess.language(), "zone": zone, "country": country, "token": request.args.get("token", "")}
    if request.method == "GET":
        return _start_page(filled, "")
    filled |= {
        name: request.form.get(name, "").strip() for name in ("token", "email", "name", "lang", "zone", "country")
    }
    password = request.form.get("password", "")
    problem = _start_problem(filled, password) or _make_owner(filled, password)
    return _start_page(filled, problem) if problem else to("first.overview")


def _start_page(filled: dict[str, str], problem: str) -> ResponseReturnValue:
    body = render_template("start.html", filled=filled, problem=problem, zones=guess.zones(), languages=LANGUAGES)
    return body, 400 if problem else 200


def _start_problem(filled: dict[str, str], password: str) -> str:
    _ = g.texts
    if not newcomer.is_email(filled["email"]):
        return str(_("This does not look like an e-mail address."))
    if filled["lang"] not in LANGUAGES or filled["zone"] not in guess.zones():
        return str(_("Please choose a language and a time zone from the lists."))
    weak = passwords.weakness(password, email=filled["email"])
    return str(_(weak)) if weak else ""


def _make_owner(filled: dict[str, str], password: str) -> str:
    """Make the account and sign in; what to tell if that cannot be (then the token is not used up)."""
    _, engine, kept = g.texts, runtime(), passwords.hashed(password)
    now = engine.now()
    try:
        with engine.store.system() as tx:
            if not access.use_one_time_token(tx, filled["token"], "start", now):
                return str(
                    _("This address was used before or is too old. Start Keepwarm again and it prints a new one.")
                )
            place = {"lang": filled["lang"], "zone": filled["zone"], "country": filled["country"][:2]}
            owner = newcomer.claim(tx, email=filled["email"], now=now, **place)
            mine = replace(tx, owner_id=owner.id)
            accounts.update_owner(mine, name=one_line(filled["name"], 120), password_hash=kept)
            token = access.new_session(tx, owner.id, now, days=SESSION_DAYS)
    except NotPossible as problem:
        return str(_(str(problem)))
    _enter(token)
    return ""


# --- coming back and leaving ----------------------------------------------------------------------------------------


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page. Wrong address and wrong password look and last alike."""
    wanted = known_page(request.values.get("next", ""))
    if "desk" in g:
        return to(wanted or "home.today")
    if request.method == "GET":
        with runtime().store.system(write=False) as tx:
            somebody = newcomer.anybody_can_sign_in(tx)
        return render_template("sign_in.html", email="", wanted=wanted, problem="", somebody=somebody)
    email = request.form.get("email", "").strip().lower()[: newcomer.EMAIL_LONGEST]
    problem, status = _try(email, request.form.get("password", ""))
    if problem:
        return render_template("sign_in.html", email=email, wanted=wanted, problem=problem, somebody=True), status
    return to(wanted or "home.today")


def _try(email: str, password: str) -> tuple[str, int]:
    """What to tell and the status; an empty text once they are in."""
    _, engine = g.texts, runtime()
    throttle: Throttle = current_app.extensions["keepwarm.throttle"]
    now, keys = engine.now(), keys_of(email, request.remote_addr or "")
    if wait := throttle.wait(keys, now):
        minutes = max(1, ceil(wait / timedelta(minutes=1)))
        return _.ngettext(
            "That went wrong a few times. Try again in {number} minute.",
            "That went wrong a few times. Try again in {number} minutes.",
            minutes,
        ), 429
    token = _session_for(email, password, now)
    if token is None:
        throttle.failed(keys, now)
        return _("The address and the password do not belong together."), 403
    throttle.forget(keys)
    _enter(token)
    return "", 200


def _session_for(email: str, password: str, now: datetime) -> str | None:
    store = runtime().store
    with store.system(write=False) as tx:
        found = accounts.password_hash(tx, email)
    if not passwords.matches(password, found[1] if found else None) or found is None:
        return None
    with store.system() as tx:
        return access.new_session(tx, found[0], now, days=SESSION_DAYS)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session for good: its row goes, so a copy of the cookie is worth nothing."""
    with here().runtime.store.system() as tx:
        access.end_session(tx, session["token"])
    session.clear()
    return to("auth.sign_in")
