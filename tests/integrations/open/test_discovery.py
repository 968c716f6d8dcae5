"""Servers found from an address: over a name server and HTTPS servers on loopback."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import example
from hypothesis import given as given_that
from hypothesis import strategies as st

from integrations.open import autoconfig, discovery
from integrations.open.discovery import ADVICE, find, known
from integrations.open.servers import NO_PORT, NO_SERVER, Server, Servers, host_name, web
from integrations.wire import net
from keepwarm.errors import Rejected, Unreadable
from tests.servers.dns import Dns

ADDRESS = "anna.berg+x@example.org"
LOOPBACK = {("*.example.org", "A"): ["127.0.0.1"], ("example.org", "A"): ["127.0.0.1"]}
Said = tuple[int, Mapping[str, str], bytes]


class Site:
    """An HTTPS server for every name below example.org: what it says for (host, path), and what it was asked."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.says: dict[tuple[str, str], Said] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.logins: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.logins += self.headers.get_all("Authorization") or []
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                host = self.headers["Host"].partition(":")[0]
                site.asked.append((self.command, host, self.path))
                status, headers, body = site.says.get((host, self.path), (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value.replace("{port}", str(site.port)))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PROPFIND = do_GET  # noqa: N815 - the standard library's way

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                """A caller that hangs up is no news."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def site(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.org", "*.example.org").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    net.tls_context.cache_clear()
    made = Site(context)
    yield made
    made.close()
    net.tls_context.cache_clear()


@pytest.fixture
def names() -> Iterator[Callable[..., Dns]]:
    """Starts name servers; they end with the test."""
    open_: list[Dns] = []

    def start(table: Mapping[tuple[str, str], list[str]] | None = None, *, silent: bool = False) -> Dns:
        open_.append(Dns({**LOOPBACK, **(table or {})}, silent=silent))
        return open_[-1]

    yield start
    for each in open_:
        each.__exit__(None, None, None)


def reach(names: Dns, *allow: str) -> net.Reach:
    return net.Reach(allow=allow or ("127.0.0.1",), resolver=names.where)


@pytest.fixture(autouse=True)
def no_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No port below 1024 is knocked at here; the test of guesses has its own."""
    monkeypatch.setattr(discovery, "GUESSES", {"imap": (), "smtp": ()})


def config(inside: str, head: str = "") -> bytes:
    return f'{head}<clientConfig version="1.1"><emailProvider id="x">{inside}</emailProvider></clientConfig>'.encode()


def server(kind: str, host: str, port: object, socket_type: str, user: str = "%EMAILADDRESS%") -> str:
    tag = "incomingServer" if kind != "smtp" else "outgoingServer"
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port><socketType>{socket_type}</socketType>'
        f"<username>{user}</username><authentication>password-cleartext</authentication></{tag}>"
    )


# Values


@given_that(
    host=st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?){0,3}", fullmatch=True)
    | st.ip_addresses().map(str).filter(lambda each: "%" not in each),
    port=st.integers(1, 65535),
    tls=st.sampled_from(["tls", "starttls"]),
    protocol=st.sampled_from(["imap", "smtp"]),
)
@example(host="::1", port=993, tls="tls", protocol="imap")
def test_a_server_written_is_read_back_the_same(host: str, port: int, tls: str, protocol: str) -> None:
    made = Server(protocol=protocol, host=host, port=port, tls=tls)
    assert Server.parse(str(made), protocol) == made


@given_that(st.text(max_size=60), st.sampled_from(["imap", "smtp"]))
@example("imap://@", "imap")
@example("[:::]", "imap")
@example("a" * 300, "imap")
def test_whatever_is_typed_is_a_server_or_refused_in_words(text: str, protocol: str) -> None:
    try:
        made = Server.parse(text, protocol)
    except ValueError as error:
        said = str(error)
        assert said in {NO_SERVER, NO_PORT}
        return
    assert Server.parse(str(made), protocol) == made


