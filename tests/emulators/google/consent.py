"""The authorization page: what may be asked there, what a person decides, and the redirect that follows.

`oauth.py` sends its path here; tests without a browser use ``town.consent``. PROVIDERS.md, section 5;
RFC 6749, 7636, 9207.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.emulators.google.grants import ISSUER, Code, full, named
from tests.emulators.google.values import Answer, Asked
from tests.emulators.stand import screens
from tests.emulators.stand.forms import form_of

if TYPE_CHECKING:
    from tests.emulators.google.town import Google


class Shown(Exception):
    """An error shown to the person instead of a redirect."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error, self.why = error, why


def authorize(town: Google, asked: Asked) -> Answer:
    """GET shows the page, POST takes its form."""
    form = form_of(asked)
    query = form.get("request", "") if asked.verb == "POST" else urlencode(asked.query)
    try:
        wanted = _wanted(town, dict(parse_qsl(query)))
        if asked.verb == "GET":
            people = [(person.sub, person.address) for person in town.people.values()]
            return screens.consent(
                "Sign in with Google", query, people, hint=wanted.get("login_hint", ""),
                allows=screens.boxes(wanted["scope"].split()), buttons=("Allow", "Cancel"),
            )  # fmt: skip
        to = _decided(town, wanted, form)
    except Shown as exc:
        return screens.refused(exc.error, exc.why)
    return Answer(status=302, headers={"Location": to})


def _decided(town: Google, wanted: Mapping[str, str], form: Mapping[str, str]) -> str:
    if form.get("decision") != "allow":
        return redirect(wanted, error="access_denied")
    return granted(town, wanted, form.get("person", ""), [scope for scope in wanted["scope"].split() if scope in form])


def consented(town: Google, url: str, sub: str, scopes: Iterable[str] | None, *, deny: bool) -> str:
    """Where a decision on the page at ``url`` leads, without a browser; ValueError when the page shows an error."""
    try:
        wanted = _wanted(town, dict(parse_qsl(urlsplit(url).query)))
    except Shown as exc:
        raise ValueError(f"{exc.error}: {exc.why}") from exc
    if deny:
        return redirect(wanted, error="access_denied")
    return granted(town, wanted, sub, wanted["scope"].split() if scopes is None else map(named, scopes))


def _wanted(town: Google, query: dict[str, str]) -> dict[str, str]:
    """The request for authorization, checked; Shown when it is wrong."""
    if query.get("client_id") != town.client_id:
        raise Shown("invalid_client", "The OAuth client was not found.")
    if query.get("redirect_uri") not in town.redirect_uris:
        raise Shown("redirect_uri_mismatch", "The redirect URI is not registered.")
    wrong = [
        "response_type is not code" if query.get("response_type") != "code" else "",
        "PKCE with S256 is missing" if query.get("code_challenge_method") != "S256" else "",
        "code_challenge is not 43 characters long" if len(query.get("code_challenge", "")) != 43 else "",
        "state is missing" if not query.get("state") else "",
        "scope is missing" if not query.get("scope") else "",
        *(f"scope {scope} is unknown" for scope in query.get("scope", "").split() if not town.knows(full(scope))),
    ]
    for problem in filter(None, wrong):
        town.breach("oauth.authorize", problem)
        raise Shown("invalid_request", problem)
    return query


def granted(town: Google, wanted: Mapping[str, str], sub: str, scopes: Iterable[str]) -> str:
    """The redirect that carries the code."""
    with town.lock:
        if town.admin_blocks:
            return redirect(wanted, error="admin_policy_enforced")
        first = sub not in town.grants.granted
        merged = wanted.get("include_granted_scopes") == "true"
        found = town.grants.consent(sub, map(full, scopes), merged=merged)
        offline = wanted.get("access_type") == "offline" and (first or "consent" in wanted.get("prompt", "").split())
        code = town.grants.new_code(
            Code(
                sub=sub, scopes=found, redirect_uri=wanted["redirect_uri"], challenge=wanted["code_challenge"],
                nonce=wanted.get("nonce", ""), offline=offline, at=town.now(),
            )
        )  # fmt: skip
    return redirect(wanted, code=code, scope=" ".join(sorted(found)), authuser="0", prompt="consent")


def redirect(wanted: Mapping[str, str], **more: str) -> str:
    to = wanted["redirect_uri"]
    return (
        f"{to}{'&' if '?' in to else '?'}{urlencode({'state': wanted['state'], 'iss': ISSUER} | more, quote_via=quote)}"
    )
