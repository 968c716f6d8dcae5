"""Tokens that somebody else signed (RFC 7519), proven; and their public keys (RFC 7517), fetched sparingly and kept.

Called by `wire.oauth` and by providers whose notices are signed. RS256 alone (RFC 8725, section 3.1), through joserfc.
What is no such token costs no fetch; forged names of keys cost one a minute (RELIABILITY.md G9, G12).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from integrations.wire.http import Client
from integrations.wire.net import Reach
from keepwarm.errors import KeepwarmError, NotAuthentic, TryAgainLater
from keepwarm.texts import mark

ALGORITHMS = ("RS256",)
LONGEST = 8 << 10  # characters of one token; those of Google have about 1000
KEYS_LONGEST = 128 << 10  # bytes of the answer that holds the keys
MOST_KEYS = 100
OF_A_KEY = ("kty", "n", "e", "issuer")  # the last is Microsoft's: for which tenant it signs
MODULUS = range(340, 1400)  # characters of base64: 2048 to 8192 bits (NIST SP 800-131A)
LEEWAY = timedelta(minutes=2)  # ARCHITECTURE.md: a clock that differs by more raises an alarm
LIVES = (timedelta(minutes=5), timedelta(days=1))  # keys are kept at least, at most so long; ours
PAUSE = timedelta(minutes=1)  # between two fetches for a name that we do not know
REST = timedelta(seconds=10)  # after a fetch that failed
PATIENCE = 5.0  # seconds that one waits for the fetch of another
NEVER = datetime.min.replace(tzinfo=UTC)

NO_KEYS = mark("The keys that prove who signed this cannot be had for the moment; we go on by ourselves.")

# Everything that reading a foreign token or key may raise.
BROKEN = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)

TENANT = "{tenantid}"  # stands for the tenant in the name of who signs for it, in ours and beside published keys

_NAME = re.compile(r"[\w.=-]{1,128}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_AGE = re.compile(r"max-age=(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs: the address of their public keys, and the names by which they call themselves.

    ``by_tenant``: where they sign for many tenants, their name for each, with `TENANT` in the place of its id.
    """

    keys: str
    issuers: frozenset[str] = frozenset()
    by_tenant: str = ""

    def called(self, name: str) -> bool:
        """Whether they call themselves so; for whichever tenant."""
        before, _, after = self.by_tenant.partition(TENANT)
        inside = name.removeprefix(before).removesuffix(after)
        return name in self.issuers or (bool(self.by_tenant) and is_id(inside) and self.name_for(inside) == name)

    def name_for(self, tenant: str) -> str:
        return self.by_tenant.replace(TENANT, tenant)


