"""Mozilla's autoconfig file: what a domain says of its own servers, as XML. Called by `discovery`.

Format: https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat. Anybody may have written the file:
no DTD, no server without encryption, and whatever is not plainly right is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from integrations.open.servers import Server, web
from keepwarm.errors import Unreadable

LIMIT = 128 << 10  # bytes; real ones have 5 KB
MOST = 20  # servers looked at; ours
SCHEMES = {"imap": {"SSL": "imaps", "STARTTLS": "imap"}, "smtp": {"SSL": "smtps", "STARTTLS": "smtp"}}
USUAL = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
LONGEST_USER = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A server, and as whom one logs in there; ``user`` is empty where the file does not say."""

    server: Server
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the file names, what is encrypted at once first, else in the file's order. Empty: it names none."""

    imap: tuple[Offer, ...] = ()
    smtp: tuple[Offer, ...] = ()
    caldav: str = ""
    carddav: str = ""


def read(body: bytes, address: str) -> Config:
    """The servers for this address. Raises Unreadable for what is no such file."""
    try:
        root = fromstring(body[: LIMIT + 1], forbid_dtd=True)  # what is longer is cut, so it does not parse
    except (ParseError, ValueError, LookupError) as error:  # what defusedxml refuses; odd encodings
        raise Unreadable("this is no autoconfig file") from error
    if root.tag != "clientConfig":
        raise Unreadable("this is no autoconfig file")
    local, _, domain = address.rpartition("@")
    places = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": local, "%EMAILDOMAIN%": domain}
    return Config(
        imap=_offers(root, "incomingServer", "imap", places),
        smtp=_offers(root, "outgoingServer", "smtp", places),
        caldav=_url(root, "calendar", "caldav", places),
        carddav=_url(root, "addressBook", "carddav", places),
    )


def _offers(root: Element, tag: str, protocol: str, places: Mapping[str, str]) -> tuple[Offer, ...]:
    found: list[Offer] = []
    for each in _typed(root, tag, protocol):
        scheme = SCHEMES[protocol].get(_said(each, "socketType").upper())
        if scheme is None:  # plain, or a word that we do not know
            continue
        host, port = _filled(_said(each, "hostname"), places), _said(each, "port") or str(USUAL[scheme])
        with suppress(ValueError):
            server = Server.parse(f"{scheme}://{host}:{port}", protocol)
            found.append(Offer(server=server, user=_user(_said(each, "username"), places)))
    return tuple(sorted(found, key=lambda offer: offer.server.tls != "tls"))


def _url(root: Element, tag: str, kind: str, places: Mapping[str, str]) -> str:
    """The first address that we could call."""
    quoted = {name: quote(value, safe="@") for name, value in places.items()}
    for each in _typed(root, tag, kind):
        said = _filled(_said(each, "serverURL"), quoted)
        with suppress(ValueError):
            if said.startswith("https://"):
                return web(said)
    return ""


def _typed(root: Element, tag: str, kind: str) -> Iterator[Element]:
    for number, each in enumerate(root.iter(tag)):
        if number >= MOST:
            return
        if each.get("type", "").strip().lower() == kind:
            yield each


def _said(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()


def _user(text: str, places: Mapping[str, str]) -> str:
    """Empty for what can be no name: too long, with unknown places or unprintable."""
    filled = _filled(text, places)
    return filled if len(filled) <= LONGEST_USER and filled.isprintable() and "%EMAIL" not in filled else ""


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(name, value)
    return text
