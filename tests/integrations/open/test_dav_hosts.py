"""Whom a login is shown to: the server that was named, and a home on another host of the same provider. Nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from html import escape

import pytest

from integrations.open.dav import ELSEWHERE, Dav
from integrations.open.davhosts import siblings
from integrations.wire import net
from integrations.wire.http import Client
from keepwarm.errors import Rejected
from tests.integrations.open.conftest import DOMAINS
from tests.integrations.open.dav import CALENDAR, Account, Counted, ics, multistatus, ours, response, syncing
from tests.integrations.open.sides import REACH
from tests.make import NOW
from tests.servers.dav import PASSWORD, USER, Alter, Asked, Given, Onwards
from tests.servers.dns import Dns


def test_an_address_on_another_server_is_never_followed(false: Callable[[Alter], Account]) -> None:
    seen: list[bytes] = []
    inner = syncing(
        {"/ann/c/a.ics": ics("a@x")},
        listed=["https://evil.example/x.ics", "//evil.example/y.ics", "http://localhost/z.ics", "https://[/bad"],
    )

    def alter(asked: Asked, onwards: Onwards) -> Given:
        seen.append(asked.body)
        return inner(asked, onwards)

    account = false(alter)
    [page] = account.read("/ann/c/")
    assert [item.resource_ref for item in page.items] == ["/ann/c/a.ics"]
    assert page.everything is None  # not all was seen: nothing is gone for that
    assert not any(b"evil" in body or b"z.ics" in body for body in seen)
    assert all(url.startswith(account.address) for _, url in account.client.asked)


def test_a_redirect_to_another_server_is_named(false: Callable[[Alter], Account]) -> None:
    other = false(lambda *_: Given(status=207, body=b"<multistatus xmlns='DAV:'/>"))
    account = false(lambda *_: Given(status=302, headers={"Location": other.address}))
    with pytest.raises(Rejected, match=ELSEWHERE):
        account.calendars().places()


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/ann/cal/e1.ics", "/ann/cal/e1.ics"),
        ("/ann/cal/", "/ann/cal/"),
        ("/a%20b/c@d~e+f=g:h,i-j_k", "/a%20b/c@d~e+f=g:h,i-j_k"),
        ("https://dav.example.org/ann/e1.ics", "/ann/e1.ics"),
        ("e1.ics", "/ann/e1.ics"),
        ("/ann/./e1.ics", "/ann/e1.ics"),
        ("/ann/../bob/e1.ics", "/bob/e1.ics"),
        ("/ann/e1.ics?x=1", "/ann/e1.ics?x=1"),
        ("/ann/e1.ics#x", "/ann/e1.ics"),
        ("//evil.example.org/e1.ics", ""),
        ("https://evil.example.org/e1.ics", ""),
        ("/ann/e1.ics\x7f", ""),
        ("", ""),
    ],
)
def test_an_href_is_a_path_on_the_one_origin(href: str, path: str) -> None:
    assert Dav(Client(REACH), "https://dav.example.org/ann/", now=lambda: NOW).path(href) == path


# A home on another host of the same provider


LOOPBACK = {(f"*.{name}", "A"): ["127.0.0.1"] for name in DOMAINS}


@dataclass(slots=True)
class Provider:
    """Hosts of one server: the one that people know, and the one where a home lies. ``{name}`` in hrefs is a host.

    ``seen``: method, host, path and whether the login came along.
    """

    home: str = "https://p07-caldav.home.test:{port}/7/calendars/"
    principal: str = "/7/principal/"
    members: Sequence[str] = ("/7/calendars/own/",)
    events: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, str, bool]] = field(default_factory=list)
    own: bool = False  # our calendar was made

    def __call__(self, asked: Asked, onwards: Onwards) -> Given:
        host, _, port = asked.headers["host"].partition(":")
        self.seen.append((asked.method, host, asked.path, "authorization" in asked.headers))
        if asked.method in {"MKCALENDAR", "PUT", "DELETE", "GET"}:
            return self._written(asked)
        if asked.method == "REPORT":
            hrefs = [*self.events, *(() if b"multiget" in asked.body else self.listed(port))]
            told = [
                f"<getetag>1</getetag><C:calendar-data>{escape(self.body(each))}</C:calendar-data>" for each in hrefs
            ]
            return multistatus(*map(response, hrefs, told), token="t1")
        if asked.path == "/":
            return self._told(asked, "current-user-principal", self.principal.replace("{port}", port))
        if asked.path.endswith("/principal/"):
            return self._told(asked, "C:calendar-home-set", self.home.replace("{port}", port))
        kind = f"{CALENDAR}<sync-token>t0</sync-token>"
        if asked.headers["depth"] == "0":
            return multistatus(response(asked.path, kind))
        mine = ["/7/calendars/keepwarm/"] if self.own else []
        return multistatus(*(response(each.replace("{port}", port), kind) for each in (*self.members, *mine)))

    def listed(self, port: str) -> list[str]:
        """Members on other hosts, the account's own among them."""
        return [f"https://{name}:{port}/7/calendars/own/x.ics" for name in ("caldav.home.test", "p08-caldav.home.test")]

    def body(self, href: str) -> str:
        return self.events.get(href, b"").decode()

    def hosts(self, *, login: bool) -> set[str]:
        return {host for _, host, _, along in self.seen if along or not login}

    def _told(self, asked: Asked, name: str, href: str) -> Given:
        return multistatus(response(asked.path, f"<{name}><href>{href}</href></{name}>"))

    def _written(self, asked: Asked) -> Given:
        if asked.method == "MKCALENDAR":
            self.own = True
            return Given(status=201)
        if asked.method == "PUT":
            self.events[asked.path] = asked.body
            return Given(status=201)
        found = self.events.get(asked.path)
        if asked.method == "DELETE" and found is not None:
            del self.events[asked.path]
        return Given(status=200, body=found) if found is not None else Given(status=404)


