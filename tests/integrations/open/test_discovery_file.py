"""Servers found in the file that a domain tells of them itself (autoconfig)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from integrations.open import autoconfig
from integrations.open.discovery import find
from keepwarm.errors import Unreadable
from tests.integrations.open.domain import ADDRESS, Site, authority, config, names, no_guesses, reach, server, site
from tests.servers.dns import Dns

__all__ = ["authority", "names", "no_guesses", "site"]  # fixtures


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
