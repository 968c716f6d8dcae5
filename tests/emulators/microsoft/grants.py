"""Who granted what: codes, access tokens and refresh tokens of the one client. `oauth.py` and `desk.py` ask here.

Rules: PROVIDERS.md, section 5, Microsoft. A refresh token is good for 90 days from its issue; each use gives a further
one, and the old one goes on living. Access tokens live an hour and codes ten minutes by the town's clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

GRAPH = "https://graph.microsoft.com/"
OPENID = ("openid", "profile", "email", "offline_access")
KNOWN = frozenset((
    *OPENID, "User.Read", "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read",
    "MailboxSettings.ReadWrite", "Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite", "Contacts.Read",
    "Contacts.ReadWrite", "People.Read",
))  # fmt: skip
BLOCKED = ("Mail.", "MailboxSettings.", "Calendars.", "Contacts.ReadWrite", "People.")  # MC1163922, MC1304287
HOUR = timedelta(hours=1)
CODE = timedelta(minutes=10)
LIFE = timedelta(days=90)  # of a refresh token: M/entra/identity-platform/refresh-tokens


def short(scope: str) -> str:
    """A scope of Graph without its beginning; another resource's stays as it is."""
    return scope.removeprefix(GRAPH)


def elsewhere(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes of other resources than Graph."""
    return frozenset(scope for scope in scopes if "://" in scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code and what it was made for."""

    oid: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token, good for Graph unless ``elsewhere``."""

    oid: str
    scopes: frozenset[str]
    until: datetime
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A refresh token; ``dead`` is the AADSTS number of what ended it, 0 while it lives."""

    oid: str
    scopes: frozenset[str]
    at: datetime
    dead: int = 0


class Grants:
    """All of the town; not thread-safe by itself, the town's lock is held around it."""

    def __init__(self) -> None:
        self.codes: dict[str, Code | None] = {}  # None: used
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Refresh] = {}
        self.granted: dict[str, frozenset[str]] = {}  # oid -> everything consented to and not withdrawn

    def consent(self, oid: str, scopes: Iterable[str]) -> frozenset[str]:
        found = frozenset(map(short, scopes))
        self.granted[oid] = self.granted.get(oid, frozenset()) | found
        return found

    def new_code(self, code: Code) -> str:
        text = f"M.C1_{secrets.token_urlsafe(40)}"
        self.codes[text] = code
        return text

    def new_access(self, oid: str, scopes: frozenset[str], now: datetime) -> str:
        text = f"EwB{secrets.token_urlsafe(60)}"
        self.access[text] = Access(oid=oid, scopes=scopes, until=now + HOUR, elsewhere=bool(elsewhere(scopes)))
        return text

    def new_refresh(self, oid: str, scopes: frozenset[str], now: datetime) -> str:
        text = f"M.R3_{secrets.token_urlsafe(60)}"
        self.refresh[text] = Refresh(oid=oid, scopes=scopes, at=now)
        return text

    def refreshed(self, text: str, now: datetime) -> Refresh | int:
        """The refresh token, or the AADSTS number of why it is no good."""
        found = self.refresh.get(text)
        if found is None:
            return 9002313  # malformed
        if found.dead:
            return found.dead
        return found if now - found.at < LIFE else 700082

    def alive(self, text: str, now: datetime) -> Access | None:
        found = self.access.get(text)
        return found if found and now < found.until else None

    def end(self, oid: str, number: int, *, at_once: bool) -> None:
        """All refresh tokens of the person end for that reason; access tokens only ``at_once``."""
        for text, one in list(self.refresh.items()):
            if one.oid == oid and not one.dead:
                self.refresh[text] = Refresh(oid=oid, scopes=one.scopes, at=one.at, dead=number)
        if at_once:
            self.access = {text: one for text, one in self.access.items() if one.oid != oid}

    def forget(self, oid: str) -> None:
        """The consent itself is withdrawn."""
        self.granted.pop(oid, None)

    def lives(self, oid: str, now: datetime) -> bool:
        """Whether any token of the person still works: notifications end with the grant."""
        tokens = any(one.oid == oid and not one.dead and now - one.at < LIFE for one in self.refresh.values())
        return tokens or any(one.oid == oid and now < one.until for one in self.access.values())
