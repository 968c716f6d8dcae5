"""Sign-in: tokens, keys, userinfo, discovery. `desk.py` sends these paths here. There is no revocation endpoint.

Rules: PROVIDERS.md, section 5, and ../shared/contracts/microsoft/oauth-openid.json; RFC 6749, 7636.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.emulators.microsoft.consent import adminconsent, authorize, logout
from tests.emulators.microsoft.grants import CODE, HOUR, OPENID, elsewhere, short
from tests.emulators.microsoft.values import Refusal
from tests.emulators.stand.forms import client_of, form_of, problems, proves
from tests.emulators.stand.tokens import key, signed
from tests.emulators.stand.values import Answer, Asked, Json, of_json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

HOST = "https://login.microsoftonline.com"
TAKEN = frozenset((
    "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "scope",
    "claims", "client_info",
))  # fmt: skip
REASONS = {
    50076: ("interaction_required", "Due to a configuration change you must use multi-factor authentication."),
    50079: ("interaction_required", "The user is required to use multi-factor authentication."),
    50173: ("invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    54005: ("invalid_grant", "OAuth2 Authorization code was already redeemed."),
    65001: ("invalid_grant", "The user or administrator has not consented to use the application."),
    70000: ("invalid_grant", "The request was denied because one or more scopes are unauthorized or expired."),
    70008: ("invalid_grant", "The provided authorization code or refresh token has expired due to inactivity."),
    70011: ("invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    70003: ("unsupported_grant_type", "The app requested an unsupported grant type."),
    28000: ("invalid_scope", "The value of the input parameter scope contains more than one resource."),
    500112: ("invalid_grant", "The reply address does not match the reply address provided when requesting the code."),
    501481: ("invalid_grant", "The Code_Verifier does not match the code_challenge supplied before."),
    700082: ("invalid_grant", "The refresh token has expired due to inactivity."),
    700016: ("unauthorized_client", "Application was not found in the directory."),
    7000215: ("invalid_client", "Invalid client secret provided."),
    7000218: ("invalid_client", "The request body must contain 'client_assertion' or 'client_secret'."),
    7000222: ("invalid_client", "The provided client secret keys for app are expired."),
    9002313: ("invalid_grant", "Invalid request. Request is malformed or invalid."),
    900144: ("invalid_request", "The request body does not fit."),
}  # fmt: skip  # M/entra/identity-platform/reference-error-codes
SUBERRORS = {65001: "consent_required", 50173: "bad_token", 50076: "basic_action", 50079: "basic_action"}


class Denied(Exception):
    """An error answer of the token endpoint, by its AADSTS number."""

    def __init__(self, number: int, why: str = "") -> None:
        super().__init__(number)
        self.number, self.why = number, why

    def answer(self) -> Answer:
        error, text = REASONS[self.number]
        trace = "00000000-0000-0000-0000-000000000000"
        about = f"AADSTS{self.number}: {self.why or text} Trace ID: {trace} Correlation ID: {trace}"
        given: Json = {
            "error": error, "error_description": about, "error_codes": [self.number], "trace_id": trace,
            "correlation_id": trace, "timestamp": "2026-11-23 09:00:00Z",
            "error_uri": f"{HOST}/error?code={self.number}",
        }  # fmt: skip
        if self.number in SUBERRORS:
            given["suberror"] = SUBERRORS[self.number]
        return of_json(given, status=401 if error == "invalid_client" else 400)


def denied(refusal: Refusal) -> Answer:
    """A fault's refusal in the shape of these endpoints."""
    busy = refusal.status in (429, 500, 502, 503, 504)
    told = {
        "error": "temporarily_unavailable" if busy else refusal.code, "error_description": refusal.message,
        "error_codes": [90033],
    }  # fmt: skip
    return of_json(told, status=refusal.status, headers=refusal.headers)


