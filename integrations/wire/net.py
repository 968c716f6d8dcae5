"""Every connection to a server that somebody named: where it may go, and how much and how long it may answer.

Called by `wire.http` and by the adapters that speak IMAP and SMTP. A name is resolved once, every answer must be a
public address, and the connection goes to that very address (RELIABILITY.md E9, G1). Each exchange has a budget of
seconds and bytes, so that a server which drips or never ends costs no more than that (F14).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import inf
from typing import Any

import certifi
import dns.exception
import dns.resolver
import idna

from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark

PATIENCE = 20.0  # seconds for a connection, and without a single byte; ours
SHORTEST = 0.01  # seconds: of no time at all a socket understands that it is never to wait
LOOKUP = 5.0  # seconds for a name
PORTS = frozenset({25, 143, 443, 465, 587, 993})  # of those below 1024: mail, and pages that are encrypted
LAST_SYSTEM_PORT = 1023
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address inside
TUNNELS = tuple(map(ip_network, ("2002::/16", "2001::/32", "::/96", "64:ff9b:1::/48", "fec0::/10")))
# What `ipaddress` of Python 3.11 takes for global: RFC 6890 (Oracle's metadata among them), RFC 7526, the address of
# Azure's host, RFC 9637.
NEVER = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20")))

PRIVATE = mark(
    "This server has a private address, and those are not called. Whoever runs Keepwarm can allow it with"
    " KEEPWARM_ALLOW_HOSTS."
)
PORT = mark("This is not a port for mail or calendars. Check the number behind the colon.")
NO_NAME = mark("There is no server of this name. Check the spelling.")
NO_ANSWER = mark("The server does not answer. Check its name and port; it may be away for a moment.")
UNTRUSTED = mark(
    "The server's certificate is not to be trusted: it is expired, made for another name, or signed by nobody we know."
    " Nothing was sent to it."
)

Ip = IPv4Address | IPv6Address


class Forbidden(Rejected):
    """The address is one that we never call."""


class Unreachable(TryAgainLater):
    """Nobody answers there now; ``says`` tells a person why."""


class Untrusted(Unreachable):
    """The certificate is not to be trusted: no word was said over this connection."""


class TooMuchError(OSError):
    """The server said more than the exchange may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where we may go. ``allow``: hosts, host:port or CIDR that the operator allows although they are private."""

    allow: tuple[str, ...] = ()
    resolver: str = ""  # host:port of a name server; empty: the system's
    ticks: Callable[[], float] = time.monotonic


class Bounded:
    """What a socket of ours has besides: a budget for what it receives."""

    ticks: Callable[[], float] = staticmethod(time.monotonic)
    until: float = float("inf")
    silence: float = PATIENCE  # seconds without a byte
    left: int = 1 << 62

    def allow(self, *, seconds: float, received: int) -> None:
        """From now on: so many seconds, so many bytes."""
        self.until, self.left = self.ticks() + seconds, received

    def recv_into(self: Any, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        if self.gettimeout() != 0:  # 0: somebody waits for it by other means (IDLE)
            rest = self.until - self.ticks()
            if rest <= 0:
                raise TimeoutError("the exchange took too long")
            self.settimeout(min(self.silence, rest))
        count = int(super().recv_into(buffer, nbytes or None, flags) if nbytes else super().recv_into(buffer))  # type: ignore[misc]  # a mixin: the socket's own
        self.left -= count
        if self.left < 0:
            raise TooMuchError("the exchange became too long")
        return count


class BoundedSocket(Bounded, socket.socket):
    """A TCP connection with a budget."""


class BoundedTls(Bounded, ssl.SSLSocket):  # type: ignore[misc]  # the stubs name one argument otherwise
    """The same, encrypted."""


def connect(reach: Reach, host: str, port: int, *, until: float = inf) -> BoundedSocket:
    """A connection to one of the host's addresses, made before ``until`` (ticks). Raises Forbidden, Unreachable."""
    failed: OSError | None = None
    for address in addresses(reach, host, port):
        rest = min(PATIENCE, until - reach.ticks())
        if rest <= 0:
            break
        made = BoundedSocket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(rest)
        made.ticks = reach.ticks
        made.allow(seconds=3 * PATIENCE, received=1 << 20)
        try:
            made.connect((str(address), port))
        except OSError as error:
            made.close()
            failed = error
            continue
        return made
    raise Unreachable(timedelta(minutes=1), NO_ANSWER) from failed


