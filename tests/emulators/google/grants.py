"""Who granted what: codes, access tokens and refresh tokens of the one client. `oauth.py` and `desk.py` ask here.

Rules: PROVIDERS.md, section 5. Access tokens live one hour and codes ten minutes by the town's clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ISSUER = "https://accounts.google.com"
AUTH = "https://www.googleapis.com/auth/"
SHORT = {name: f"{AUTH}userinfo.{name}" for name in ("email", "profile")}
HOUR = timedelta(hours=1)
CODE = timedelta(minutes=10)
TESTING = timedelta(days=7)  # External and in Testing: G/identity/protocols/oauth2, expiration
UNUSED = timedelta(days=182)  # six months without use, same page
MOST = 100  # live refresh tokens for each account and client, same page
PLAIN = frozenset(("openid", *SHORT.values()))


def named(scope: str) -> str:
    """A scope as tests may write it, without its beginning ("gmail.send"), in full."""
    return full(scope if "://" in scope or scope in ("openid", *SHORT) else AUTH + scope)


def full(scope: str) -> str:
    """The name that answers use: ``email`` and ``profile`` come back as addresses."""
    return SHORT.get(scope, scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code and what it was made for."""

    sub: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    nonce: str
    offline: bool
    at: datetime
    used: str = ""  # the access token it gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token; ``sub`` is a person's, or the service account's address."""

    sub: str
    scopes: frozenset[str]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A refresh token; ``until`` only for an app in Testing."""

    sub: str
    scopes: frozenset[str]
    used: datetime
    until: datetime | None


class Grants:
    """All of the town; not thread-safe by itself, the town's lock is held around it."""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Refresh] = {}
        self.granted: dict[str, frozenset[str]] = {}  # sub -> everything granted and not revoked

    def consent(self, sub: str, scopes: Iterable[str], *, merged: bool) -> frozenset[str]:
        """Adds to what the person granted; the scopes a token now has (with ``merged``, earlier ones too)."""
        asked, earlier = frozenset(scopes), self.granted.get(sub, frozenset())
        self.granted[sub] = asked | earlier
        return asked | earlier if merged else asked

    def new_code(self, code: Code) -> str:
        text = f"4/{secrets.token_urlsafe(40)}"
        self.codes[text] = code
        return text

    def new_access(self, sub: str, scopes: frozenset[str], now: datetime) -> str:
        text = f"ya29.{secrets.token_urlsafe(60)}"
        self.access[text] = Access(sub=sub, scopes=scopes, until=now + HOUR)
        return text

    def new_refresh(self, sub: str, scopes: frozenset[str], now: datetime, *, testing: bool) -> str:
        """The oldest token of the person goes silently once there are too many."""
        own = [text for text, one in self.refresh.items() if one.sub == sub]
        for text in own[: max(0, len(own) - MOST + 1)]:
            del self.refresh[text]
        text = f"1//{secrets.token_urlsafe(60)}"
        until = now + TESTING if testing and not scopes <= PLAIN else None
        self.refresh[text] = Refresh(sub=sub, scopes=scopes, used=now, until=until)
        return text

    def refreshed(self, text: str, now: datetime, *, rotates: bool) -> tuple[Refresh, str | None] | None:
        """The live refresh token and its follower where tokens rotate; None for a dead one."""
        found = self.refresh.get(text)
        if found is None or (found.until and now >= found.until) or now - found.used > UNUSED:
            return None
        if not rotates:
            self.refresh[text] = replace(found, used=now)
            return found, None
        del self.refresh[text]
        following = f"1//{secrets.token_urlsafe(60)}"
        self.refresh[following] = replace(found, used=now)
        return found, following

    def alive(self, text: str, now: datetime) -> Access | None:
        found = self.access.get(text)
        return found if found and now < found.until else None

    def owner(self, token: str) -> str | None:
        """Whose token this is, access or refresh."""
        found = self.refresh.get(token) or self.access.get(token)
        return found.sub if found else None

    def revoke(self, sub: str) -> None:
        """The whole grant of the person."""
        self.granted.pop(sub, None)
        self.access = {text: one for text, one in self.access.items() if one.sub != sub}
        self.refresh = {text: one for text, one in self.refresh.items() if one.sub != sub}

    def lives(self, sub: str, now: datetime) -> bool:
        """Whether any token of the person still works: watches and channels end with the grant."""
        if sub not in self.granted:
            return False
        tokens: list[datetime | None] = [one.until for one in self.refresh.values() if one.sub == sub]
        tokens += [one.until for one in self.access.values() if one.sub == sub]
        return any(until is None or now < until for until in tokens)