@pytest.fixture
def provider(false: Callable[[Alter], Account]) -> Iterator[Callable[..., Account]]:
    """An account whose address is on a host of that name, at a provider like this."""
    with Dns(LOOPBACK) as dns, ExitStack() as stack:

        def make(answers: Alter, host: str = "caldav.home.test") -> Account:
            made = false(answers)
            client = Counted(net.Reach(allow=("127.0.0.0/8",), resolver=dns.where), user=USER, password=PASSWORD)
            stack.callback(client.close)
            return replace(made, client=client, address=made.address.replace("localhost", host))

        yield make


@pytest.mark.parametrize("principal", ["/7/principal/", "https://p03-caldav.home.test:{port}/7/principal/"])
def test_a_home_on_a_sibling_host_is_read_and_written_with_the_login(
    provider: Callable[..., Account], principal: str
) -> None:
    hosts = Provider(principal=principal)
    account = provider(hosts)
    home = f"https://p07-caldav.home.test:{account.port}/7/calendars/"
    assert [each.ref for each in account.calendars().places()] == [f"{home}own/"]
    place = account.calendars().ensure_calendar()
    assert place == account.calendars().ensure_calendar() == f"{home}keepwarm/"
    made = account.calendars().put_event(place, ours())
    assert account.calendars().put_event(place, ours(written=True)) == made
    assert account.calendars().get_event(place, ours().uid) == made
    hosts.events["/7/calendars/own/a.ics"] = ics("a@x").encode()
    hosts.seen.clear()
    [page] = account.read(f"{home}own/")  # a day later, with nothing but the reference
    assert [item.resource_ref for item in page.items] == ["/7/calendars/own/a.ics"]
    assert hosts.hosts(login=False) == {"p07-caldav.home.test"}  # and no member elsewhere was asked for
    assert page.everything is None
    account.calendars().delete_event(place, ours().uid)
    assert account.calendars().get_event(place, ours().uid) is None
    assert all(login for *_, login in hosts.seen)


