"""Finding an account's servers from its address alone, in this order for each protocol; nobody logs in here.

What the person gave; our own table where it is sure; SRV records (RFC 6186, RFC 8314, RFC 6764); ``.well-known``
(RFC 6764); the domain's autoconfig file; our table by domain or mail exchanger; usual names that answer. Called by
whoever connects an account. What other people's DNS says is proven by nothing: see `Servers.foreign`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urljoin

from integrations.open import autoconfig
from integrations.open.autoconfig import Offer
from integrations.open.servers import Server, Servers, host_name, web
from integrations.wire import net
from integrations.wire.http import Answer, Client
from keepwarm.errors import KeepwarmError, Rejected, TryAgainLater
from keepwarm.texts import mark

SECONDS = 20.0  # for everything; what is found by then counts
ASKING = 0.6  # the part of it after which guessing begins
KNOCKING = 5.0  # seconds for the usual names to answer
AT_ONCE = 8  # look-ups side by side
MOST = 5  # targets of one SRV name that are looked at
PATH = re.compile(r"/[!-~]*")
BODY = 64 << 10  # bytes of an answer; only where it comes from is wanted

MAIL, DAV = ("imap", "smtp"), ("caldav", "carddav")
# SRV names, what is encrypted at once first, and what a server found there is.
SERVICES = {
    "imap": (("_imaps", "imaps"), ("_imap", "imap")),
    "smtp": (("_submissions", "smtps"), ("_submission", "smtp")),
}
GUESSES = {
    "imap": (("imap", "imaps", 993), ("mail", "imaps", 993)),
    "smtp": (("smtp", "smtps", 465), ("mail", "smtps", 465), ("smtp", "smtp", 587), ("mail", "smtp", 587)),
}
CLOUDS = ("dav", "cloud", "nextcloud")  # names before the domain; also one that is called as the protocol
NEXTCLOUD = "/remote.php/dav/"
ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-principal/></D:prop></D:propfind>'
)
HEADERS = {"Depth": "0", "Content-Type": "application/xml; charset=utf-8"}

NO_ADDRESS = mark("This is not a mail address. It looks like name@example.org.")
ADVICE = {
    "app_password": mark(
        "Your usual password does not work here: make one for other programs (an app password) in the settings of your"
        " mail provider, and use that."
    ),
    "imap_off_by_default": mark("First allow IMAP in the settings of your mail provider: it is off until then."),
    "no_calendar": mark("This provider opens no calendar and no address book in this way; mail alone is read."),
    "no_password_login": mark(
        "This provider no longer lets other programs in with a password, so this way will most likely not work."
    ),
    "bridge": mark(
        "This provider is reached through its bridge, a program on your own computer: start it, and use the name and"
        " the password that it shows. Whoever runs Keepwarm allows it with KEEPWARM_ALLOW_HOSTS."
    ),
}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One provider of our table. ``mx``: ends of the names of mail exchangers. ``sure``: nothing else is asked."""

    name: str
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    sure: bool = False
    servers: Mapping[str, Server | str] = field(default_factory=dict)
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One server or address, and ``how`` we came by it (`Servers`)."""

    where: Server | str
    how: str
    user: str = ""


@lru_cache(maxsize=1)
def known() -> tuple[Known, ...]:
    """Our table. Raises ValueError, TypeError for a mistake in it."""
    text = (files("integrations.open") / "known.toml").read_text(encoding="utf-8")
    return tuple(_entry(each) for each in tomllib.loads(text)["provider"])


def _entry(values: Mapping[str, Any]) -> Known:
    servers: dict[str, Server | str] = {each: Server.parse(values[each], each) for each in MAIL if each in values}
    servers |= {each: web(values[each]) for each in DAV if each in values}
    plain: dict[str, Any] = {key: value for key, value in values.items() if key not in servers}
    plain |= {key: tuple(value) for key, value in plain.items() if isinstance(value, list)}
    return Known(servers=servers, **plain)


def find(
    address: str, reach: net.Reach, given: Mapping[str, str] = {}, *, https_port: int = 443, seconds: float = SECONDS
) -> Servers:
    """What could be found in time. ``given``: what the person named (imap, smtp, caldav, carddav, user), as it is.

    Raises Rejected, in words, for what is no address or no server.
    """
    domain = _domain(address)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="discovery")
    search = _Search(address.strip(), domain, reach, https_port, pool)
    try:
        search.take_given(given)
        search.run(reach.ticks() + seconds * ASKING, reach.ticks() + seconds)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # a look-up that still runs ends by itself
    return search.servers(given.get("user", ""))


def _domain(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    if not local or not address.strip().isprintable() or " " in address.strip():
        raise Rejected(NO_ADDRESS)
    try:
        return host_name(domain)
    except ValueError as error:
        raise Rejected(NO_ADDRESS) from error


class _Search:
    """One discovery: what is found so far, and what is not offered at all."""

    def __init__(self, address: str, domain: str, reach: net.Reach, port: int, pool: ThreadPoolExecutor) -> None:
        self._address, self._domain, self._reach, self._pool = address, domain, reach, pool
        self._port = "" if port == 443 else f":{port}"
        self._found: dict[str, Found] = {}
        self._closed: set[str] = set()  # protocols that the domain or our table says it has not
        self._until = 0.0
        self._entry = next((each for each in known() if domain in each.domains), None)

    def take_given(self, given: Mapping[str, str]) -> None:
        for name in (*MAIL, *DAV):
            if given.get(name, "").strip():
                try:
                    where = Server.parse(given[name], name) if name in MAIL else web(given[name])
                except ValueError as error:
                    raise Rejected(str(error)) from error
                self._found[name] = Found(where=where, how="given")

    def run(self, asked: float, end: float) -> None:
        """``asked``, ``end``: until when others are asked, and until when usual names are tried."""
        self._until = asked
        if self._entry and "no_calendar" in self._entry.advice:
            self._closed |= {*DAV}
        if self._entry and self._entry.sure:
            self._take_known()
        if self._wanted():
            self._ask()
            self._take_known()
        self._until = min(end, self._reach.ticks() + KNOCKING)
        self._guess_mail()
        self._until = end
        self._guess_dav()

    def servers(self, user: str) -> Servers:
        imap, smtp = (self._found.get(each) for each in MAIL)
        advice = self._entry.advice if self._entry else ()
        said = next((each.user for each in (imap, smtp) if each and each.user), "")
        return Servers(
            user=user or said or self._address,
            imap=imap.where if imap and isinstance(imap.where, Server) else None,
            smtp=smtp.where if smtp and isinstance(smtp.where, Server) else None,
            caldav=str(self._found["caldav"].where) if "caldav" in self._found else "",
            carddav=str(self._found["carddav"].where) if "carddav" in self._found else "",
            how={name: each.how for name, each in self._found.items()},
            advice=tuple(each for each in advice if each != "no_calendar" or not self._found.keys() & {*DAV}),
        )

    def _wanted(self, names: Iterable[str] = (*MAIL, *DAV)) -> list[str]:
        return [each for each in names if each not in self._found and each not in self._closed]

    def _take(self, name: str, where: Server | str | None, how: str, user: str = "") -> None:
        if where and self._wanted([name]):
            self._found[name] = Found(where=where, how=how, user=user)

    def _take_known(self) -> None:
        for name, where in (self._entry.servers if self._entry else {}).items():
            self._take(name, where, "known")

    def _ask(self) -> None:
        """SRV, well-known addresses and the autoconfig file, all at once and taken in this order."""
        wanted = self._wanted()
        srv: dict[str, Future[Service]] = {
            name: self._start(_srv_mail, self._reach, self._domain, name) for name in wanted if name in MAIL
        }
        dav = {name: self._start(_srv_dav, self._reach, self._domain, name) for name in wanted if name in DAV}
        exchangers = None if self._entry else self._start(_exchangers, self._reach, self._domain)
        origin = f"https://{self._domain}{self._port}"
        there = {name: self._start(_dav_at, self._reach, origin, [f"/.well-known/{name}"]) for name in dav}
        configs = [self._start(_autoconfig, self._reach, each, self._address) for each in self._config_urls()]
        for name, service in (srv | dav).items():
            hit = self._result(service) or Service()
            self._take(name, hit.where, "srv")
            if hit.refused:
                self._closed.add(name)
        for name, found in there.items():
            self._take(name, self._result(found), "well-known")
        for each in configs:
            if self._wanted():
                self._take_config(self._result(each))
        if exchangers is not None:
            hosts = self._result(exchangers)
            self._entry = _by_exchanger(hosts or [])

    def _config_urls(self) -> list[str]:
        file = "mail/config-v1.1.xml"
        asked = f"?emailaddress={quote(self._address, safe='@')}"
        return [
            f"https://autoconfig.{self._domain}{self._port}/{file}{asked}",
            f"https://{self._domain}{self._port}/.well-known/autoconfig/{file}",
        ]

    def _take_config(self, config: autoconfig.Config | None) -> None:
        if config is None:
            return
        for name, offers in (("imap", config.imap), ("smtp", config.smtp)):
            for offer in offers:
                self._take(name, offer.server, "autoconfig", offer.user)
        self._take("caldav", config.caldav, "autoconfig")
        self._take("carddav", config.carddav, "autoconfig")

    def _guess_mail(self) -> None:
        tries: list[tuple[str, Server, Future[bool]]] = []
        for name in self._wanted(MAIL):
            for label, scheme, port in GUESSES[name]:
                server = Server.parse(f"{scheme}://{label}.{self._domain}:{port}", name)
                tries.append((name, server, self._start(_answers, self._reach, server)))
        for name, server, answer in tries:
            there = self._result(answer) if self._wanted([name]) else None
            self._take(name, server if there else None, "guess")

    def _guess_dav(self) -> None:
        tries: list[tuple[str, Future[str]]] = []
        imap = self._found.get("imap")
        beside = [imap.where.host] if imap and isinstance(imap.where, Server) and imap.how != "known" else []
        for name in self._wanted(DAV):
            for host in (*beside, *(f"{each}.{self._domain}" for each in (name, *CLOUDS))):
                paths = [f"/.well-known/{name}"]
                if host.split(".")[0] in CLOUDS:
                    paths.append(NEXTCLOUD)
                url = f"https://{f'[{host}]' if ':' in host else host}{self._port}"
                tries.append((name, self._start(_dav_at, self._reach, url, paths)))
        for name, answer in tries:
            if self._wanted([name]):
                self._take(name, self._result(answer), "guess")

    def _start(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
        return self._pool.submit(work, *args, **named)

    def _result(self, future: Future[T]) -> T | None:
        """None where it failed, was refused by the guard, or takes too long."""
        try:
            return future.result(max(0.0, self._until - self._reach.ticks()))
        except (KeepwarmError, OSError, ValueError):  # OSError: also TimeoutError; ValueError: names that are none
            return None


# What runs beside each other; all of it may raise KeepwarmError, OSError and ValueError for "not found".


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The best server that SRV names and that may be called. ``refused``: the domain says that it offers none."""

    where: Server | str | None = None
    refused: bool = False


