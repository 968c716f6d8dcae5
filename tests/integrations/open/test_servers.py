"""Servers as people type them, and as settings hold them."""

from __future__ import annotations

import pytest
from hypothesis import example
from hypothesis import given as given_that
from hypothesis import strategies as st

from integrations.open.servers import NO_PORT, NO_SERVER, Server, Servers


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