def is_id(text: Any) -> bool:
    """Whether this is the id of a tenant, or of somebody in it, as tokens have it: a UUID in lower case."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def verify(token: str, signer: Signer, *, audience: str, reach: Reach, now: datetime) -> Mapping[str, Any]:
    """The claims of a token: signed by ``signer``, for this very audience, good now.

    Raises NotAuthentic for any other, TryAgainLater where keys cannot be had.
    """
    name = _key_name(token)
    key = KEYRING.key(signer.keys, name, reach=reach, now=now)
    try:
        claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        _registry(_names(signer, key, claims), now).validate(claims)
        meant = claims["aud"]
    except BROKEN:
        claims, meant = {}, None
    if meant in (audience, [audience]):
        return claims
    if isinstance(meant, list) and audience in meant and claims.get("azp") == audience:  # OpenID Connect Core, 3.1.3.7
        return claims
    raise NotAuthentic("the token is not signed for us")


def _key_name(token: str) -> str:
    """The key that a token names, if it can be a true one at all: before anything is fetched. Raises NotAuthentic."""
    try:
        head = jws.extract_compact(token.encode("ascii")).headers() if len(token) <= LONGEST else {}
    except BROKEN:
        head = {}
    name = head.get("kid")
    if head.get("alg") not in ALGORITHMS or "crit" in head or not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NotAuthentic("this is no token of a kind that we take")
    return name


def _names(signer: Signer, key: RSAKey, claims: Mapping[str, Any]) -> list[str]:
    """By which of their names they may have signed these claims; at least one. Raises ValueError if by none.

    A key that is published for one tenant signs for no other (M/entra/identity-platform/access-tokens).
    """
    found, tenant = set(signer.issuers), claims.get("tid")
    if signer.by_tenant and is_id(tenant):
        name = signer.name_for(str(tenant))
        found |= {name} if key.get("issuer") in (None, signer.by_tenant, name) else set()
    if not found:
        raise ValueError("nobody could have signed this")
    return sorted(found)


def _registry(names: list[str], now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "values": names},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


@dataclass(slots=True)
class Rack:
    """The keys of one address: good from ``since`` to ``until``; not asked for again before ``rests``."""

    address: str
    keys: Mapping[str, RSAKey] = field(default_factory=dict, repr=False)
    since: datetime = NEVER
    until: datetime = NEVER
    asked: datetime = NEVER
    rests: datetime = NEVER
    lock: Lock = field(default_factory=Lock, repr=False)

    def held(self, name: str, now: datetime) -> RSAKey | None:
        return self.keys.get(name) if self.good(now) else None

    def good(self, now: datetime) -> bool:
        return self.since <= now < self.until

    def look(self, name: str, reach: Reach, now: datetime) -> RSAKey | None:
        """The key, asked for where that may help; by one at a time, and others wait only where we hold none."""
        if self.lock.acquire(timeout=0 if self.good(now) else PATIENCE):
            try:
                if self.held(name, now) is None and not self.asked <= now < self.rests:
                    self._ask(reach, now)
            finally:
                self.lock.release()
        return self.held(name, now)

    def _ask(self, reach: Reach, now: datetime) -> None:
        """Where that fails, the keys held stay good as long as they were."""
        self.asked, self.rests = now, now + REST
        client = Client(reach)
        try:
            answer = client.call("GET", self.address, limit=KEYS_LONGEST, follow=False)
        except KeepwarmError:
            return
        finally:
            client.close()
        found = _keys(answer.body) if answer.status == 200 else {}
        if found:
            self.keys, self.since = found, now
            self.until, self.rests = now + _life(answer.headers), now + PAUSE


class Keyring:
    """Public keys by the address at which they are published. Any thread may ask."""

    def __init__(self) -> None:
        self._racks: dict[str, Rack] = {}

    def key(self, address: str, name: str, *, reach: Reach, now: datetime) -> RSAKey:
        """Raises NotAuthentic for a name that is not among them, TryAgainLater where they cannot be had."""
        rack = self._racks.setdefault(address, Rack(address))
        found = rack.held(name, now) or rack.look(name, reach, now)
        if found is not None:
            return found
        if not rack.good(now):
            raise TryAgainLater(PAUSE, NO_KEYS)
        raise NotAuthentic("nobody whom we know has a key of this name")


KEYRING = Keyring()  # of this process


def _keys(body: bytes) -> dict[str, RSAKey]:
    """The keys for RS256 by name; those of other kinds, and broken ones, are left out."""
    try:
        listed = json.loads(body)["keys"]
        return dict(_readable(listed[:MOST_KEYS]))
    except BROKEN:
        return {}


def _readable(listed: Iterable[Any]) -> Iterable[tuple[str, RSAKey]]:
    for each in listed:
        try:
            fits = each["kty"] == "RSA" and each.get("use", "sig") == "sig" and each.get("alg", "RS256") in ALGORITHMS
            if fits and len(each["n"]) in MODULUS:
                yield str(each["kid"]), RSAKey.import_key({name: each[name] for name in OF_A_KEY if name in each})
        except BROKEN:
            continue


def _life(headers: Mapping[str, str]) -> timedelta:
    """How long the keys may be kept, by their own word within our bounds."""
    said = _AGE.search(headers.get("cache-control", ""))
    least, most = LIVES
    return min(max(timedelta(seconds=int(said[1])) if said else least, least), most)
