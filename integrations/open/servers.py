"""Which servers an account speaks to: what its settings hold. Called by `discovery`, `Open` and whoever connects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import idna

from keepwarm.texts import mark

AFTER_GREETING = frozenset({25, 143, 587, 2525})  # ports where it is asked for first
USUAL = {"imap": 993, "smtp": 465}

NO_SERVER = mark("A server looks like imap.example.org or imap.example.org:993.")
NO_PORT = mark("A port is a number from 1 to 65535.")
NO_WEB = mark("This address looks like https://cloud.example.org/remote.php/dav.")

_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]@\"'\\,;()<>]{1,253}")
_PLACE = re.compile(rf"(?:(imaps?|smtps?)://)?({_HOST.pattern})(?::([0-9]{{1,5}}))?/?")
_LABELS = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server. ``protocol``: imap or smtp. ``tls``: "tls" at once, "starttls" after the greeting; never none."""

    protocol: str
    host: str
    port: int
    tls: str

    @staticmethod
    def parse(text: str, protocol: str) -> Server:
        """``HOST``, ``HOST:PORT``, or the form of `str`. Raises ValueError in words for a person."""
        hit = _PLACE.fullmatch(text.strip())
        if hit is None or (hit[1] and not hit[1].startswith(protocol)):
            raise ValueError(NO_SERVER)
        port = int(hit[3] or (USUAL[protocol] if hit[1] != protocol else 143 if protocol == "imap" else 587))
        if not 0 < port < 65536:
            raise ValueError(NO_PORT)
        by_scheme = {protocol: "starttls", f"{protocol}s": "tls"}.get(hit[1] or "")
        tls = by_scheme or ("starttls" if port in AFTER_GREETING else "tls")
        return Server(protocol=protocol, host=host_name(hit[2]), port=port, tls=tls)

    def __str__(self) -> str:
        """``imaps://host:993``; without the s, encryption is asked for after the greeting."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}{'s' if self.tls == 'tls' else ''}://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """What was found or given. ``how``: by name (imap, smtp, caldav, carddav) srv, well-known, autoconfig, known,
    guess or given. ``advice``: keys of what a person should know (`discovery.ADVICE`). Empty: there is none.
    """

    user: str
    imap: Server | None = None
    smtp: Server | None = None
    caldav: str = ""
    carddav: str = ""
    how: Mapping[str, str] = field(default_factory=dict)
    advice: tuple[str, ...] = ()

    def as_settings(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "user": self.user,
            "imap": str(self.imap or ""),
            "smtp": str(self.smtp or ""),
            "caldav": self.caldav,
            "carddav": self.carddav,
        }

    @staticmethod
    def from_settings(values: Mapping[str, Any]) -> Servers:
        """What `as_settings` gave; unknown keys are passed over. Raises ValueError for what is no server."""
        mail = {each: str(values.get(each) or "") for each in ("imap", "smtp")}
        return Servers(
            user=str(values.get("user") or ""),
            imap=Server.parse(mail["imap"], "imap") if mail["imap"] else None,
            smtp=Server.parse(mail["smtp"], "smtp") if mail["smtp"] else None,
            caldav=web(str(values.get("caldav") or "")),
            carddav=web(str(values.get("carddav") or "")),
        )

    def hosts(self) -> dict[str, str]:
        """The host behind each name that is filled."""
        found = {"imap": self.imap.host if self.imap else "", "smtp": self.smtp.host if self.smtp else ""}
        found |= {name: urlsplit(getattr(self, name)).hostname or "" for name in ("caldav", "carddav")}
        return {name: host_name(host) for name, host in found.items() if host}

    def foreign(self, domain: str) -> list[str]:
        """Hosts outside the address's own domain that neither our table nor the person named (RFC 6186 section 6).

        A person confirms these before a password goes there: who answers for the domain's DNS could name any host.
        """
        own = host_name(domain)
        vouched = {"known", "given"}
        return sorted(
            {
                host
                for name, host in self.hosts().items()
                if self.how.get(name) not in vouched and host != own and not host.endswith(f".{own}")
            }
        )


def host_name(text: str) -> str:
    """A host as DNS writes it, or an IP address without brackets; in lower case. Raises ValueError in words."""
    plain = text.strip("[]").rstrip(".").lower()
    with suppress(ValueError):
        if "%" not in plain:
            return str(ip_address(plain))
    with suppress(UnicodeError):  # `idna` refuses underscores, which some hosts have
        plain = plain if plain.isascii() else idna.encode(plain, uts46=True).decode()
    if not _LABELS.fullmatch(plain):
        raise ValueError(NO_SERVER)
    return plain


def web(text: str) -> str:
    """An address of a calendar or address book server; one without a scheme gets https. Raises ValueError."""
    text = text.strip()
    if not text:
        return ""
    whole = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        good = parts.scheme == "https" and "@" not in parts.netloc and parts.port != 0
        host_name(parts.hostname or "")
    except ValueError:
        good = False
    if not good or any(each.isspace() for each in whole):
        raise ValueError(NO_WEB)
    return whole