@pytest.mark.parametrize(
    ("text", "protocol", "wanted"),
    [
        ("imap.example.org", "imap", "imaps://imap.example.org:993"),
        (" IMAP.Example.Org. ", "imap", "imaps://imap.example.org:993"),
        ("smtp.example.org", "smtp", "smtps://smtp.example.org:465"),
        ("imap.example.org:143", "imap", "imap://imap.example.org:143"),
        ("smtp.example.org:587", "smtp", "smtp://smtp.example.org:587"),
        ("smtp.example.org:25", "smtp", "smtp://smtp.example.org:25"),
        ("smtp.example.org:2525", "smtp", "smtp://smtp.example.org:2525"),
        ("imap.example.org:10993", "imap", "imaps://imap.example.org:10993"),
        ("imap://imap.example.org", "imap", "imap://imap.example.org:143"),
        ("imap://imap.example.org:1143", "imap", "imap://imap.example.org:1143"),
        ("imaps://imap.example.org/", "imap", "imaps://imap.example.org:993"),
        ("smtp://smtp.example.org", "smtp", "smtp://smtp.example.org:587"),
        ("smtps://smtp.example.org", "smtp", "smtps://smtp.example.org:465"),
        ("[2001:db8::1]:993", "imap", "imaps://[2001:db8::1]:993"),
        ("münchen.example", "imap", "imaps://xn--mnchen-3ya.example:993"),
    ],
)
def test_what_people_type_for_a_server(text: str, protocol: str, wanted: str) -> None:
    assert str(Server.parse(text, protocol)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "imap.example.org:0", "imap.example.org:65536", "imap.example.org:99999", "imap.example.org:x",
        "https://imap.example.org", "smtp://imap.example.org", "imaps://anna@imap.example.org", "a b.example.org",
        "imap.example.org/inbox", "-a.example.org", "a..example.org", "[fe80::1%25eth0]:993", "[::::]:993", "imap://",
    ],
)  # fmt: skip
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Server.parse(text, "imap")


def test_settings_hold_what_was_found() -> None:
    made = Servers(
        user="anna",
        imap=Server.parse("[2001:db8::1]:143", "imap"),
        smtp=Server.parse("smtp.example.org:587", "smtp"),
        caldav="https://dav.example.org/cal/",
    )
    assert Servers.from_settings({**made.as_settings(), "other": 1}) == made
    assert Servers.from_settings({}) == Servers(user="")


def test_a_host_outside_the_domain_is_foreign_unless_it_is_vouched_for() -> None:
    made = Servers(
        user="",
        imap=Server.parse("imap.example.org", "imap"),
        smtp=Server.parse("example.org", "smtp"),
        caldav="https://cal.example.net/",
        carddav="https://notexample.org/",
    )
    assert made.foreign("Example.org.") == ["cal.example.net", "notexample.org"]
    how = {"caldav": "known", "carddav": "given"}
    assert Servers(user="", caldav=made.caldav, carddav=made.carddav, how=how).foreign("example.org") == []
    how = {"caldav": "well-known", "carddav": "srv"}
    assert len(Servers(user="", caldav=made.caldav, carddav=made.carddav, how=how).foreign("example.org")) == 2
    idn = Servers(user="", imap=Server.parse("imap.bücher.example", "imap"))
    assert idn.foreign("bücher.example") == idn.foreign("xn--bcher-kva.example") == []


# The table


def test_every_entry_of_the_table_is_right() -> None:
    domains = [domain for each in known() for domain in each.domains]
    ends = [end for each in known() for end in each.mx]
    assert len(domains) == len(set(domains))
    assert len(ends) == len(set(ends))
    assert not [(one, other) for one in ends for other in ends if one != other and one.endswith(f".{other}")]
    assert len({each.name for each in known()}) == len(known()) > 30
    for each in known():
        assert each.domains or each.mx, each.name
        assert not each.sure or each.domains, each.name
        assert each.servers, each.name
        assert set(each.advice) <= set(ADVICE), each.name
        assert {host_name(name) for name in (*each.domains, *each.mx)} == {*each.domains, *each.mx}
        assert all("." in name for name in (*each.domains, *each.mx))
        for name, where in each.servers.items():
            if isinstance(where, Server):
                assert where.protocol == name
                assert where.host == "127.0.0.1" or re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", where.host)
                assert where.port in {143, 465, 587, 993} or "bridge" in each.advice
            else:
                assert web(where) == where
                assert where.endswith("/")
        assert "no_calendar" not in each.advice or not {"caldav", "carddav"} & each.servers.keys()


