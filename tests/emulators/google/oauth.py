"""Sign-in: tokens, revocation, keys, userinfo. `desk.py` sends these paths here.

Rules: PROVIDERS.md, section 5, and ../shared/contracts/google/oauth-openid.json; RFC 6749, 7009, 7523.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.emulators.google.consent import authorize
from tests.emulators.google.grants import CODE, HOUR, ISSUER, SHORT
from tests.emulators.google.values import Answer, Asked, Json, Refusal, error_info, of_json
from tests.emulators.stand.forms import client_of, form_of, problems, proves
from tests.emulators.stand.tokens import key, read, signed

if TYPE_CHECKING:
    from tests.emulators.google.town import Google

ROBOT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TAKEN = frozenset((
    "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "scope",
    "assertion",
))  # fmt: skip


class Denied(Exception):
    """An error answer of the token or revocation endpoint (RFC 6749, section 5.2)."""

    def __init__(self, error: str, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.error, self.why, self.status = error, why, status

    def answer(self) -> Answer:
        return of_json({"error": self.error, "error_description": self.why}, status=self.status)


def denied(refusal: Refusal) -> Answer:
    """A fault's refusal in the shape of these endpoints (RFC 6749, section 5.2)."""
    told = {"error": refusal.reason, "error_description": refusal.message}
    return of_json(told, status=refusal.status, headers=refusal.headers)


def token(town: Google, asked: Asked) -> Answer:
    """POST /token: code, refresh token or a service account's assertion for an access token."""
    try:
        return of_json(_given(town, asked), headers={"Cache-Control": "no-store"})
    except Denied as exc:
        return exc.answer()


def _given(town: Google, asked: Asked) -> Json:
    form = _form(town, asked)
    kinds: dict[str, Callable[[Google, Mapping[str, str]], Json]] = {
        "authorization_code": _by_code, "refresh_token": _by_refresh, ROBOT: _by_robot,
    }  # fmt: skip
    found = kinds.get(form.get("grant_type", ""))
    if found is None:
        raise Denied("unsupported_grant_type", "Invalid grant_type")
    if form["grant_type"] != ROBOT:
        _client(town, asked, form)
    with town.lock:
        return found(town, form)


def _form(town: Google, asked: Asked) -> dict[str, str]:
    for problem in problems(asked, TAKEN):
        town.breach("oauth.token", problem)
        raise Denied("invalid_request", problem)
    return form_of(asked)


def _client(town: Google, asked: Asked, form: Mapping[str, str]) -> None:
    if client_of(asked, form) != (town.client_id, town.client_secret):
        raise Denied("invalid_client", "The provided client secret is invalid.", 401)


def _by_code(town: Google, form: Mapping[str, str]) -> Json:
    code = town.grants.codes.get(form.get("code", ""))
    if code is None or town.now() >= code.at + CODE:
        raise Denied("invalid_grant", "Malformed or expired auth code.")
    if code.used:
        town.withdraw_sub(code.sub)  # RFC 6749, 4.1.2: revoke what an earlier use gave
        raise Denied("invalid_grant", "The auth code was used before.")
    if form.get("redirect_uri") != code.redirect_uri:
        raise Denied("redirect_uri_mismatch", "Bad Request")
    if not proves(form.get("code_verifier", ""), code.challenge):
        raise Denied("invalid_grant", "Invalid code verifier.")
    found = issued(town, code.sub, code.scopes, offline=code.offline, nonce=code.nonce)
    town.grants.codes[form["code"]] = replace(code, used=found["access_token"])
    return found


def issued(town: Google, sub: str, scopes: frozenset[str], *, offline: bool, nonce: str = "") -> Json:
    """A token answer."""
    now = town.now()
    found: Json = {
        "access_token": town.grants.new_access(sub, scopes, now), "expires_in": int(HOUR.total_seconds()),
        "scope": " ".join(sorted(scopes)), "token_type": "Bearer",
    }  # fmt: skip
    if offline:
        found["refresh_token"] = text = town.grants.new_refresh(sub, scopes, now, testing=town.testing)
        if (until := town.grants.refresh[text].until) is not None:
            found["refresh_token_expires_in"] = int((until - now).total_seconds())
    if "openid" in scopes:
        found["id_token"] = id_token(town, sub, scopes, nonce)
    return found


def _by_refresh(town: Google, form: Mapping[str, str]) -> Json:
    now = town.now()
    found = town.grants.refreshed(form.get("refresh_token", ""), now, rotates=town.rotates)
    if found is None:
        raise Denied("invalid_grant", "Token has been expired or revoked.")
    refresh, following = found
    given = issued(town, refresh.sub, refresh.scopes, offline=False)
    if following:
        given["refresh_token"] = following
    if refresh.until:
        given["refresh_token_expires_in"] = int((refresh.until - now).total_seconds())
    return given