def encrypt(sock: BoundedSocket, host: str, *, reach: Reach, until: float = inf) -> BoundedTls:
    """The connection under TLS, its certificate verified for ``host``. Raises Untrusted, Unreachable."""
    sock.settimeout(max(SHORTEST, min(PATIENCE, until - reach.ticks())))
    try:
        made: Any = tls_context().wrap_socket(sock, server_hostname=_ascii(host))
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise Untrusted(timedelta(hours=1), UNTRUSTED) from error
    except OSError as error:
        sock.close()
        raise Unreachable(timedelta(minutes=1), NO_ANSWER) from error
    made.ticks = reach.ticks
    made.allow(seconds=3 * PATIENCE, received=1 << 20)
    encrypted: BoundedTls = made
    return encrypted


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Verifies names and chains, by the system's authorities (SSL_CERT_FILE) or, where it has none, Mozilla's."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    known = ssl.get_default_verify_paths()
    if not (known.cafile or known.capath):
        context.load_verify_locations(certifi.where())
    context.sslsocket_class = BoundedTls
    return context


def addresses(reach: Reach, host: str, port: int) -> list[Ip]:
    """Where the host is, every address allowed. Raises Forbidden if a single one is not, Unreachable for no name."""
    named = _allowed(reach, host, None, port)
    if port <= LAST_SYSTEM_PORT and port not in PORTS and not named:
        raise Forbidden(PORT)
    found = _resolved(reach, host)
    if not found:
        raise Unreachable(timedelta(minutes=5), NO_NAME)
    if not named and not all(public(each) or _allowed(reach, host, each, port) for each in found):
        raise Forbidden(PRIVATE)
    return found


def public(address: Ip) -> bool:
    """Whether it is an address of one machine on the public internet, and hides no other inside."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None or (address.ipv4_mapped is None and any(address in each for each in TUNNELS)):
            return False
        inside = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None)
        if inside is not None:
            return public(inside)
    if any(address in each for each in NEVER):
        return False
    never = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not address.is_private and not never


def _allowed(reach: Reach, host: str, address: Ip | None, port: int) -> bool:
    """Whether the operator's list names the host, or with an address that address, alone or with this port."""
    name = host.rstrip(".").casefold()
    for entry in reach.allow:
        plain, _, number = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
        if number and number != str(port):
            continue
        plain = plain.strip("[]").casefold()
        if address is None and plain == name:
            return True
        with suppress(ValueError):
            if address is not None and address in ip_network(plain, strict=False):
                return True
    return False


def _resolved(reach: Reach, host: str) -> list[Ip]:
    """All addresses of the name, unique, in the resolver's order; empty if there is no such name."""
    with suppress(ValueError):
        return [ip_address(host.strip("[]"))]
    name = _ascii(host)
    if reach.resolver:
        return [ip_address(each.to_text()) for kind in ("A", "AAAA") for each in records(reach, name, kind)]
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # ValueError: labels that are empty or too long
        return []
    return list(dict.fromkeys(ip_address(str(each[4][0])) for each in found))


def records(reach: Reach, name: str, kind: str) -> list[Any]:
    """The DNS records of this kind (A, SRV, TXT, MX ...); empty where there are none or nobody answers in time."""
    try:
        return list(_resolver(reach.resolver).resolve(name, kind, lifetime=LOOKUP, raise_on_no_answer=False))
    except (dns.exception.DNSException, OSError, ValueError):
        return []


@lru_cache(maxsize=8)
def _resolver(where: str) -> dns.resolver.Resolver:
    if not where:
        return dns.resolver.Resolver()
    host, _, port = where.rpartition(":")
    made = dns.resolver.Resolver(configure=False)
    made.nameservers = [host.strip("[]") or where]
    made.port = int(port) if host else 53
    return made


def _ascii(host: str) -> str:
    """The name as DNS knows it. Raises Unreachable for what can be no name."""
    plain = host.rstrip(".")
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain, uts46=True).decode()
    except UnicodeError as error:
        raise Unreachable(timedelta(minutes=5), NO_NAME) from error
