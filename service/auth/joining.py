"""The first visit with the printed one-time token, and the visit of who was invited: each makes one account.

Sign-up is closed: without a token or an invitation nobody becomes an owner. GET shows the form, only what makes the
account uses the token up, so a program that follows links spoils nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from integrations.base import Identity
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.store import Tx, access, accounts, beginning, identities, invitations
from keepwarm.store.accounts import Owner
from keepwarm.store.invitations import Invitation
from keepwarm.texts import LANGUAGES, mark
from service import guess, newcomer, passwords
from service.auth import entering
from service.auth.door import pages
from service.auth.signing import throttle
from service.desk import runtime, to
from service.leading import leads_out, ready
from service.throttle import by_network
from workers import letting_in

FIELDS = ("token", "email", "name", "lang", "zone", "country")
LONGEST = 300  # characters of one of them
SPENT = mark(
    "This link from the terminal was used before, or is too old. If you have made your account, sign in. If nobody has"
    " one yet, start Keepwarm again: it prints a new link."
)
INVITED_BEFORE = mark("This invitation was used before, taken back, or is too old. Ask for another one.")
SLOWLY = mark("That went wrong a few times. Try again in a quarter of an hour.")
NO_ADDRESS = mark("{provider} does not tell an address of yours. Type one above, then try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """How one of the two ways differs. ``key``: which it is, for a visit to a provider's page."""

    key: str
    endpoint: str
    spent: str


WAYS = {
    "start": Joining(key="start", endpoint="auth.start", spent=SPENT),
    "join": Joining(key="join", endpoint="auth.join", spent=INVITED_BEFORE),
}


@pages.route("/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    """Make the owner's account with the printed one-time token; who is signed in has one."""
    if request.method == "GET" and ("desk" in g or "token" not in request.args):
        return to("auth.sign_in")  # which leads on to Today, or says where the link is
    return _answer(WAYS["start"])


@pages.route("/join", methods=["GET", "POST"])
def join() -> ResponseReturnValue:
    """Make an account by invitation: for the address that was invited, and no other."""
    return _answer(WAYS["join"])


def _answer(way: Joining) -> ResponseReturnValue:
    filled = filled_in()
    if way.key == "join" and (invited := _invitation(filled["token"])) is not None:
        filled["email"] = invited.email
    if request.method == "GET":
        return page(way, filled, "" if _opens(way, filled) else way.spent)
    password = request.form.get("password", "")
    problem = _problem(filled, password) or make_owner(way, filled, password=password)
    return page(way, filled, problem) if problem else to("first.overview")


def filled_in() -> dict[str, str]:
    """What the form says; where it says nothing, what the browser tells."""
    zone, country = guess.place()
    usual = {"lang": guess.language(), "zone": zone, "country": country, "token": request.args.get("token", "")}
    form = request.form
    return {name: form.get(name, usual.get(name, "")).strip()[:LONGEST] for name in FIELDS}


def page(way: Joining, filled: Mapping[str, str], problem: str) -> ResponseReturnValue:
    """The form; with a problem it says so, and keeps what was filled in."""
    values: dict[str, Any] = {"filled": filled, "zones": guess.zones(), "languages": LANGUAGES, "way": way}
    told = g.texts(problem) if problem else ""
    values |= {"problem": told, "gone": problem == way.spent, "providers": ready()}
    return leads_out(render_template("start.html", **values), 400 if problem else 200)


def _opens(way: Joining, filled: Mapping[str, str]) -> bool:
    """Whether an account can still be made this way."""
    if way.key == "join":
        return bool(filled["email"])
    with runtime().store.system(write=False) as tx:
        return access.token_is_good(tx, filled["token"], "start", runtime().now())


def _problem(filled: Mapping[str, str], password: str) -> str:
    if not newcomer.is_email(filled["email"]):
        return mark("This does not look like an e-mail address.")
    return place_problem(filled) or passwords.weakness(password, email=filled["email"])


def place_problem(filled: Mapping[str, str]) -> str:
    fits = filled["lang"] in LANGUAGES and filled["zone"] in guess.zones()
    return "" if fits else mark("Please choose a language and a time zone from the lists.")


def make_owner(
    way: Joining, filled: Mapping[str, str], *, password: str = "", identity: Identity | None = None, provider: str = ""
) -> str:  # fmt: skip
    """Make the account and sign in; what to tell if that cannot be (then the token is not used up)."""
    engine, kept = runtime(), passwords.hashed(password) if password else None
    made = throttle().take(by_network("token", request.remote_addr))
    if made.wait:
        return SLOWLY
    try:
        with engine.store.system() as tx:
            if not _use(tx, way, filled):
                return way.spent
            owner = _claim(tx, way, filled)
            mine = replace(tx, owner_id=owner.id)
            settings: dict[str, Any] = {beginning.FIRST: {}}  # the first steps lie before them
            accounts.update_owner(mine, name=one_line(filled["name"], 120), password_hash=kept, settings=settings)
            if identity is not None:
                bind(mine, provider, identity)
            entering.enter(tx, owner.id)
    except NotPossible as problem:
        return str(problem)
    throttle().went_well(made)
    return ""


def bind(tx: Tx, provider: str, identity: Identity) -> None:
    """Let this owner sign in as whom they are at the provider. Raises NotPossible."""
    who = {"issuer": identity.issuer, "subject": identity.subject, "label": identity.address}
    identities.bind(tx, provider=provider, **who, now=runtime().now())


def _use(tx: Tx, way: Joining, filled: Mapping[str, str]) -> bool:
    now = runtime().now()
    if way.key == "start":
        return access.use_one_time_token(tx, filled["token"], "start", now)
    return invitations.use(tx, letting_in.opened_by(runtime(), "invitation", filled["token"]), now)


def _claim(tx: Tx, way: Joining, filled: Mapping[str, str]) -> Owner:
    """The new owner: on the first visit the one that the command may have made, with all it holds; else a new one."""
    country = guess.country_of(filled["zone"]) or filled["country"][:2]  # the language tells less than the clock
    place = {"lang": filled["lang"], "zone": filled["zone"], "country": country}
    if way.key == "start":
        return newcomer.claim(tx, email=filled["email"], now=runtime().now(), **place)
    return newcomer.arrive(tx, email=filled["email"], now=runtime().now(), **place)


def invited_address(token: str) -> str:
    """Whom an invitation is for; empty if it opens nothing."""
    found = _invitation(token)
    return found.email if found else ""


def _invitation(token: str) -> Invitation | None:
    engine = runtime()
    with engine.store.system(write=False) as tx:
        return invitations.invitation(tx, letting_in.opened_by(engine, "invitation", token), engine.now())