def test_a_domain_of_the_table_asks_nobody(names: Callable[..., Dns]) -> None:
    dns = names()
    found = find("anna@GMAIL.com", reach(dns))
    assert str(found.imap) == "imaps://imap.gmail.com:993"
    assert str(found.smtp) == "smtps://smtp.gmail.com:465"
    assert (found.caldav, found.carddav, found.user) == ("", "", "anna@GMAIL.com")
    assert found.how == {"imap": "known", "smtp": "known"}
    assert set(found.advice) == {"app_password", "no_calendar"}
    assert dns.asked == []
    assert found.foreign("gmail.com") == []


def test_an_own_domain_is_recognised_by_its_mail_exchanger(names: Callable[..., Dns]) -> None:
    mx = {("example.org", "MX"): ["20 mx.other.example.", "10 in1-smtp.messagingengine.com."]}
    found = find(ADDRESS, reach(names(mx)), seconds=6)
    assert str(found.imap) == "imaps://imap.fastmail.com:993"
    assert found.caldav == "https://caldav.fastmail.com/"
    assert set(found.how.values()) == {"known"}
    assert found.advice == ("app_password",)
    assert found.foreign("example.org") == []


def test_a_calendar_of_ones_own_beside_a_mail_provider_is_found(names: Callable[..., Dns], site: Site) -> None:
    site.says["cloud.example.org", "/remote.php/dav/"] = (401, {}, b"")
    dns = names({("example.org", "MX"): ["1 smtp.google.com."]})
    found = find(ADDRESS, reach(dns), https_port=site.port, seconds=6)
    assert str(found.imap) == "imaps://imap.gmail.com:993"
    assert found.caldav == f"https://cloud.example.org:{site.port}/remote.php/dav/"
    assert found.how == {"imap": "known", "smtp": "known", "caldav": "guess", "carddav": "guess"}
    assert found.advice == ("app_password",)


@pytest.mark.parametrize(
    ("exchanger", "name"),
    [
        ("aspmx.l.google.com", "Google Workspace"), ("alt1.aspmx.l.google.com", "Google Workspace"),
        ("example-org.mail.protection.outlook.com", "Microsoft 365"), ("mx01.mail.icloud.com", "iCloud"),
        ("hotmail-com.olc.protection.outlook.com", "Outlook.com"), ("mx.soverin.net", "Soverin"),
        ("mxext1.mailbox.org", "mailbox.org"), ("mailsec.protonmail.ch", "Proton Mail"), ("mx2.zoho.eu",
         "Zoho Europe, own domain"), ("mx.transip.email", "TransIP"), ("smtpin.rzone.de", "Strato"),
    ],
)  # fmt: skip
def test_mail_exchangers_of_providers(exchanger: str, name: str) -> None:
    hit = discovery._by_exchanger(["mx.nobody.example", exchanger])
    assert hit is not None
    assert hit.name == name


def test_a_mail_exchanger_that_only_ends_alike_is_not_the_provider() -> None:
    assert discovery._by_exchanger(["mx.notsoverin.net", "soverin.net.example.org"]) is None


# SRV


def test_srv_takes_priority_then_weight_and_prefers_encryption_at_once(names: Callable[..., Dns]) -> None:
    dns = names(
        {
            ("_imaps._tcp.example.org", "SRV"): [
                "10 90 993 third.example.org.", "0 10 993 second.example.org.", "0 60 1993 first.example.org.",
            ],
            ("_imap._tcp.example.org", "SRV"): ["0 0 143 plain.example.org."],
            ("_submission._tcp.example.org", "SRV"): ["0 1 587 smtp.example.org."],
            ("_submissions._tcp.example.org", "SRV"): ["0 0 0 ."],
        }
    )  # fmt: skip
    found = find(ADDRESS, reach(dns), seconds=6)
    assert str(found.imap) == "imaps://first.example.org:1993"
    assert str(found.smtp) == "smtp://smtp.example.org:587"
    assert (found.how["imap"], found.how["smtp"], found.user) == ("srv", "srv", ADDRESS)
    assert found.foreign("example.org") == []