def _srv_mail(reach: net.Reach, domain: str, protocol: str) -> Service:
    refused = False
    for service, scheme in SERVICES[protocol]:
        targets, none = _srv(reach, f"{service}._tcp.{domain}")
        refused = refused or (none and scheme.endswith("s"))  # "no" to the other alone is said by many who offer TLS
        for host, port in targets:
            with suppress(Rejected, TryAgainLater, ValueError):
                server = Server.parse(f"{scheme}://{host}:{port}", protocol)
                net.addresses(reach, server.host, server.port)
                return Service(where=server)
    return Service(refused=refused)


def _srv_dav(reach: net.Reach, domain: str, protocol: str) -> Service:
    """The same for calendars or address books: an address, its path from TXT or else from ``.well-known``."""
    name = f"_{protocol}s._tcp.{domain}"
    targets, refused = _srv(reach, name)
    for host, port in targets:
        with suppress(Rejected, TryAgainLater, ValueError):
            origin = f"https://{host_name(host)}" + ("" if port == 443 else f":{port}")
            net.addresses(reach, host, port)
            path = _path(reach, name)
            if not path:
                return Service(where=_dav_at(reach, origin, [f"/.well-known/{protocol}"]) or f"{origin}/")
            return Service(where=web(f"{origin}{path}"))
    return Service(refused=refused)