def token(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    """A code or a refresh token for an access token."""
    try:
        return of_json(_given(town, asked, tenant), headers={"Cache-Control": "no-store"})
    except Denied as exc:
        return exc.answer()


def _given(town: Microsoft, asked: Asked, tenant: str) -> Json:
    for problem in problems(asked, TAKEN):
        town.breach("oauth.token", problem)
        raise Denied(900144, problem)
    form = form_of(asked)
    _client(town, asked, form)
    ways = {"authorization_code": _by_code, "refresh_token": _by_refresh}
    if form.get("grant_type") not in ways:
        raise Denied(70003)
    with town.lock:
        return ways[form["grant_type"]](town, form, tenant)


def _client(town: Microsoft, asked: Asked, form: Mapping[str, str]) -> None:
    name, secret = client_of(asked, form)
    if name != town.client_id:
        raise Denied(700016)
    if not secret:
        raise Denied(7000218)
    if secret != town.client_secret:
        raise Denied(7000215)
    if town.secret_expired:
        raise Denied(7000222)


def _by_code(town: Microsoft, form: Mapping[str, str], tenant: str) -> Json:
    text, now = form.get("code", ""), town.now()
    if text not in town.grants.codes:
        raise Denied(9002313)
    code = town.grants.codes[text]
    if code is None:
        raise Denied(54005)
    if now >= code.at + CODE:
        raise Denied(70008)
    if form.get("redirect_uri") != code.redirect_uri:
        raise Denied(500112)
    if not proves(form.get("code_verifier", ""), code.challenge):
        raise Denied(501481)
    person = _person(town, code.oid, tenant)
    scopes = _narrowed(form, code.scopes)
    town.grants.codes[text] = None
    town.challenged.discard(person.oid)
    town.conditions.pop(person.oid, None)
    return issued(town, person, code.scopes, scopes, nonce=code.nonce)


def _person(town: Microsoft, oid: str, tenant: str) -> Person:
    person = town.by_oid(oid)
    if not town.admits(tenant, person):
        raise Denied(70000)
    return person


def _narrowed(form: Mapping[str, str], scopes: frozenset[str]) -> frozenset[str]:
    """The scopes that the token shall have: those asked, out of those granted, of one resource."""
    asked = frozenset(map(short, form.get("scope", "").split())) or scopes
    if elsewhere(asked) and {scope for scope in asked if "." in scope and "://" not in scope}:
        raise Denied(28000)
    if not asked - set(OPENID) <= scopes:
        raise Denied(65001)
    return asked


def _by_refresh(town: Microsoft, form: Mapping[str, str], tenant: str) -> Json:
    found = town.grants.refreshed(form.get("refresh_token", ""), town.now())
    if isinstance(found, int):
        raise Denied(found)
    person = _person(town, found.oid, tenant)
    if person.oid in town.conditions:
        raise Denied(town.conditions[person.oid])
    return issued(town, person, found.scopes, _narrowed(form, found.scopes))


def issued(town: Microsoft, person: Person, held: frozenset[str], scopes: frozenset[str], *, nonce: str = "") -> Json:
    """A token answer; ``held`` is what a refresh token stands for, ``scopes`` what the access token may."""
    now = town.now()
    found: Json = {
        "token_type": "Bearer", "scope": town.spelt(scopes), "expires_in": int(HOUR.total_seconds()),
        "ext_expires_in": int(HOUR.total_seconds()), "access_token": town.grants.new_access(person.oid, scopes, now),
    }  # fmt: skip
    if "offline_access" in held:
        found["refresh_token"] = town.grants.new_refresh(person.oid, held, now)
    if "openid" in scopes:
        found["id_token"] = id_token(town, person, scopes, nonce)
    return found


def id_token(town: Microsoft, person: Person, scopes: frozenset[str], nonce: str) -> str:
    """Its issuer is the person's own tenant, whatever endpoint was asked."""
    now = int(town.now().timestamp())
    claims: Json = {
        "ver": "2.0", "iss": f"{HOST}/{person.tid}/v2.0", "aud": town.client_id, "sub": person.sub, "tid": person.tid,
        "iat": now, "nbf": now, "exp": now + 3600, "uti": f"{town.number():022d}",
    }  # fmt: skip
    claims |= about(person, scopes) | ({"nonce": nonce} if nonce else {})
    return signed(claims, key("microsoft"))


def about(person: Person, scopes: frozenset[str]) -> Json:
    """Address and name, only with their scopes; ``oid`` comes with profile."""
    mail = {"email": person.mail} if "email" in scopes and person.mail else {}
    profile = {"name": person.name, "preferred_username": person.address, "oid": person.oid}
    return mail | (profile if "profile" in scopes else {})


def keys(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    issuer = f"{HOST}/{{tenantid}}/v2.0"
    found = [{**key(name).jwk, "issuer": issuer} for name in town.signing_keys]
    for one in found:
        one.pop("alg")  # the real ones have none
    return of_json({"keys": found}, headers={"Cache-Control": "max-age=86400, private"})


def userinfo(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    with town.lock:
        access = town.grants.alive(asked.headers.get("authorization", "").removeprefix("Bearer "), town.now())
        if access is None or "openid" not in access.scopes:
            raise Refusal(401, "InvalidAuthenticationToken", "Access token is empty or dead.")
        person = town.by_oid(access.oid)
        return of_json({"sub": person.sub, "name": person.name, "email": person.mail})


def discovery(town: Microsoft, asked: Asked, tenant: str) -> Answer:
    """Where everything is; the issuer stays Microsoft's own name, with the tenant left open under common."""
    own = tenant if town.is_tenant(tenant) else "{tenantid}"
    base = f"{town.base}/{tenant}"
    return of_json({
        "issuer": f"{HOST}/{own}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "userinfo_endpoint": f"{town.base}/oidc/userinfo",
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    })  # fmt: skip


Endpoint = Callable[["Microsoft", Asked, str], Answer]
ENDPOINTS: dict[tuple[str, str], tuple[str, Endpoint]] = {
    ("GET", "oauth2/v2.0/authorize"): ("oauth.authorize", authorize),
    ("POST", "oauth2/v2.0/authorize"): ("oauth.authorize", authorize),
    ("POST", "oauth2/v2.0/token"): ("oauth.token", token),
    ("GET", "oauth2/v2.0/logout"): ("oauth.logout", logout),
    ("GET", "v2.0/adminconsent"): ("oauth.adminconsent", adminconsent),
    ("POST", "v2.0/adminconsent"): ("oauth.adminconsent", adminconsent),
    ("GET", "discovery/v2.0/keys"): ("oauth.keys", keys),
    ("GET", "v2.0/.well-known/openid-configuration"): ("oauth.discovery", discovery),
    ("GET", "userinfo"): ("oauth.userinfo", userinfo),  # /oidc/userinfo
}


def found(verb: str, path: str) -> tuple[str, Endpoint, str] | None:
    """An endpoint's name, itself, and the tenant in the path."""
    tenant, _, rest = path.lstrip("/").partition("/")
    name = ENDPOINTS.get((verb, rest))
    return (*name, tenant) if name else None