def test_srv_passes_over_what_may_not_be_called(names: Callable[..., Dns]) -> None:
    dns = names(
        {
            ("_imaps._tcp.example.org", "SRV"): [
                "0 0 993 inside.example.net.", "1 0 22 ssh.example.org.", "2 0 993 gone.example.net.",
                "3 0 0 zero.example.org.", "4 0 993 mail.example.net.",
            ],
            ("inside.example.net", "A"): ["10.0.0.5"],
            ("mail.example.net", "A"): ["127.0.0.1"],
        }
    )  # fmt: skip
    found = find(ADDRESS, reach(dns), seconds=6)
    assert str(found.imap) == "imaps://mail.example.net:993"
    assert found.foreign("example.org") == ["mail.example.net"]


def test_a_domain_that_offers_nothing_is_believed(names: Callable[..., Dns], site: Site) -> None:
    site.says["example.org", "/.well-known/caldav"] = (401, {}, b"")
    site.says["autoconfig.example.org", f"/mail/config-v1.1.xml?emailaddress={ADDRESS.replace('+', '%2B')}"] = (
        200, {}, config(server("imap", "imap.example.org", 993, "SSL")),
    )  # fmt: skip
    dns = names(
        {
            ("_imaps._tcp.example.org", "SRV"): ["0 0 0 ."],
            ("_caldavs._tcp.example.org", "SRV"): ["0 0 0 ."],
        }
    )
    found = find(ADDRESS, reach(dns), https_port=site.port, seconds=6)
    assert found.imap is None
    assert found.caldav == ""


def test_no_to_the_old_way_alone_is_no_refusal(names: Callable[..., Dns], site: Site) -> None:
    site.says["example.org", "/.well-known/autoconfig/mail/config-v1.1.xml"] = (
        200, {}, config(server("imap", "imap.example.org", 993, "SSL")),
    )  # fmt: skip
    dns = names({("_imap._tcp.example.org", "SRV"): ["0 0 0 ."]})
    assert find(ADDRESS, reach(dns), https_port=site.port, seconds=6).how["imap"] == "autoconfig"