def _srv(reach: net.Reach, name: str) -> tuple[list[tuple[str, int]], bool]:
    """Targets by priority, then weight, the heaviest first; whether the only target is ".", which says "not offered".

    RFC 2782 draws lots by weight. We ask once and keep the answer, so the same answer each time is worth more.
    """
    found = sorted(net.records(reach, name, "SRV"), key=lambda each: (each.priority, -each.weight, each.target))
    targets = [(each.target.to_text(omit_final_dot=True), each.port) for each in found]
    real = [each for each in targets if each[0] != "."]
    return real[:MOST], bool(targets) and not real


def _path(reach: net.Reach, name: str) -> str:
    for record in net.records(reach, name, "TXT"):
        for said in record.strings:
            key, _, value = str(said, "ascii", "replace").partition("=")
            if key.strip().lower() == "path" and PATH.fullmatch(value):
                return value
    return ""


def _exchangers(reach: net.Reach, domain: str) -> list[str]:
    """Names of mail exchangers, the preferred first."""
    found = sorted(net.records(reach, domain, "MX"), key=lambda each: (each.preference, each.exchange))
    return [each.exchange.to_text(omit_final_dot=True).lower() for each in found]


def _by_exchanger(hosts: Sequence[str]) -> Known | None:
    """The provider whose the first mail exchanger that we know is."""
    for host in hosts:
        for each in known():
            if any(f".{host}".endswith(f".{end}") for end in each.mx):
                return each
    return None


