"""Servers found in the table of providers: by the domain of an address, or by its mail exchangers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integrations.open import discovery
from integrations.open.discovery import ADVICE, find, known
from integrations.open.servers import Server, host_name, web
from tests.integrations.open.domain import ADDRESS, Site, authority, names, no_guesses, reach, site
from tests.servers.dns import Dns

__all__ = ["authority", "names", "no_guesses", "site"]  # fixtures


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
