"""The operator's own way out for mail, as KEEPWARM_SMTP_URL says it. Pure.

``smtps://user:password@host:465/?from=keepwarm@example.org`` is encrypted from the first byte (RFC 8314);
``smtp://…`` asks for it after the greeting, on port 587. Unencrypted there is none. Called by `keepwarm.settings`,
which refuses what is none, and by the provider `post`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtps": 465, "smtp": 587}  # RFC 8314, section 7.3; RFC 6409, section 3.1
LIKE = "an address such as smtps://user:password@host:465/?from=keepwarm@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """``tls``: "tls" at once, "starttls" after the greeting. ``user`` is empty where nobody has to log in."""

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)
    sender: str
    name: str


def post_office(url: str) -> PostOffice:
    """What the address says. Raises ValueError in words; what was given is not among them."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in PORTS or port == 0:
        raise ValueError(LIKE)
    user = unquote(parts.username or "")
    said = parse_qs(parts.query).get("from", [user])[0]
    name, sender = parseaddr(said)
    if not said.isprintable() or not _is_address(sender):
        raise ValueError(f"{LIKE}, with the sender behind from=")
    return PostOffice(
        host=host,
        port=port or PORTS[parts.scheme],
        tls="tls" if parts.scheme == "smtps" else "starttls",
        user=user,
        password=unquote(parts.password or ""),
        sender=sender,
        name=name or "Keepwarm",
    )


def _is_address(text: str) -> bool:
    before, at, domain = text.rpartition("@")
    return bool(before and at and domain) and not any(each.isspace() for each in text)
