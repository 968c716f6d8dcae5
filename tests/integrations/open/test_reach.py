"""Where we never go (RELIABILITY.md E9, G1, S3): hostile targets over every protocol, every connect counted."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import cycle
from typing import Any
from urllib.parse import quote, unquote

import pytest

from integrations.open.imap import Login, logged_in
from integrations.open.servers import Server
from integrations.open.smtp import open_smtp
from integrations.wire import net
from integrations.wire.http import Client
from keepwarm.errors import Rejected, TryAgainLater
from tests.servers.dav import Asked, Authority, Given, Onwards, door
from tests.servers.dns import Dns

PUBLIC, PUBLIC6 = "1.1.1.1", "2606:4700:4700::1111"  # nobody connects: the tests that reach that far refuse

# Written as an address, or as what the system's resolver takes for one.
ADDRESSES = [
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "0", "0.0.0.0", "0.0.0.1", "localhost"),
    *("2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1", "017700000001", "0x7F.0x0.0x0.0x1"),
    *("127.0.0.1.", "localhost.", "2130706433.", "LOCALHOST", "0x7f000001.", "127.0.0.1..", "[127.0.0.1]"),
    *("10.0.0.1", "10.255.255.255", "167772161", "0x0a000001", "012.0.0.1", "10.1"),
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "3232235521", "0300.0250.0.1", "0xc0a80001"),
    *("100.64.0.1", "100.127.255.255", "169.254.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe"),
    *("0251.0376.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "169.254.170.2"),  # metadata
    *("192.0.0.1", "192.0.0.8", "192.0.0.170", "192.88.99.1", "192.0.2.1", "198.51.100.7", "203.0.113.9"),
    *("198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "4294967295"),
    *("::1", "::", "0:0:0:0:0:0:0:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "::ffff:0:0", "::ffff:100.64.0.1"),
    *("2002:7f00:1::", "2002:0a00:1::1", "2002:a9fe:a9fe::1", "2001:0:7f00:1::"),
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b::192.168.1.1"),
    *("fc00::1", "fd00:ec2::254", "fd12:3456:789a::1", "fe80::1", "fe80::1%1", "fec0::1", "febf::1"),
    *("ff02::1", "ff05::2", "ff0e::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "2001:10::1", "2001:2::1"),
    *("１２７.0.0.1", "１２７．０．０．１", "127。0。0。1", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "0Ⅹ7f.1", "１６９.254.169.254"),
]  # fmt: skip

# Names, and what the name server says of them; no records: it has never heard of it.
NAMES: dict[str, dict[str, list[str]]] = {
    "loopback.example.org": {"A": ["127.0.0.1"]},
    "loopback6.example.org": {"AAAA": ["::1"]},
    "office.example.org": {"A": ["10.1.2.3"]},
    "metadata.google.internal": {"A": ["169.254.169.254"]},
    "169.254.169.254.example.net": {"A": ["169.254.169.254"]},
    "mapped.example.org": {"AAAA": ["::ffff:127.0.0.1"]},
    "nat64.example.org": {"AAAA": ["64:ff9b::7f00:1"]},
    "6to4.example.org": {"AAAA": ["2002:7f00:1::"]},
    "unique.example.org": {"AAAA": ["fd00::1"]},
    "one-of-three.example.org": {"A": [PUBLIC, "192.168.0.1", "8.8.8.8"]},
    "one-of-two-kinds.example.org": {"A": [PUBLIC], "AAAA": ["fe80::1"]},
    "zero.example.org": {"A": ["0.0.0.0"]},
    "everybody.example.org": {"A": ["255.255.255.255"]},
    "loopback.example.org.": {"A": ["127.0.0.1"]},
    "LOOPBACK.Example.ORG": {"A": ["127.0.0.1"]},
    "löopback.example.org": {"A": ["127.0.0.1"]},
    "unheard.example.org": {},
    "a..b": {},
    f"{'a' * 64}.example.org": {},
    f"{'a.' * 140}example.org": {},
    "nul\0.example.org": {},
    "127.0.0.1\0.example.org": {},
    "good.example.org@127.0.0.1": {},
    "127.0.0.1@loopback.example.org": {"A": ["127.0.0.1"]},
    "good.example.org:443@127.0.0.1": {},
    "127.0.0.1#@good.example.org": {},
    "127.0.0.1?@good.example.org": {},
    "127.0.0.1\\@good.example.org": {},
    "127.0.0.1%2f@good.example.org": {},
    "%31%32%37.0.0.1": {},
    "127.0.0.1%00.example.org": {},
    "[::1": {},
    "[::1].example.org": {},
    "127.0.0.1 good.example.org": {},
    "127.0.0.1\tgood.example.org": {},
    "xn--loopback-.example.org": {},
    "": {},
    ".": {},
}
TARGETS = [*ADDRESSES, *NAMES]
PORTS = [1, 19, 22, 23, 53, 80, 110, 111, 119, 389, 445, 514, 631, 873, 1023]


@pytest.fixture(scope="module")
def names() -> Iterator[Dns]:
    with Dns({(name.rstrip("."), kind): of for name, all_of in NAMES.items() for kind, of in all_of.items()}) as made:
        made.table["xn--lopback-90a.example.org", "A"] = made.table["localhost", "A"] = ["127.0.0.1"]
        yield made


@pytest.fixture(scope="module")
def sender(authority: Authority) -> Iterator[str]:
    """A server that sends whoever asks for /TARGET on to that target."""

    def on(asked: Asked, onwards: Onwards) -> Given:
        return Given(status=307, headers={"Location": unquote(asked.path[1:]).encode().decode("latin-1")})

    with door(authority, alter=on) as address:
        yield address


@pytest.fixture(scope="module")
def followers(sender: str, names: Dns) -> Iterator[dict[bool, Client]]:
    """Clients that may call the sender, by whether they ask our name server."""
    allow = (f"localhost:{port_of(sender)}",)
    made = {asks: Client(net.Reach(allow=allow, resolver=names.where if asks else "")) for asks in (False, True)}
    yield made
    for each in made.values():
        each.close()


@pytest.fixture(scope="module")
def bait() -> Iterator[list[socket.socket]]:
    """Loopback, listening on one port over IPv4 and IPv6."""
    made = [socket.create_server(("127.0.0.1", 0))]
    with suppress(OSError):
        made.append(socket.create_server(("::1", made[0].getsockname()[1]), family=socket.AF_INET6))
    for each in made:
        each.setblocking(False)
    yield made
    for each in made:
        each.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every connect of ours, which goes where it says."""
    made: list[tuple[str, int]] = []
    real = net.BoundedSocket.connect

    def connect(self: net.BoundedSocket, where: Any) -> None:
        made.append(where[:2])
        real(self, where)

    monkeypatch.setattr(net.BoundedSocket, "connect", connect, raising=False)
    return made


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every connect of ours, and none comes about."""
    made: list[tuple[str, int]] = []

    def connect(self: net.BoundedSocket, where: Any) -> None:
        made.append(where[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr(net.BoundedSocket, "connect", connect, raising=False)
    return made


def url(host: str, port: int) -> str:
    return (
        f"https://[{host}]:{port}/"
        if ":" in host and "@" not in host and "[" not in host
        else f"https://{host}:{port}/"
    )


def https(reach: net.Reach, host: str, port: int) -> None:
    with closing(Client(reach, user="ann", password="secret")) as client:
        client.call("GET", url(host, port))


def imap(tls: str) -> Callable[[net.Reach, str, int], None]:
    def call(reach: net.Reach, host: str, port: int) -> None:
        server = Server(protocol="imap", host=host, port=port, tls=tls)
        with logged_in(reach, Login(server=server, user="ann", password="secret")):
            pass

    return call


def smtp(tls: str) -> Callable[[net.Reach, str, int], None]:
    def call(reach: net.Reach, host: str, port: int) -> None:
        server = Server(protocol="smtp", host=host, port=port, tls=tls)
        open_smtp(reach, Login(server=server, user="ann", password="secret")).close()

    return call


WAYS = {
    "https": https,
    "imap-tls": imap("tls"),
    "imap-starttls": imap("starttls"),
    "smtp-tls": smtp("tls"),
    "smtp-starttls": smtp("starttls"),
}


def port_of(address: str) -> int:
    return int(address.split(":")[2].strip("/"))


def nobody_came(bait: list[socket.socket]) -> bool:
    for each in bait:
        with suppress(BlockingIOError):
            each.accept()[0].close()
            return False
    return True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", TARGETS)
def test_a_hostile_target_is_never_called(
    names: Dns, bait: list[socket.socket], calls: list[tuple[str, int]], way: str, target: str
) -> None:
    with pytest.raises((Rejected, TryAgainLater)):
        WAYS[way](net.Reach(resolver=names.where if target in NAMES else ""), target, bait[0].getsockname()[1])
    assert calls == []
    assert nobody_came(bait)


@pytest.mark.parametrize("target", TARGETS)
def test_a_redirect_to_a_hostile_target_is_never_followed(
    sender: str, followers: dict[bool, Client], bait: list[socket.socket], calls: list[tuple[str, int]], target: str
) -> None:
    to = quote(url(target, bait[0].getsockname()[1]), safe="")
    with pytest.raises((Rejected, TryAgainLater)):
        followers[target in NAMES].call("GET", f"{sender}{to}")
    assert {each[1] for each in calls} <= {port_of(sender)}  # none where the connection was kept
    assert nobody_came(bait)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("port", PORTS)
def test_a_port_of_the_system_is_never_called(refused: list[tuple[str, int]], way: str, port: int) -> None:
    with pytest.raises(net.Forbidden):
        WAYS[way](net.Reach(), PUBLIC, port)
    assert refused == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("host", [PUBLIC, PUBLIC6, f"::ffff:{PUBLIC}", "64:ff9b::101:101"])
def test_a_public_address_is_called(refused: list[tuple[str, int]], way: str, host: str) -> None:
    """Else the tests above would show nothing."""
    with pytest.raises(net.Unreachable):
        WAYS[way](net.Reach(), host, 25565)
    assert len(refused) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC]], ids=["public-first", "private-first"])
def test_a_name_that_changes_its_mind_is_called_where_it_was_judged(
    refused: list[tuple[str, int]], way: str, order: list[str]
) -> None:
    class Turning(Dns):
        turns = cycle(order)

        def _found(self, name: str, kind: str) -> list[str]:
            return [next(self.turns)] if kind == "A" else []

    with Turning({("turning.example.org", "A"): []}) as names:
        for _ in range(20):
            with pytest.raises((net.Forbidden, net.Unreachable)):
                WAYS[way](net.Reach(resolver=names.where), "turning.example.org", 993)
        assert names.asked.count(("turning.example.org", "A")) == 20
    assert refused == [(PUBLIC, 993)] * 10


# --- what the operator allows (KEEPWARM_ALLOW_HOSTS)

MAIL = "mail.example.org"  # 10.0.0.5


@pytest.mark.parametrize(
    ("entry", "host", "port", "goes"),
    [
        (MAIL, MAIL, 993, True),
        (MAIL, "MAIL.example.org.", 993, True),
        (MAIL, MAIL, 22, True),
        (MAIL, "10.0.0.5", 993, False),
        (MAIL, "other.example.org", 993, False),
        (MAIL, f"sub.{MAIL}", 993, False),
        ("example.org", MAIL, 993, False),
        (f"{MAIL}:993", MAIL, 993, True),
        (f"{MAIL}:993", MAIL, 143, False),
        (f"{MAIL}:22", MAIL, 22, True),
        (f"{MAIL}:22", PUBLIC, 22, False),
        ("10.0.0.5", "10.0.0.5", 993, True),
        ("10.0.0.5", MAIL, 993, True),
        ("10.0.0.5", "10.0.0.6", 993, False),
        ("10.0.0.5:993", "10.0.0.5", 993, True),
        ("10.0.0.5:993", "167772165", 993, True),
        ("10.0.0.5:993", "10.0.0.5", 143, False),
        ("10.0.0.5", "::ffff:10.0.0.5", 993, False),
        ("10.0.0.0/8", "10.255.0.1", 993, True),
        ("10.0.0.0/8", MAIL, 993, True),
        ("10.0.0.0/8", "11.0.0.1", 22, False),
        ("10.0.0.0/8", "10.0.0.5", 22, False),
        ("10.0.0.0/8", "172.16.0.1", 993, False),
        ("10.0.0.0/8", "both.example.org", 993, False),  # 10.0.0.5 and 192.168.0.1
        ("10.0.0.0/8:993", "10.0.0.5", 993, True),
        ("10.0.0.0/8:993", "10.0.0.5", 465, False),
        ("fd00::/8", "fd00::5", 993, True),
        ("fd00::/8", "[fd00::5]", 993, True),
        ("fd00::/8", "fc00::5", 993, False),
        ("[fd00::5]:993", "fd00::5", 993, True),
        ("[fd00::5]:993", "[fd00::5]", 993, True),
        ("[fd00::5]:993", "FD00:0::5", 993, True),
        ("[fd00::5]:993", "fd00::5", 143, False),
        ("[fd00::5]:993", "fd00::6", 993, False),
        ("[fd00::/8]:993", "fd00::6", 993, True),
        ("[fd00::5]", "fd00::5", 993, True),
        ("fd00::5", "fd00::5", 993, True),
        ("", "", 993, False),
        ("", "10.0.0.5", 993, False),
    ],
)
def test_the_operators_list_allows_what_it_says(entry: str, host: str, port: int, *, goes: bool) -> None:
    table = {
        (MAIL, "A"): ["10.0.0.5"],
        (f"sub.{MAIL}", "A"): ["10.0.0.5"],
        ("other.example.org", "A"): ["10.0.0.6"],
        ("both.example.org", "A"): ["10.0.0.5", "192.168.0.1"],
    }
    with Dns(table) as names:
        reach = net.Reach(allow=(entry,), resolver="" if host.isdecimal() else names.where)
        if goes:
            assert net.addresses(reach, host, port)
        else:
            with pytest.raises((net.Forbidden, net.Unreachable)):
                net.addresses(reach, host, port)


# --- redirects

HERE = net.Reach(allow=("localhost", "127.0.0.1"))


@pytest.mark.parametrize("status", [301, 303, 308])
@pytest.mark.parametrize("place", ["https://localhost:{port}/x", "//127.0.0.1:{port}/x"])
@pytest.mark.parametrize("challenge", ["Basic", "Digest"])
def test_a_login_stays_with_its_origin(authority: Authority, status: int, place: str, challenge: str) -> None:
    seen: list[Asked] = []
    asks = f'{challenge} realm="r", nonce="n", qop="auth"'

    def second(asked: Asked, _: Onwards) -> Given:
        seen.append(asked)
        return Given(status=401, headers={"WWW-Authenticate": asks})

    with door(authority, alter=second) as other:

        def first(asked: Asked, _: Onwards) -> Given:
            if "authorization" not in asked.headers or not asked.headers["authorization"].startswith(challenge):
                return Given(status=401, headers={"WWW-Authenticate": asks})
            return Given(status=status, headers={"Location": place.format(port=port_of(other))})

        with door(authority, alter=first) as address, closing(Client(HERE, user="ann", password="secret")) as client:
            assert client.call("PROPFIND", address).status == 401
    assert seen
    assert [each for each in seen if "authorization" in each.headers] == []


@pytest.mark.parametrize(
    "place",
    [
        "https://127.0.0.1:{other}\\@localhost:{port}/",  # two readings of one address: who is the host?
        "https://127.0.0.1:{other}\\localhost:{port}/",
        "https://ann:secret@127.0.0.1:{other}/",
        "https://localhost:{port}@127.0.0.1:{other}/",
        "https://127.0.0.1:{other}#@localhost:{port}/",
        "https://127.0.0.1:{other}?@localhost:{port}/",
    ],
)
def test_an_address_with_two_readings_gets_no_login(authority: Authority, place: str) -> None:
    seen: list[Asked] = []

    def second(asked: Asked, _: Onwards) -> Given:
        seen.append(asked)
        return Given(status=204)

    with door(authority, alter=second) as other:

        def first(asked: Asked, _: Onwards) -> Given:
            mine, theirs = asked.headers["host"].split(":")[1], port_of(other)
            return Given(status=307, headers={"Location": place.format(port=mine, other=theirs)})

        with (
            door(authority, alter=first) as address,
            closing(Client(HERE, user="ann", password="secret")) as client,
            suppress(Rejected, TryAgainLater),
        ):
            client.call("GET", address)
    assert [each for each in seen if "authorization" in each.headers] == []


@pytest.mark.parametrize(
    "place",
    [
        *(
            "http://localhost:{bait}/",
            "HTTP://localhost:{bait}/",
            "ftp://localhost:{bait}/",
            "gopher://localhost:{bait}/",
        ),
        *("file:///etc/passwd", "javascript:0", "data:,x", "ws://localhost:{bait}/", "unix:///run/x", "https:///x"),
        *("https://[::1", "https://[x]/", "https://localhost:x/", "https://localhost:99999/", "https://a℀b/", "https:"),
    ],
)
def test_a_redirect_to_what_is_not_https_is_refused(
    authority: Authority, bait: list[socket.socket], calls: list[tuple[str, int]], place: str
) -> None:
    where = place.format(bait=bait[0].getsockname()[1]).encode().decode("latin-1")

    def on(asked: Asked, _: Onwards) -> Given:
        return Given(status=302, headers={"Location": where})

    with door(authority, alter=on) as address, closing(Client(HERE, user="ann", password="secret")) as client:
        with pytest.raises((Rejected, TryAgainLater)):
            client.call("GET", address)
        assert {each[1] for each in calls} == {port_of(address)}
    assert nobody_came(bait)


def test_redirects_without_end_are_given_up(sender: str, calls: list[tuple[str, int]]) -> None:
    place = sender
    for _ in range(8):
        place = f"{sender}{quote(place, safe='')}"
    with closing(Client(HERE)) as client, pytest.raises(Rejected):
        client.call("GET", place)
    assert len(calls) == 1  # one connection, kept
