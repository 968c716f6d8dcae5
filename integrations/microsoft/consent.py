"""The page on which a person says what we may do with their Microsoft account; its tokens and their renewal.

Called by `Microsoft` and, for renewal, by `calls`; what a refusal means stands in `refusals`. An account is known by
its tenant and its object there for good; addresses may change hands (RELIABILITY.md G4). Facts: PROVIDERS.md, section
5, oauth-openid.json, M/entra/identity-platform/v2-admin-consent, read November 2026.

An administrator who follows the link of NeedsAdministrator comes back to our redirect address in a browser that never
was there: with ``state`` = `ADMINISTRATOR`, ``tenant`` and ``admin_consent=True``, or with ``error`` and
``error_description`` instead of consent. It proves nothing and changes nothing here; people connect once more.

Not verified on a real tenant: how the answer spells scopes (any spelling is taken); that a renewal keeps all scopes
where they are asked for by name; which of a personal account's addresses ``/me`` tells, and whether it takes $select of
``proxyAddresses``; whether published keys say for which tenant they sign (if they do, that is checked).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode

from integrations.base import Consent, House, Identity, Journey
from integrations.microsoft import operator
from integrations.microsoft.hosts import GRAPH, LOGIN, PERSONAL, at, issuer
from integrations.microsoft.refusals import OTHER_TENANT, at_consent, at_renewal
from integrations.wire import oauth
from integrations.wire.answers import text, told
from integrations.wire.http import Client as Http
from integrations.wire.jwt import TENANT, Signer, is_id
from integrations.wire.net import Reach
from integrations.wire.plain import mail_address
from integrations.wire.tokens import Client, Given, Refusal, Server
from keepwarm.errors import AccessRevoked, KeepwarmError, MisconfiguredError, NotAuthentic, Rejected
from keepwarm.settings import Settings
from keepwarm.texts import mark
from keepwarm.types import Grant

ROOT = "https://graph.microsoft.com/"
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "calendar": (f"{ROOT}Calendars.ReadWrite", f"{ROOT}MailboxSettings.Read"),
    "contacts": (f"{ROOT}Contacts.Read",),
    "mail": (f"{ROOT}Mail.ReadBasic",),
    "send": (f"{ROOT}Mail.Send",),
    "draft": (f"{ROOT}Mail.ReadWrite",),
}
USUAL = ("calendar", "contacts", "mail", "send")  # what is asked of everybody, in two steps
WHO_ALONE = ("openid", "profile", "email")
WHO = ("openid", "profile", "email", "offline_access", f"{ROOT}User.Read")
ANY, WORK, CONSUMERS = "common", "organizations", "consumers"
ADMINISTRATOR = "administrator"  # the state in an administrator's link: no secret, no visit
NAMED = ("mail", "userPrincipalName")  # of /me: the mailbox's own address, and what one signs in with
MORE = ("proxyAddresses", "otherMails")
ADDRESSES = 50  # of one person; ours
LONGEST = 64 << 10  # bytes of what /me tells

NO_REFRESH = mark("Microsoft gave no lasting permission. Nothing was saved; connect once more.")
NO_ADDRESS = mark("Microsoft does not say which address this account has. Nothing was saved; choose another account.")

_KNOWN = {
    each.removeprefix(ROOT).lower(): each
    for each in (*WHO, *(scope for needed in PURPOSES.values() for scope in needed))
}


class Graph(Protocol):
    """What `own_addresses` needs of `calls.Calls`, which needs `renew`."""

    def get(self, path: str, params: Iterable[tuple[str, str]] = ()) -> Any: ...


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
    more = {"response_mode": "query", "prompt": "select_account"} | ({"login_hint": address} if address else {})
    ours = client(house.settings, house.reach, house.now())
    journey = oauth.begin(ours, scopes(asked), redirect=redirect, **more)
    return Journey(url=journey.url, kept={**journey.kept, "purposes": " ".join(asked)})


def finish(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Consent:
    """What the owner allowed, now or earlier.

    Raises NotAuthentic, Rejected in words, NeedsAdministrator, MisconfiguredError, TryAgainLater.
    """
    ours = client(house.settings, house.reach, house.now())
    given = oauth.finish(ours, kept, answer, means=partial(_refused, house.settings, kept))
    tenant, who = _proven(house, given, answer)
    identity = f"{tenant}.{who}"
    if not given.refresh:
        raise Rejected(NO_REFRESH)
    address, held = _address(house, given), _named(given.scopes)
    able = {each: held.issuperset(needed) for each, needed in PURPOSES.items()}
    settings = {"address": address, "sub": identity, "scopes": sorted(held), "tenant": tenant}
    return Consent(
        identity=identity,
        address=address,
        grant=_grant(given),
        settings={**settings, "personal": tenant == PERSONAL, **able},
        refused=frozenset(each for each in kept.get("purposes", "").split() if not able.get(each)),
    )


def ask_who(house: House, *, redirect: str) -> Journey:
    """The way to the page on which a person says who they are, and no more. Raises MisconfiguredError."""
    ours = client(house.settings, house.reach, house.now())
    return oauth.begin(ours, WHO_ALONE, redirect=redirect, response_mode="query", prompt="select_account")


def told_who(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Identity:
    """Who they are: the issuer names the tenant, ``oid`` the person in it; what else was given is dropped.

    Raises NotAuthentic, Rejected in words, NeedsAdministrator, MisconfiguredError, TryAgainLater.
    """
    ours = client(house.settings, house.reach, house.now())
    given = oauth.finish(ours, kept, answer, means=partial(_refused, house.settings, kept))
    tenant, who = _proven(house, given, answer)
    told = (_plain(text(given.claims, name)) for name in ("email", "preferred_username"))
    return Identity(issuer=issuer(tenant), subject=who, address=next(filter(None, told), ""))


def renew(settings: Settings, reach: Reach, grant: Grant, now: datetime) -> Grant:
    """The grant with a new access token, and a new refresh token: the old one stays good, and ages.

    Raises AccessRevoked, MisconfiguredError, TryAgainLater.
    """
    held, scope = grant.values.get("refresh_token", ""), grant.values.get("scope", "")
    if not held:
        raise AccessRevoked(oauth.GONE)
    ours = client(settings, reach, now)
    return _grant(oauth.refresh(ours, held, scope, repeat=_repeated(scope), means=at_renewal))


def own_addresses(calls: Graph, address: str) -> Sequence[str]:
    """The account's own address first, then what else it receives by: lower case, unique."""
    try:
        found = calls.get("/me", [("$select", ",".join((*NAMED, *MORE)))]).told
    except Rejected:
        found = {}
    listed = [each for name in MORE for each in _texts(found.get(name))]
    given = [address, *(text(found, name) for name in NAMED), *listed]
    return list(dict.fromkeys(filter(None, map(_plain, given))))[:ADDRESSES]


