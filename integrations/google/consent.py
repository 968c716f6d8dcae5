"""The page on which a person says what we may do with their Google account; its tokens, their renewal and their end.

Called by `Google` and, for renewal, by `calls`. Facts: PROVIDERS.md, section 5, read November 2026. The account is
known by ``sub`` for good; its address may change hands (RELIABILITY.md G4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.base import Consent, House, Identity, Journey
from integrations.google import operator
from integrations.google.hosts import CONSENT, ISSUER, ISSUERS, KEYS, REVOKE, TOKEN, at
from integrations.wire import oauth
from integrations.wire.jwt import NEVER, Signer
from integrations.wire.net import Reach
from integrations.wire.tokens import Client, Given, Server
from keepwarm.errors import AccessRevoked, MisconfiguredError, Rejected
from keepwarm.settings import Settings
from keepwarm.texts import mark
from keepwarm.types import Grant

ROOT = "https://www.googleapis.com/auth/"
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "calendar": (f"{ROOT}calendar.readonly", f"{ROOT}calendar.app.created"),
    "contacts": (f"{ROOT}contacts.readonly", f"{ROOT}contacts.other.readonly"),
    "mail": (f"{ROOT}gmail.metadata",),
    "send": (f"{ROOT}gmail.send",),
    "draft": (f"{ROOT}gmail.compose",),
}
WHO = ("openid", "email", "profile")
LONG = {"email": f"{ROOT}userinfo.email", "profile": f"{ROOT}userinfo.profile"}  # as Google's answer calls them

NO_REFRESH = mark(
    "Google gave no lasting permission. Nothing was saved. Remove Keepwarm on myaccount.google.com/connections, and"
    " connect once more."
)
NO_ADDRESS = mark("Google does not say which address this account has. Nothing was saved; choose another account.")


def ready(house: House) -> str:
    """Why nobody can be connected here, in a marked sentence for the operator; empty: they can."""
    try:
        operator.client(house.settings)
    except MisconfiguredError as error:
        return str(error)
    return ""


def begin(house: House, purposes: Sequence[str], *, redirect: str, address: str = "") -> Journey:
    """The way to the page of consent. Raises MisconfiguredError."""
    asked = [each for each in PURPOSES if each in purposes]
    scopes = [*WHO, *(scope for each in asked for scope in PURPOSES[each])]
    more = {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}
    more |= {"login_hint": address} if address else {}
    journey = oauth.begin(client(house.settings, house.reach, house.now()), scopes, redirect=redirect, **more)
    return Journey(url=journey.url, kept={**journey.kept, "purposes": " ".join(asked)})


def finish(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Consent:
    """What the owner allowed, now or earlier; single permissions may have been unticked.

    Raises NotAuthentic, Rejected in words, MisconfiguredError, TryAgainLater.
    """
    given = oauth.finish(client(house.settings, house.reach, house.now()), kept, answer)
    if not given.refresh:
        raise Rejected(NO_REFRESH)
    sub, address = str(given.claims["sub"]), _address(given.claims)
    scopes = _long(given.scopes)
    able = {each: scopes.issuperset(needed) for each, needed in PURPOSES.items()}
    settings = {"address": address, "sub": sub, "scopes": sorted(scopes), "grant_ends_at": _text(given.ends_at)}
    return Consent(
        identity=sub,
        address=address,
        grant=_grant(given),
        settings={**settings, **able},
        refused=frozenset(each for each in kept.get("purposes", "").split() if not able.get(each)),
    )


def ask_who(house: House, *, redirect: str) -> Journey:
    """The way to the page on which a person says who they are, and no more. Raises MisconfiguredError."""
    ours = client(house.settings, house.reach, house.now())
    return oauth.begin(ours, WHO, redirect=redirect, prompt="select_account")


def told_who(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Identity:
    """Who they are; what else was given is dropped.

    Raises NotAuthentic, Rejected in words, MisconfiguredError, TryAgainLater.
    """
    given = oauth.finish(client(house.settings, house.reach, house.now()), kept, answer)
    try:
        address = _address(given.claims)
    except Rejected:
        address = ""
    return Identity(issuer=ISSUER, subject=str(given.claims["sub"]), address=address)


def renew(settings: Settings, reach: Reach, grant: Grant, now: datetime) -> Grant:
    """The grant with a new access token. Raises AccessRevoked, MisconfiguredError, TryAgainLater."""
    held = grant.values.get("refresh_token", "")
    if not held:
        raise AccessRevoked(oauth.GONE)
    return _grant(oauth.refresh(client(settings, reach, now), held, grant.values.get("scope", "")))


def revoke(settings: Settings, reach: Reach, grant: Grant) -> None:
    """Give back all that the person granted to this project; a dead grant is success.

    Raises MisconfiguredError, TryAgainLater.
    """
    held = grant.values.get("refresh_token") or grant.values.get("access_token")
    if held:
        oauth.revoke(client(settings, reach, NEVER), held)  # nothing of it depends on when


def client(settings: Settings, reach: Reach, now: datetime) -> Client:
    """We, as Google knows us. Raises MisconfiguredError."""
    ours = operator.client(settings)
    return Client(server=server(settings), id=ours.id, secret=ours.secret, reach=reach, now=now)


def server(settings: Settings) -> Server:
    authorize, token, revocation = (at(settings.google_base, each) for each in (CONSENT, TOKEN, REVOKE))
    return Server(authorize=authorize, token=token, revoke=revocation, signer=signer(settings))


def signer(settings: Settings) -> Signer:
    return Signer(keys=at(settings.google_base, KEYS), issuers=ISSUERS)


def _grant(given: Given) -> Grant:
    scope, ends = " ".join(sorted(_long(given.scopes))), given.expires_at.isoformat()
    return Grant(
        values={"access_token": given.access, "refresh_token": given.refresh, "expires_at": ends, "scope": scope}
    )


def _long(scopes: Iterable[str]) -> frozenset[str]:
    return frozenset(LONG.get(each, each) for each in scopes)


def _address(claims: Mapping[str, Any]) -> str:
    """The account's address, lower case, which Google has verified. Raises Rejected."""
    found = claims.get("email")
    if not isinstance(found, str) or not 3 <= len(found) <= 320 or "@" not in found:
        raise Rejected(NO_ADDRESS)
    if claims.get("email_verified") is not True:
        raise Rejected(NO_ADDRESS)
    return found.lower()


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