@pytest.mark.parametrize(
    "home",
    [
        "https://p07-caldav.else.test:{port}/7/calendars/",
        "https://home.test:{port}/7/calendars/",
        "https://p07.deep.home.test:{port}/7/calendars/",
        "https://p07-caldav.home.test/7/calendars/",
        "http://p07-caldav.home.test:{port}/7/calendars/",
        "https://p07-caldav.home.test.:{port}/7/calendars/",
        "https://caldav.home.test@p07.else.test:{port}/7/calendars/",
        "//p07.else.test:{port}/7/calendars/",
        "https://[/",
    ],
)
@pytest.mark.parametrize("named", ["home", "principal"])
def test_a_home_or_principal_elsewhere_is_refused(provider: Callable[..., Account], home: str, named: str) -> None:
    hosts = Provider(**{named: home.replace("calendars", "principal") if named == "principal" else home})
    account = provider(hosts)
    account.calendars().places()
    assert hosts.hosts(login=False) == {"caldav.home.test"}


def test_a_reference_elsewhere_is_refused(provider: Callable[..., Account]) -> None:
    hosts = Provider()
    account = provider(hosts)
    for ref in (
        f"https://p07.else.test:{account.port}/7/",
        "https://p07-caldav.home.test/7/",
        "7/calendars/own/",
        "https://[/",
    ):
        with pytest.raises(Rejected):
            list(account.read(ref))
        with pytest.raises(Rejected):
            account.calendars().put_event(ref, ours())
    assert hosts.seen == []


def test_a_home_below_a_public_suffix_is_refused(provider: Callable[..., Account]) -> None:
    hosts = Provider(home="https://other.co.uk:{port}/7/calendars/")
    provider(hosts, "caldav.co.uk").calendars().places()
    assert hosts.hosts(login=False) == {"caldav.co.uk"}


@pytest.mark.parametrize("host", ["caldav.home.test", "p08-caldav.home.test", "p07-caldav.else.test"])
def test_a_member_beside_its_home_is_never_followed(provider: Callable[..., Account], host: str) -> None:
    hosts = Provider(members=(f"https://{host}:{{port}}/7/calendars/own/", "/7/calendars/good/"))
    found = provider(hosts).calendars().places()
    assert [each.ref.rpartition("/7/")[2] for each in found] == ["calendars/good/"]
    assert hosts.hosts(login=False) == {"caldav.home.test", "p07-caldav.home.test"}


@pytest.mark.parametrize(
    ("own", "other", "same"),
    [
        ("caldav.icloud.com", "p07-caldav.icloud.com", True),
        ("contacts.icloud.com", "p120-contacts.icloud.com", True),
        ("dav.example.co.uk", "p1.example.co.uk", True),
        ("caldav.icloud.com", "icloud.com", False),
        ("icloud.com", "other.com", False),
        ("caldav.icloud.com", "a.b.icloud.com", False),
        ("caldav.icloud.com", "caldav.icloud.com.evil.example", False),
        ("caldav.icloud.com", "evilicloud.com", False),
        ("ann.co.uk", "bob.co.uk", False),
        ("ann.com.au", "bob.com.au", False),
        ("ann.poznan.pl", "bob.poznan.pl", False),
        ("ann.duckdns.org", "bob.duckdns.org", False),
        ("10.0.0.1", "11.0.0.1", False),
        ("localhost", "other", False),
        ("a.b..c", "x.b..c", False),
        ("a.home.test", ".home.test", False),
        ("fe80::1", "fe80::2", False),
    ],
)
def test_only_a_host_below_the_same_registered_domain_is_a_sibling(own: str, other: str, same: bool) -> None:
    assert siblings(("https", own, 443), ("https", other, 443)) is same
    assert not siblings(("https", own, 443), ("https", other, 8443))
    assert not siblings(("https", own, 443), ("http", other, 443))