def _autoconfig(reach: net.Reach, url: str, address: str) -> autoconfig.Config | None:
    """What the file says, of mail servers only the first of each kind that may be called."""
    client = Client(reach)
    try:
        answer = client.call("GET", url, limit=autoconfig.LIMIT)
    finally:
        client.close()
    if answer.status != 200:
        return None
    config = autoconfig.read(answer.body, address)
    return autoconfig.Config(
        imap=_callable(reach, config.imap),
        smtp=_callable(reach, config.smtp),
        caldav=config.caldav,
        carddav=config.carddav,
    )


def _callable(reach: net.Reach, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    for each in offers[:MOST]:
        with suppress(Rejected, TryAgainLater, ValueError):
            net.addresses(reach, each.server.host, each.server.port)
            return (each,)
    return ()


def _dav_at(reach: net.Reach, origin: str, paths: Sequence[str]) -> str:
    """Where DAV is in the end, starting from one of these paths; empty if nowhere."""
    client = Client(reach)
    try:
        for path in paths:
            with suppress(Rejected):
                found = _asked(client, f"{origin}{path}")
                if found:
                    return web(found)
    finally:
        client.close()
    return ""


def _asked(client: Client, url: str) -> str:
    """Redirects alone prove nothing, since many sites send every path somewhere: DAV must answer in the end."""
    answer = client.call("PROPFIND", url, body=ASKED, headers=HEADERS, limit=BODY)
    if not _is_dav(answer) and answer.url == url and answer.status in {403, 405, 501}:
        moved = client.call("GET", url, limit=BODY, follow=False)  # some redirect GET alone
        if moved.status // 100 == 3 and moved.headers.get("location"):
            there = urljoin(url, moved.headers["location"])
            answer = client.call("PROPFIND", there, body=ASKED, headers=HEADERS, limit=BODY)
    return answer.url if _is_dav(answer) else ""


def _is_dav(answer: Answer) -> bool:
    """Properties, a question for a password, or a server that names itself DAV."""
    return answer.status in {207, 401} or ("dav" in answer.headers and answer.status < 404)


def _answers(reach: net.Reach, server: Server) -> bool:
    net.connect(reach, server.host, server.port).close()
    return True
