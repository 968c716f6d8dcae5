"""The authorization page: what may be asked there, what a person or an administrator decides, and what follows.

`oauth.py` sends its paths here; tests without a browser use ``town.consent``. PROVIDERS.md, sections 4 (Permissions)
and 5 (Microsoft); RFC 6749, 7636.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.emulators.microsoft.grants import BLOCKED, KNOWN, OPENID, Code, short
from tests.emulators.stand import screens
from tests.emulators.stand.forms import form_of
from tests.emulators.stand.values import Answer, Asked

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

CANCELLED = {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent to access the app."}
BLOCKS = {  # how a tenant without user consent sends people back
    90094: ("access_denied", "AADSTS90094: An administrator must grant consent to this application."),
    65001: ("consent_required", "AADSTS65001: The user or administrator has not consented to use the application."),
}
PROMPTS = ("", "login", "none", "consent", "select_account")


class Shown(Exception):
    """An error shown to the person instead of a redirect."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error, self.why = error, why


def authorize(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    """GET shows the page, POST takes its form."""
    form = form_of(asked)
    query = form.get("request", "") if asked.verb == "POST" else urlencode(asked.query)
    try:
        wanted = _wanted(town, dict(parse_qsl(query, keep_blank_values=True)))
        if asked.verb == "GET":
            people = [(one.oid, one.address) for one in town.people.values() if town.admits(tenant, one)]
            return screens.consent(
                "Sign in to your account", query, people, hint=wanted.get("login_hint", "-"),
                allows=screens.rows(wanted["scope"].split()), buttons=("Accept", "Cancel"),
            )  # fmt: skip
        if form.get("decision") != "allow":
            return Answer(status=302, headers={"Location": redirect(wanted, **CANCELLED)})
        to = granted(town, wanted, _admitted(town, tenant, form.get("person", "")), wanted["scope"].split())
    except Shown as exc:
        return screens.refused(exc.error, exc.why)
    return Answer(status=302, headers={"Location": to})


def consented(town: Microsoft, url: str, person: Person, scopes: Iterable[str] | None, *, deny: bool) -> str:
    """Where a decision on the page at ``url`` leads, without a browser; ValueError when the page shows an error."""
    parts = urlsplit(url)
    try:
        wanted = _wanted(town, dict(parse_qsl(parts.query, keep_blank_values=True)))
        if deny:
            return redirect(wanted, **CANCELLED)
        who = _admitted(town, parts.path.split("/")[1], person.oid)
        return granted(town, wanted, who, wanted["scope"].split() if scopes is None else scopes)
    except Shown as exc:
        raise ValueError(f"{exc.error}: {exc.why}") from exc


def _admitted(town: Microsoft, tenant: str, oid: str) -> Person:
    person = town.by_oid(oid)
    if not town.admits(tenant, person):
        raise Shown("AADSTS50020", "The user account does not exist in this tenant.")
    return person


def _wanted(town: Microsoft, query: dict[str, str]) -> dict[str, str]:
    """The request for authorization, checked; Shown when it is wrong."""
    if query.get("client_id") != town.client_id:
        raise Shown("AADSTS700016", "The application was not found in the directory.")
    if not town.redirects(query.get("redirect_uri", "")):
        raise Shown("AADSTS50011", "The redirect URI does not match the redirect URIs configured for the application.")
    scopes = query.get("scope", "").split()
    wrong = [
        "response_type is not code" if query.get("response_type") != "code" else "",
        "response_mode is not query" if query.get("response_mode", "query") != "query" else "",
        "PKCE with S256 is missing" if query.get("code_challenge_method") != "S256" else "",
        "code_challenge is not 43 characters long" if len(query.get("code_challenge", "")) != 43 else "",
        "state is missing" if not query.get("state") else "",
        "nonce is missing" if "openid" in scopes and not query.get("nonce") else "",
        "prompt is unknown" if query.get("prompt", "") not in PROMPTS else "",
        "claims are no JSON" if not _json(query.get("claims", "{}")) else "",
        "scope is missing" if not scopes else "",
        *(f"scope {scope} is unknown" for scope in scopes if "://" not in short(scope) and short(scope) not in KNOWN),
    ]
    for problem in filter(None, wrong):
        town.breach("oauth.authorize", problem)
        raise Shown("AADSTS900144", problem)
    return query


def _json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def granted(town: Microsoft, wanted: Mapping[str, str], person: Person, scopes: Iterable[str]) -> str:
    """The redirect that carries the code, or the refusal of a tenant that lets nobody consent."""
    asked = frozenset(map(short, scopes))
    with town.lock:
        if _blocked(town, person, asked):
            error, why = BLOCKS[town.consent_refusal]
            return redirect(wanted, error=error, error_description=why)
        code = town.grants.new_code(
            Code(
                oid=person.oid, scopes=town.grants.consent(person.oid, asked), redirect_uri=wanted["redirect_uri"],
                challenge=wanted["code_challenge"], nonce=wanted.get("nonce", ""), at=town.now(),
            )
        )  # fmt: skip
        town.claims.append(wanted.get("claims", ""))
    return redirect(wanted, code=code, session_state=f"{town.number():08x}-0000-0000-0000-000000000000")


def _blocked(town: Microsoft, person: Person, asked: frozenset[str]) -> bool:
    """Old consents stay; personal accounts have no administrator."""
    if not town.blocks_user_consent or person.personal or person.tid in town.consented_tenants:
        return False
    new = asked - town.grants.granted.get(person.oid, frozenset()) - set(OPENID)
    return any(scope.startswith(BLOCKED) for scope in new)


def redirect(wanted: Mapping[str, str], **more: str) -> str:
    to = wanted["redirect_uri"]
    return f"{to}{'&' if '?' in to else '?'}{urlencode(more | {'state': wanted['state']}, quote_via=quote)}"


def adminconsent(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    """The administrator's page: GET shows it, POST takes its form."""
    form = form_of(asked)
    query = form.get("request", "") if asked.verb == "POST" else urlencode(asked.query)
    wanted = dict(parse_qsl(query))
    if wanted.get("client_id") != town.client_id or not town.redirects(wanted.get("redirect_uri", "")):
        town.breach("oauth.adminconsent", "client or redirect URI is unknown")
        return screens.refused("AADSTS50011", "The redirect URI does not match.")
    if asked.verb == "GET":
        people = [(one.oid, one.address) for one in town.people.values() if not one.personal]
        allows = screens.rows(wanted.get("scope", "all that is registered").split())
        return screens.consent(
            "Permissions requested: review for your organization", query, people, hint="-", allows=allows,
            buttons=("Accept", "Cancel"),
        )  # fmt: skip
    kept = {"state": wanted["state"]} if "state" in wanted else {}
    if form.get("decision") != "allow":
        return _back(wanted, CANCELLED | kept)
    tid = town.by_oid(form["person"]).tid
    town.admin_consents(tid)
    return _back(wanted, {"admin_consent": "True", "tenant": tid, "scope": wanted.get("scope", "")} | kept)


def _back(wanted: Mapping[str, str], more: Mapping[str, str]) -> Answer:
    return Answer(status=302, headers={"Location": f"{wanted['redirect_uri']}?{urlencode(more, quote_via=quote)}"})


def logout(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    to = dict(asked.query).get("post_logout_redirect_uri", "")
    return Answer(status=302, headers={"Location": to}) if town.redirects(to) else screens.page(200, "Signed out", "")
