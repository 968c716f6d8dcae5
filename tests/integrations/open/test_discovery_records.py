"""Servers found in a domain's SRV records and at its well-known addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.open.discovery import find
from tests.integrations.open.domain import (
    ADDRESS,
    Said,
    Site,
    authority,
    config,
    names,
    no_guesses,
    reach,
    server,
    site,
)
from tests.servers.dns import Dns

__all__ = ["authority", "names", "no_guesses", "site"]  # fixtures


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