def scopes(purposes: Iterable[str]) -> list[str]:
    """What is asked for, for these purposes."""
    return [*WHO, *(scope for each in purposes for scope in PURPOSES[each])]


def admin_link(settings: Settings, purposes: Iterable[str], redirect: str) -> str:
    """The page on which an administrator allows these purposes for all of their organisation.

    Empty where there can be none. Raises MisconfiguredError.
    """
    tenant = settings.microsoft_tenant.lower()
    if tenant == CONSUMERS:
        return ""
    page = f"{LOGIN}/{WORK if tenant == ANY else tenant}/v2.0/adminconsent"
    told = {"client_id": operator.client(settings).id, "scope": " ".join(scopes(purposes))}
    told |= {"redirect_uri": redirect, "state": ADMINISTRATOR}
    return f"{at(settings.microsoft_base, page)}?{urlencode(told)}"


def client(settings: Settings, reach: Reach, now: datetime) -> Client:
    """We, as Microsoft knows us. Raises MisconfiguredError."""
    ours = operator.client(settings)
    return Client(server=server(settings, ours.tenant), id=ours.id, secret=ours.secret, reach=reach, now=now)


def server(settings: Settings, tenant: str) -> Server:
    """Grants cannot be given back: Microsoft has no address for that."""
    authorize, token = (
        at(settings.microsoft_base, f"{LOGIN}/{tenant}/oauth2/v2.0/{each}") for each in ("authorize", "token")
    )
    keys = at(settings.microsoft_base, f"{LOGIN}/{ANY}/discovery/v2.0/keys")
    return Server(authorize=authorize, token=token, revoke="", signer=Signer(keys=keys, by_tenant=issuer(TENANT)))