def test_srv_for_calendars_takes_the_path_from_txt(names: Callable[..., Dns], site: Site) -> None:
    site.says["cards.example.org", "/.well-known/carddav"] = (302, {"Location": "/books/"}, b"")
    site.says["cards.example.org", "/books/"] = (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
    dns = names(
        {
            ("_caldavs._tcp.example.org", "SRV"): [f"0 1 {site.port} cal.example.org."],
            ("_caldavs._tcp.example.org", "TXT"): ['"v=1"', '"path=/dav/home"'],
            ("_carddavs._tcp.example.org", "SRV"): [f"0 1 {site.port} cards.example.org."],
        }
    )
    found = find(ADDRESS, reach(dns), https_port=site.port, seconds=6)
    assert found.caldav == f"https://cal.example.org:{site.port}/dav/home"
    assert found.carddav == f"https://cards.example.org:{site.port}/books/"
    assert (found.how["caldav"], found.how["carddav"]) == ("srv", "srv")


@pytest.mark.parametrize("path", ['"path=dav"', '"path=/a b"', '"path="', '"path=/\\195\\164"'])
def test_a_path_that_is_none_is_passed_over(names: Callable[..., Dns], site: Site, path: str) -> None:
    dns = names(
        {
            ("_caldavs._tcp.example.org", "SRV"): [f"0 1 {site.port} cal.example.org."],
            ("_caldavs._tcp.example.org", "TXT"): [path],
        }
    )
    found = find(ADDRESS, reach(dns), https_port=site.port, seconds=6)
    assert found.caldav == f"https://cal.example.org:{site.port}/"


# Well-known addresses


def test_well_known_is_followed_to_its_end_without_a_login(names: Callable[..., Dns], site: Site) -> None:
    site.says["example.org", "/.well-known/caldav"] = (
        301, {"Location": "https://cloud.example.org:{port}/remote.php/dav/"}, b"",
    )  # fmt: skip
    site.says["cloud.example.org", "/remote.php/dav/"] = (401, {"WWW-Authenticate": "Basic"}, b"")
    site.says["example.org", "/.well-known/carddav"] = (207, {}, b"<x/>")
    found = find(ADDRESS, reach(names()), https_port=site.port, seconds=6)
    assert found.caldav == f"https://cloud.example.org:{site.port}/remote.php/dav/"
    assert found.carddav == f"https://example.org:{site.port}/.well-known/carddav"
    assert (found.how["caldav"], found.how["carddav"]) == ("well-known", "well-known")
    assert site.logins == []


def test_a_site_that_sends_every_path_to_its_front_page_is_no_calendar(names: Callable[..., Dns], site: Site) -> None:
    for name in ("caldav", "carddav"):
        site.says["example.org", f"/.well-known/{name}"] = (301, {"Location": "/"}, b"")
    site.says["example.org", "/"] = (200, {}, b"<html>Welcome</html>")
    found = find(ADDRESS, reach(names()), https_port=site.port, seconds=6)
    assert (found.caldav, found.carddav) == ("", "")


def test_a_site_that_redirects_get_alone_is_followed(names: Callable[..., Dns], site: Site) -> None:
    class Picky(dict[tuple[str, str], Said]):
        def get(self, key: Any, default: Any = None) -> Any:
            if key[1] == "/.well-known/caldav":
                return (405, {}, b"") if site.asked[-1][0] == "PROPFIND" else (302, {"Location": "/dav/"}, b"")
            return super().get(key, default)

    site.says = Picky({("example.org", "/dav/"): (207, {}, b"<x/>")})
    found = find(ADDRESS, reach(names()), https_port=site.port, seconds=6)
    assert found.caldav == f"https://example.org:{site.port}/dav/"


@pytest.mark.parametrize("to", ["http://example.org/dav/", "https://10.0.0.1/dav/", "https://["])
def test_a_redirect_out_of_bounds_finds_nothing(names: Callable[..., Dns], site: Site, to: str) -> None:
    site.says["example.org", "/.well-known/caldav"] = (301, {"Location": to}, b"")
    assert find(ADDRESS, reach(names()), https_port=site.port, seconds=6).caldav == ""


# Autoconfig


@pytest.mark.parametrize("place", ["subdomain", "well-known"])
def test_the_domains_own_file_is_read_in_both_places(names: Callable[..., Dns], site: Site, place: str) -> None:
    body = config(
        server("pop3", "pop.%EMAILDOMAIN%", 995, "SSL")
        + server("imap", "old.example.org", 143, "plain")
        + server("imap", "start.example.org", 143, "STARTTLS")
        + server("imap", "imap.%EMAILDOMAIN%", 993, "SSL", "%EMAILLOCALPART%")
        + server("smtp", "smtp.example.net", 587, "STARTTLS")
        + '<calendar type="caldav"><serverURL>https://cal.example.org/%EMAILADDRESS%/</serverURL></calendar>'
        + '<addressBook type="carddav"><serverURL>http://cards.example.org/</serverURL></addressBook>'
    )
    key = (
        ("example.org", "/.well-known/autoconfig/mail/config-v1.1.xml")
        if place == "well-known"
        else ("autoconfig.example.org", "/mail/config-v1.1.xml?emailaddress=anna.berg%2Bx@example.org")
    )
    site.says[key] = (200, {}, body)
    dns = names({("smtp.example.net", "A"): ["127.0.0.1"]})
    found = find(ADDRESS, reach(dns), https_port=site.port, seconds=6)
    assert str(found.imap) == "imaps://imap.example.org:993"
    assert str(found.smtp) == "smtp://smtp.example.net:587"
    assert found.user == "anna.berg+x"
    assert found.caldav == "https://cal.example.org/anna.berg%2Bx@example.org/"
    assert found.carddav == ""
    assert found.how == {"imap": "autoconfig", "smtp": "autoconfig", "caldav": "autoconfig"}
    assert found.foreign("example.org") == ["smtp.example.net"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
GOOD = server("imap", "imap.example.org", 993, "SSL")


@pytest.mark.parametrize(
    "body",
    [
        config(GOOD.replace("imap.example.org", "&b;"), BOMB),
        config(GOOD, '<!DOCTYPE clientConfig SYSTEM "https://example.org/x.dtd">'),
        config(GOOD + "<!--" + "x" * autoconfig.LIMIT + "-->"),
        config(GOOD)[:-5], b"", b"\xff\xfe\x00", b"<html></html>", b"<a>" * 20000,
        config(GOOD, '<?xml version="1.0" encoding="no-such"?>'),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        autoconfig.read(body, ADDRESS)


@given_that(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([GOOD, "<a>", "</a>", "<port>", "&amp;", "&b;", "\0", "%EMAILDOMAIN%"]))
    .map("".join)
    .map(config)
)
def test_any_file_is_read_or_refused(body: bytes) -> None:
    try:
        found = autoconfig.read(body, ADDRESS)
    except Unreadable:
        return
    assert all(each.server.tls == "tls" for each in found.imap)


@pytest.mark.parametrize(
    "inside",
    [
        server("imap", "imap.example.org", 993, "plain"),
        server("imap", "imap.example.org", 143, ""),
        server("imap", "imap.example.org", 0, "SSL"),
        server("imap", "imap.example.org", -1, "SSL"),
        server("imap", "imap.example.org", 99999, "SSL"),
        server("imap", "imap.example.org", "9" * 5000, "SSL"),
        server("imap", "imap.example.org", "\u0669\u0669\u0663", "SSL"),
        server("imap", "", 993, "SSL"),
        server("imap", "a@b.example.org", 993, "SSL"),
        server("imap", "b.example.org/x", 993, "SSL"),
        server("imap", "imap.example.org:1", 993, "SSL"),
        server("smtp", "imap.example.org", 993, "SSL").replace("outgoing", "incoming"),
        '<incomingServer type="imap"/>',
    ],
)
def test_servers_that_are_none_are_passed_over(inside: str) -> None:
    assert autoconfig.read(config(inside), ADDRESS) == autoconfig.Config()
    assert len(autoconfig.read(config(inside + GOOD), ADDRESS).imap) == 1


def test_no_more_servers_are_looked_at_than_we_can_use() -> None:
    many = "".join(server("imap", f"i{number}.example.org", 993, "SSL") for number in range(100))
    assert len(autoconfig.read(config(many), ADDRESS).imap) == autoconfig.MOST


@pytest.mark.parametrize("user", ["%EMAILOTHER%", "a\tb", "x" * 400, ""])
def test_a_user_name_that_is_none_leaves_the_address(names: Callable[..., Dns], site: Site, user: str) -> None:
    key = ("example.org", "/.well-known/autoconfig/mail/config-v1.1.xml")
    site.says[key] = (200, {}, config(server("imap", "imap.example.org", 993, "SSL", user)))
    found = find(ADDRESS, reach(names()), https_port=site.port, seconds=6)
    assert (found.how["imap"], found.user) == ("autoconfig", ADDRESS)


def test_a_file_that_names_an_inner_server_finds_nothing(names: Callable[..., Dns], site: Site) -> None:
    key = ("example.org", "/.well-known/autoconfig/mail/config-v1.1.xml")
    site.says[key] = (200, {}, config(server("imap", "192.168.1.1", 993, "SSL")))
    assert find(ADDRESS, reach(names()), https_port=site.port, seconds=6).imap is None


# Usual names, and what the person gave


@contextmanager
def listening() -> Iterator[tuple[int, list[int]]]:
    """A port that somebody listens on, and how often it was called."""
    calls: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    door.accept()[0].close()
                except TimeoutError:
                    continue
                calls.append(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1], calls
        stop.set()
        thread.join()


def test_usual_names_are_taken_where_somebody_answers(
    names: Callable[..., Dns], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.says["mail.example.org", "/.well-known/caldav"] = (207, {}, b"<x/>")
    site.says["nextcloud.example.org", "/remote.php/dav/"] = (401, {}, b"")
    with listening() as (port, calls), socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
        other.close()
        guesses = {
            "imap": (("imap", "imaps", closed), ("mail", "imaps", port)),
            "smtp": (("smtp", "smtps", closed), ("mail", "smtp", closed)),
        }
        monkeypatch.setattr(discovery, "GUESSES", guesses)
        found = find(ADDRESS, reach(names()), https_port=site.port)
    assert found.imap == Server(protocol="imap", host="mail.example.org", port=port, tls="tls")
    assert found.smtp is None
    assert len(calls) == 1
    assert found.caldav == f"https://mail.example.org:{site.port}/.well-known/caldav"
    assert found.carddav == f"https://nextcloud.example.org:{site.port}/remote.php/dav/"
    assert set(found.how.values()) == {"guess"}
    assert site.logins == []


def test_a_private_answer_is_never_connected_to(names: Callable[..., Dns], monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as (port, calls):
        monkeypatch.setattr(discovery, "GUESSES", {"imap": (("imap", "imaps", port),), "smtp": ()})
        dns = names({("_caldavs._tcp.example.org", "SRV"): [f"0 1 {port} cal.example.org."]})
        found = find(ADDRESS, reach(dns, "10.9.9.9"), https_port=port, seconds=6)
        time.sleep(0.1)
    assert found == Servers(user=ADDRESS)
    assert calls == []


def test_what_the_person_gave_is_left_alone(names: Callable[..., Dns]) -> None:
    dns = names({("_imaps._tcp.example.org", "SRV"): ["0 0 993 imap.example.org."]})
    given = {
        "imap": "10.0.0.7:1143", "smtp": "smtp://nas.example.net:2525", "caldav": "https://10.0.0.7/dav",
        "carddav": "nas.example.net/cards", "user": "anna",
    }  # fmt: skip
    found = find(ADDRESS, reach(dns), given)
    assert (str(found.imap), str(found.smtp)) == ("imaps://10.0.0.7:1143", "smtp://nas.example.net:2525")
    assert (found.caldav, found.carddav) == ("https://10.0.0.7/dav", "https://nas.example.net/cards")
    assert found.user == "anna"
    assert set(found.how.values()) == {"given"}
    assert found.foreign("example.org") == []
    assert dns.asked == []


def test_the_rest_is_still_looked_for(names: Callable[..., Dns]) -> None:
    dns = names({("_submissions._tcp.example.org", "SRV"): ["0 0 465 smtp.example.org."]})
    found = find(ADDRESS, reach(dns), {"imap": "imap.example.net", "smtp": " "}, seconds=6)
    assert found.how == {"imap": "given", "smtp": "srv"}


@pytest.mark.parametrize("given", [{"imap": "a b"}, {"smtp": "x:0"}, {"caldav": "http://example.org/"}])
def test_a_given_server_that_is_none_is_refused_in_words(names: Callable[..., Dns], given: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        find(ADDRESS, reach(names()), given)


@pytest.mark.parametrize(
    "address", ["", "anna", "@example.org", "anna@", "anna@a b.example", "a\nb@example.org", "a@-x"]
)
def test_what_is_no_address_is_refused(names: Callable[..., Dns], address: str) -> None:
    dns = names()
    with pytest.raises(Rejected, match="not a mail address"):
        find(address, reach(dns))
    assert dns.asked == []


# Time


def test_a_name_server_that_never_answers_costs_a_bounded_time(
    names: Callable[..., Dns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "LOOKUP", 1.5)  # so that the test ends soon after
    monkeypatch.setattr(discovery, "GUESSES", {"imap": (("imap", "imaps", 993),), "smtp": (("smtp", "smtps", 465),)})
    begun = time.monotonic()
    found = find(ADDRESS, reach(names(silent=True)), {"smtp": "smtp.example.org"}, seconds=2)
    assert time.monotonic() - begun < 3
    assert found.how == {"smtp": "given"}


def test_a_web_server_that_never_answers_leaves_what_else_is_found(names: Callable[..., Dns]) -> None:
    dns = names({("_imaps._tcp.example.org", "SRV"): ["0 0 993 imap.example.org."]})
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        begun = time.monotonic()
        found = find(ADDRESS, reach(dns), https_port=door.getsockname()[1], seconds=2)
        assert time.monotonic() - begun < 3
    assert found.how == {"imap": "srv"}


def test_an_answer_too_long_for_udp_comes_over_tcp(names: Callable[..., Dns]) -> None:
    many = [f"{number} 0 993 imap{number:03}.example.org." for number in range(60)]
    found = find(ADDRESS, reach(names({("_imaps._tcp.example.org", "SRV"): many})), seconds=6)
    assert str(found.imap) == "imaps://imap000.example.org:993"
