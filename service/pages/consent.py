"""Connecting on a provider's own page of consent: there, and back with what was allowed; what the operator has to do.

What only we know of a visit goes with the browser in its signed cookie, and is good once, for ten minutes, for the
owner who began it. Whatever comes back without it changes nothing (RELIABILITY.md G3). An administrator who allowed
something for their organisation comes back to the same address, signed in here or not: they are thanked, no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, session, stream_template
from flask.typing import ResponseReturnValue

from integrations.base import NeedsAdministrator
from keepwarm.errors import KeepwarmError, MisconfiguredError, NotFound, NotPossible, Rejected, TryAgainLater
from keepwarm.store import access, accounts
from keepwarm.store.accounts import Account
from keepwarm.texts import LANGUAGES, mark
from service import asking, returning
from service import connecting as words
from service.auth import providers
from service.desk import Desk, here, operator, say, sorry, to
from service.leading import elsewhere, leads_out, named, way_back
from service.wake import wake_stream
from workers import connecting, consenting
from workers.consenting import Finished, NotRead

pages = Blueprint("consent", __name__)

JOURNEY, WAITS = "journey", "waits"  # keys of the cookie: a visit under way, and what waits for an administrator
ADMINISTRATOR = "administrator"  # the state of an administrator's visit (`integrations.microsoft.consent`)
MINUTES = 10  # as long as a code is good at the provider
LONGEST = 4096  # characters of anything that comes back; ours

UNKNOWN = mark(
    "This answer belongs to no visit that began in this browser, so nothing was changed. Begin once more, here."
)
TOO_OLD = mark("That took longer than ten minutes, or it was answered before. Nothing was changed; begin once more.")
NO_PROOF = mark("What came back from {provider} could not be proven, so nothing was changed. Begin once more.")
AWAY = mark("{provider} does not answer just now. Nothing was changed; try again in a few minutes.")
UNREAD = mark("{provider} agreed, but cannot be read, so nothing was changed. {reason}")
ELSEWHERE = mark("Open Keepwarm at {address} and begin there: that is where {provider} brings you back.")
CONNECTED = mark("Connected. Keepwarm is reading; the first people appear within a minute.")
NOTED = mark("Noted: {provider} gave what you allowed.")
LEFT_OUT = mark("Not allowed, and therefore off: {purposes}. You can allow it on the page Accounts at any time.")


def choices(desk: Desk) -> dict[str, bool]:
    """Every provider with such a page, by name: whether one can connect there."""
    return {each: not consenting.ready(desk.runtime, each) for each in words.CONSENTING}


@pages.post("/accounts/<provider>/begin")
def begin(provider: str) -> ResponseReturnValue:
    """Off to the provider. With ``account`` about that one, for what it may do already too; else a new one."""
    desk, name = here(), named(provider)
    account = _account(desk, provider, request.form.get("account", ""))
    wanted = {*request.form.getlist("purpose"), *(consenting.allowed(desk.runtime, account) if account else ())}
    asked = [each for each in words.PURPOSES if each in wanted]
    back = "accounts.overview" if account else "accounts.form"
    if address := elsewhere(desk.runtime):
        sorry(desk.texts(ELSEWHERE, address=address, provider=name))
        return returning.again(returning.asked(), back)
    address = str(account.settings.get("address", "")) if account else ""
    try:
        journey = consenting.begin(
            desk.runtime, provider, asked, redirect=way_back(desk.runtime, provider), address=address
        )
    except KeepwarmError as error:
        sorry(desk.texts(str(error)))
        return returning.again(returning.asked(), back)
    with desk.runtime.store.system() as tx:
        once = access.new_one_time_token(tx, "consent", desk.now, hours=MINUTES / 60)
    told = {"owner": desk.owner.id, "provider": provider, "once": once, "kept": dict(journey.kept)}
    told |= {"account": account.id if account else "", "asked": asked, "back": returning.asked()}
    session[JOURNEY] = told
    return redirect(journey.url, 303)


def _account(desk: Desk, provider: str, account_id: str) -> Account | None:
    """The account that this is about. Raises NotFound."""
    if not account_id:
        return None
    with desk.reading() as tx:
        found = accounts.account(tx, account_id)
    if found.provider != provider:
        raise NotFound("There is no such account.")
    return found


@pages.get("/oauth/<provider>/callback")
def callback(provider: str) -> ResponseReturnValue:
    """Back from the provider, with what was said there. Open to strangers: who signs in, and administrators."""
    theirs = "admin_consent" in request.args or request.args.get("state") == ADMINISTRATOR
    answer = {key: value[:LONGEST] for key, value in request.args.items()}
    if not theirs and (arrived := providers.arrived(provider, answer)) is not None:
        return arrived
    if "desk" not in g and not theirs:
        return to("auth.sign_in")
    name = named(provider)
    if theirs:
        return _thanked(name)
    desk = here()
    told: dict[str, Any] = session.get(JOURNEY, {})
    if not _belongs(told, desk, provider, answer):
        return _not_done(desk.texts(UNKNOWN))
    session.pop(JOURNEY)
    with desk.runtime.store.system() as tx:
        fresh = access.use_one_time_token(tx, told["once"], "consent", desk.now)
    if not fresh:
        return _not_done(desk.texts(TOO_OLD), told["account"], told.get("back", ""))
    try:
        done = consenting.finish(
            desk.runtime, desk.owner.id, provider, told["kept"], answer, account_id=told["account"]
        )
    except NeedsAdministrator as error:
        waits = {"owner": desk.owner.id, "provider": provider, "asked": told["asked"]}
        session[WAITS] = waits | {"link": error.link, "says": error.reason}
        return to(".administrator", provider=provider)
    except KeepwarmError as error:
        return _not_done(_trouble(desk, error, name), told["account"], told.get("back", ""))
    return _done(desk, done, told["asked"], told.get("back", ""))


def _thanked(name: str) -> ResponseReturnValue:
    """To an administrator, whatever else the address says: nothing of it is believed, kept or shown."""
    allowed = "error" not in request.args and request.args.get("admin_consent", "").lower() == "true"
    return render_template("administrator_done.html", label=name, allowed=allowed)


@pages.get("/accounts/<provider>/administrator")
def administrator(provider: str) -> ResponseReturnValue:
    """What to send to the administrator who has to allow it first; with ``lang`` in that language."""
    desk, name = here(), named(provider)
    told: dict[str, Any] = session.get(WAITS, {})
    if (told.get("owner"), told.get("provider")) != (desk.owner.id, provider):
        return to("accounts.form")
    lang = request.args.get("lang", "")
    letter = asking.letter(desk, provider, told["link"], told["asked"], lang if lang in LANGUAGES else desk.texts.lang)
    values = {"label": name, "provider": provider, "link": told["link"], "says": desk.texts(told["says"])}
    return render_template("administrator.html", letter=letter, languages=LANGUAGES, **values)


def _belongs(told: Mapping[str, Any], desk: Desk, provider: str, answer: Mapping[str, str]) -> bool:
    """Whether this is the answer to the visit that this owner began in this browser."""
    if not told or (told["owner"], told["provider"]) != (desk.owner.id, provider):
        return False
    return compare_digest(told["kept"].get("state", "").encode(), answer.get("state", "").encode())


def _not_done(says: str, account_id: str = "", back: str = "") -> ResponseReturnValue:
    sorry(says)
    return returning.again(back, "accounts.overview" if account_id else "accounts.form")


def _trouble(desk: Desk, error: KeepwarmError, name: str) -> str:
    """What to tell, with what was kept."""
    says = desk.texts(str(error))
    if isinstance(error, NotRead):
        return desk.texts(UNREAD, provider=name, reason=says)
    if isinstance(error, NotPossible | NotFound | Rejected | MisconfiguredError):
        return says
    return desk.texts(AWAY if isinstance(error, TryAgainLater) else NO_PROOF, provider=name)


def _done(desk: Desk, done: Finished, asked: list[str], back: str) -> ResponseReturnValue:
    session.pop(WAITS, None)
    for each in connecting.streams_of(desk.runtime, desk.owner.id, done.account.id):
        wake_stream(desk.runtime, each.stream.id)
    if "draft" in asked and done.account.settings.get("draft"):
        with desk.writing() as tx:
            accounts.set_account(tx, done.account.id, drafts=True)
    says = NOTED if done.again else CONNECTED
    said = [desk.texts(says, provider=words.CONSENTING[done.account.provider]), _left_out(desk, done)]
    say(" ".join(filter(None, said)))
    mail_is_open = any(not done.account.settings.get(each) for each in words.SECOND)
    if done.again or not mail_is_open:
        return returning.onward(back, "accounts.overview")
    return to(".mail", account_id=done.account.id, back=back or None)


def _left_out(desk: Desk, done: Finished) -> str:
    names = [desk.texts(text) for key, (text, _) in words.PURPOSES.items() if key in done.refused]
    return desk.texts(LEFT_OUT, purposes=", ".join(names)) if names else ""


@pages.get("/accounts/<account_id>/mail")
def mail(account_id: str) -> ResponseReturnValue:
    """The second step, as easily left out as taken."""
    desk = here()
    with desk.reading() as tx:
        account = accounts.account(tx, account_id)
    off = [each for each in words.SECOND if not account.settings.get(each)]
    if account.provider not in words.CONSENTING or not off:
        return returning.onward(returning.asked(), "accounts.overview")
    values = {"account": account, "label": words.CONSENTING[account.provider], "back": returning.asked()}
    values |= {"go_on": returning.onward_name(returning.asked(), "accounts.overview")}
    wishes = words.wishes(desk.texts, account.provider, off)
    return leads_out(render_template("connect_mail.html", off=wishes, **values))


@pages.get("/accounts/<provider>/check")
def check(provider: str) -> ResponseReturnValue:
    """What is set up at the provider and what is not, for whoever runs this: line by line as each becomes known."""
    desk, name = operator(), named(provider)
    lines = consenting.operator_checks(desk.runtime, provider, [desk.owner.id])
    page = stream_template("operator.html", provider=provider, label=name, lines=lines)
    return Response(page, headers={"X-Accel-Buffering": "no"})  # a proxy must not hold it back