def has(scope_names: Iterable[str], purpose: str) -> bool:
    """Whether these scopes, however they are spelled, allow a purpose."""
    return _named(scope_names).issuperset(PURPOSES[purpose])


def _refused(settings: Settings, kept: Mapping[str, str], refused: Refusal) -> KeepwarmError | None:
    """The link is for all that may be asked of most people, so that nobody has to ask their administrator twice."""
    asked = [each for each in PURPOSES if each in {*USUAL, *kept.get("purposes", "").split()}]
    return at_consent(refused, admin_link(settings, asked, kept.get("redirect", "")))


def _proven(house: House, given: Given, answer: Mapping[str, str]) -> tuple[str, str]:
    """Tenant, and who it is there for good. Raises NotAuthentic, Rejected for a tenant that is not taken."""
    tenant, who = _identity(given.claims)
    if answer.get("iss", given.claims["iss"]) != given.claims["iss"]:
        raise NotAuthentic("this is the answer of another tenant")
    if not _taken(house.settings.microsoft_tenant, tenant):
        raise Rejected(OTHER_TENANT)
    return tenant, who


def _identity(claims: Mapping[str, Any]) -> tuple[str, str]:
    """Tenant and object. Raises NotAuthentic."""
    tenant, who = claims.get("tid"), claims.get("oid")
    if not is_id(tenant) or not is_id(who):
        raise NotAuthentic("nobody says who this is")
    return str(tenant), str(who)


def _taken(wanted: str, tenant: str) -> bool:
    """Whether the operator takes accounts of a tenant. Where they named a domain, Microsoft sees to it."""
    wanted = wanted.lower()
    if wanted == CONSUMERS:
        return tenant == PERSONAL
    return wanted == ANY or (tenant == wanted if is_id(wanted) else tenant != PERSONAL)


def _address(house: House, given: Given) -> str:
    """The address of the mailbox, else that of the account, lower case; never who it is. Raises Rejected."""
    me, claims = _me(house, given.access), given.claims
    told = [*(text(me, name) for name in NAMED), *(text(claims, name) for name in ("email", "preferred_username"))]
    found = next(filter(None, map(_plain, told)), "")
    if not found:
        raise Rejected(NO_ADDRESS)
    return found


def _me(house: House, access: str) -> Mapping[str, Any]:
    """What Graph tells of the person; empty where it does not."""
    http, wish = Http(house.reach), urlencode({"$select": ",".join(NAMED)})
    address = f"{at(house.settings.microsoft_base, GRAPH)}/me?{wish}"
    try:
        answer = http.call("GET", address, headers={"Authorization": f"Bearer {access}"}, limit=LONGEST, follow=False)
    except KeepwarmError:
        return {}
    finally:
        http.close()
    return told(answer.body) if answer.status == 200 else {}


def _plain(said: str) -> str:
    """The mail address in ``smtp:a@b`` or in ``a@b``; empty for other kinds, and for a guest's stand-in (``#EXT#``)."""
    kind, colon, rest = said.partition(":")
    said = rest if colon and kind.lower() == "smtp" else said
    return "" if "#" in said else mail_address(said)


def _texts(held: Any) -> list[str]:
    return [each for each in held if isinstance(each, str)][:ADDRESSES] if isinstance(held, list) else []


def _named(given: Iterable[str]) -> frozenset[str]:
    """Scopes as we spell them; those that we do not know in lower case."""
    short = (each.lower().removeprefix(ROOT) for each in given)
    return frozenset(_KNOWN.get(each, each) for each in short)


def _repeated(scope: str) -> str:
    """What we know of a grant's scopes, to ask for it by name: MicrosoftDocs/azure-docs#67408 recommends that."""
    held = _named(scope.split()).intersection(_KNOWN.values())
    return " ".join(sorted({*held, "offline_access"})) if held else ""


def _grant(given: Given) -> Grant:
    scope, ends = " ".join(sorted(_named(given.scopes))), given.expires_at.isoformat()
    return Grant(
        values={"access_token": given.access, "refresh_token": given.refresh, "expires_at": ends, "scope": scope}
    )