def _by_robot(town: Google, form: Mapping[str, str]) -> Json:
    """RFC 7523: an assertion of the service account, good for an hour at most."""
    now = town.now().timestamp()
    try:
        claims = read(form.get("assertion", ""), key("service"))
    except ValueError as exc:
        raise Denied("invalid_grant", "Invalid JWT Signature.") from exc
    if claims.get("iss") != town.robot or claims.get("aud") != f"{town.base}/token":
        raise Denied("invalid_grant", "Invalid issuer or audience.")
    if not now - 300 <= claims.get("iat", 0) <= now + 300 or not now < claims.get("exp", 0) <= claims["iat"] + 3600:
        raise Denied("invalid_grant", "Invalid JWT: it must be short-lived and in a reasonable timeframe.")
    scopes = frozenset(str(claims.get("scope", "")).split())
    return {
        "access_token": town.grants.new_access(town.robot, scopes, town.now()), "expires_in": 3600,
        "token_type": "Bearer",
    }  # fmt: skip


def id_token(town: Google, sub: str, scopes: frozenset[str], nonce: str) -> str:
    """OpenID Connect Core, section 2; address and name only with their scopes."""
    person, now = town.by_sub(sub), int(town.now().timestamp())
    claims: Json = {
        "iss": ISSUER,
        "aud": town.client_id,
        "azp": town.client_id,
        "sub": sub,
        "iat": now,
        "exp": now + 3600,
    }
    claims |= _about(person.address, person.name, scopes) | ({"nonce": nonce} if nonce else {})
    return signed(claims, key("google"))


def _about(address: str, name: str, scopes: frozenset[str]) -> Json:
    mail = {"email": address, "email_verified": True} if SHORT["email"] in scopes else {}
    return mail | ({"name": name} if SHORT["profile"] in scopes else {})


def revoke(town: Google, asked: Asked) -> Answer:
    """RFC 7009, but as Google does it: the whole grant goes, and an unknown token is an error."""
    form = form_of(asked) | dict(asked.query)
    with town.lock:
        sub = town.grants.owner(form.get("token", ""))
        if sub is None:
            return Denied("invalid_token", "Token expired or revoked").answer()
        town.withdraw_sub(sub)
    return of_json({})


def certs(town: Google, asked: Asked) -> Answer:
    keys = [key(name).jwk for name in town.signing_keys]
    return of_json({"keys": keys}, headers={"Cache-Control": "public, max-age=19800, must-revalidate, no-transform"})


def userinfo(town: Google, asked: Asked) -> Answer:
    with town.lock:
        access = town.grants.alive(asked.headers.get("authorization", "").removeprefix("Bearer "), town.now())
        if access is None:
            return Denied("invalid_token", "Invalid Credentials", 401).answer()
        if "openid" not in access.scopes:
            raise Refusal(
                403, "insufficientPermissions", "Insufficient Permission",
                details=[error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "openidconnect")],
            )  # fmt: skip
        person = town.by_sub(access.sub)
        return of_json({"sub": person.sub} | _about(person.address, person.name, access.scopes))


def discovery(town: Google, asked: Asked) -> Answer:
    """Where everything is; the issuer stays Google's own name."""
    return of_json({
        "issuer": ISSUER,
        "authorization_endpoint": f"{town.base}/o/oauth2/v2/auth",
        "token_endpoint": f"{town.base}/token",
        "revocation_endpoint": f"{town.base}/revoke",
        "userinfo_endpoint": f"{town.base}/v1/userinfo",
        "jwks_uri": f"{town.base}/oauth2/v3/certs",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "scopes_supported": ["openid", "email", "profile"],
    })  # fmt: skip


Endpoint = Callable[["Google", Asked], Answer]
ENDPOINTS: dict[tuple[str, str], tuple[str, Endpoint]] = {
    ("GET", "/o/oauth2/v2/auth"): ("oauth.authorize", authorize),
    ("POST", "/o/oauth2/v2/auth"): ("oauth.authorize", authorize),
    ("POST", "/token"): ("oauth.token", token),
    ("POST", "/revoke"): ("oauth.revoke", revoke),
    ("GET", "/oauth2/v3/certs"): ("oauth.certs", certs),
    ("GET", "/v1/userinfo"): ("oauth.userinfo", userinfo),
    ("GET", "/.well-known/openid-configuration"): ("oauth.discovery", discovery),
}
