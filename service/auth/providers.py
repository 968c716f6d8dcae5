"""Signing in with Google or Microsoft: who somebody is there, and nothing more.

An identity (issuer and subject) opens what its owner bound it to: while signed in, on the first visit, or at an
invitation; never what has an equal address (RELIABILITY.md G4). What only we know of a visit goes with the browser in
its signed cookie for ten minutes, and is dropped with the first answer. The provider takes a code but once, so a copy
of the cookie opens nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from integrations.base import Identity
from keepwarm.errors import KeepwarmError, MisconfiguredError, NotPossible, Rejected, TryAgainLater
from keepwarm.store import accounts, identities
from keepwarm.texts import mark
from service import newcomer
from service.auth import entering, joining
from service.auth.door import known_page, pages
from service.auth.signing import sign_in_page, throttle
from service.desk import Desk, here, runtime, say, sorry, to
from service.leading import elsewhere, named, ready, way_back
from service.throttle import by_network
from workers import consenting, letting_in

VISIT = "who"  # the key of the cookie
LASTS = timedelta(minutes=10)  # as long as a code is good at the provider

ELSEWHERE = mark("Open Keepwarm at {address} and begin there: that is where {provider} brings you back.")
TOO_OLD = mark("That took longer than ten minutes. Nothing was changed; begin once more.")
NO_PROOF = mark("What came back from {provider} could not be proven, so nothing was changed. Begin once more.")
AWAY = mark("{provider} does not answer just now. Nothing was changed; try again in a few minutes.")
SLOWLY = mark("That was tried very often. Nothing was changed; try again in a quarter of an hour.")
OTHER = mark("This was begun by somebody else in this browser, so nothing was changed. Begin once more, here.")
ON = mark("From now on you can sign in with {provider}.")


@pages.post("/sign-in/<provider>")
def with_provider(provider: str) -> ResponseReturnValue:
    """Off to the provider: to sign in, or to make the account that a token or an invitation allows."""
    name, goal = named(provider), request.form.get("for", "sign_in")
    if provider not in ready() or goal not in ("sign_in", *joining.WAYS):
        abort(404)
    if goal == "sign_in":
        return leave(provider, goal, {"next": known_page(request.form.get("next", ""))})
    filled = joining.filled_in()
    way = joining.WAYS[goal]
    if problem := joining.place_problem(filled):
        return joining.page(way, filled, problem)
    del name
    return leave(provider, goal, filled)


def leave(provider: str, goal: str, told: Mapping[str, str], owner_id: str = "") -> Response:
    """The way to the provider's page; back to where it was asked where there is none."""
    engine = runtime()
    if address := elsewhere(engine):
        sorry(g.texts(ELSEWHERE, address=address, provider=named(provider)))
        return _back(goal, told)
    try:
        journey = consenting.ask_who(engine, provider, redirect=way_back(engine, provider))
    except KeepwarmError as error:
        sorry(g.texts(str(error)))
        return _back(goal, told)
    visit = {"provider": provider, "for": goal, "told": dict(told), "owner": owner_id, "kept": dict(journey.kept)}
    session[VISIT] = visit | {"at": engine.now().isoformat()}
    return redirect(journey.url, 303)  # type: ignore[return-value]  # werkzeug's answer is Flask's


def _back(goal: str, told: Mapping[str, str]) -> Response:
    token = told.get("token") or None
    ways = {"bind": "access.overview", "start": "auth.start", "join": "auth.join"}
    return to(ways.get(goal, "auth.sign_in"), token=token)  # type: ignore[return-value]  # as above


def arrived(provider: str, answer: Mapping[str, str]) -> ResponseReturnValue | None:
    """Back from the provider; None where this is no answer to such a visit of this browser."""
    visit: dict[str, Any] = session.get(VISIT, {})
    if not visit or visit["provider"] != provider or not _same(visit["kept"].get("state"), answer.get("state")):
        return None
    session.pop(VISIT)
    goal, told = visit["for"], visit["told"]
    engine = runtime()
    if engine.now() - datetime.fromisoformat(visit["at"]) > LASTS:
        return _sorry_back(TOO_OLD, provider, goal, told)
    if throttle().take(by_network("visit", request.remote_addr)).wait:
        return _sorry_back(SLOWLY, provider, goal, told)
    try:
        identity = consenting.told_who(engine, provider, visit["kept"], answer)
    except KeepwarmError as error:
        return _sorry_back(_trouble(error), provider, goal, told)
    if goal == "bind":
        return _bind(provider, identity, visit["owner"])
    return GOALS[goal](provider, identity, told)


def _same(ours: str | None, theirs: str | None) -> bool:
    return bool(ours) and compare_digest((ours or "").encode(), (theirs or "").encode(errors="replace"))


def _sorry_back(says: str, provider: str, goal: str, told: Mapping[str, str]) -> ResponseReturnValue:
    sorry(g.texts(says, provider=named(provider)))
    return _back(goal, told)


def _trouble(error: KeepwarmError) -> str:
    if isinstance(error, Rejected | MisconfiguredError):
        return str(error)
    return AWAY if isinstance(error, TryAgainLater) else NO_PROOF


# --- what it was begun for --------------------------------------------------------------------------------------------


def _sign_in(provider: str, identity: Identity, told: Mapping[str, str]) -> ResponseReturnValue:
    """Whoever is bound to nobody hears that, kindly, and nothing else."""
    store = runtime().store
    with store.system() as tx:
        owner_id = identities.owner_of(tx, identity.issuer, identity.subject)
        if owner_id is not None:
            entering.enter(tx, owner_id)
            return to(known_page(told.get("next", "")) or "home.today")
    page = render_template("unknown_identity.html", label=named(provider), provider=provider)
    return page, 403


def _make(provider: str, identity: Identity, told: Mapping[str, str], goal: str) -> ResponseReturnValue:
    """An account for whoever holds the token: by the address typed, else the one that the provider tells."""
    way = joining.WAYS[goal]
    filled = dict(told) | {"email": told["email"] or identity.address}
    if goal == "join":
        filled["email"] = joining.invited_address(told["token"])
    if not newcomer.is_email(filled["email"]):
        says = way.spent if goal == "join" else g.texts(joining.NO_ADDRESS, provider=named(provider))
        return joining.page(way, filled, says)
    problem = joining.make_owner(way, filled, identity=identity, provider=provider)
    return joining.page(way, filled, problem) if problem else to("first.overview")


def _bind(provider: str, identity: Identity, owner_id: str) -> ResponseReturnValue:
    """Only for the owner who began it, signed in here."""
    if "desk" not in g or here().owner.id != owner_id:
        sorry(g.texts(OTHER))
        return to("access.overview")
    desk = here()
    try:
        with desk.writing() as tx:
            joining.bind(tx, provider, identity)
            letting_in.tell(desk.runtime, tx, "identity_on", accounts.owner(tx), provider=named(provider))
    except NotPossible as problem:
        sorry(desk.texts(str(problem)))
        return to("access.overview")
    changed(desk)
    say(desk.texts(ON, provider=named(provider)))
    return to("access.overview")


def changed(desk: Desk) -> None:
    """How this owner signs in was changed here: another token for this device, and the mail about it on its way."""
    entering.rotate(desk)


GOALS: dict[str, Callable[[str, Identity, Mapping[str, str]], ResponseReturnValue]] = {
    "sign_in": _sign_in,
    "start": lambda provider, identity, told: _make(provider, identity, told, "start"),
    "join": lambda provider, identity, told: _make(provider, identity, told, "join"),
}

__all__ = ["arrived", "leave", "sign_in_page"]
