"""Links that open a message elsewhere: whole, escaped, and only where they are sure."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from keepwarm.messages import Draft, Reach, links

DRAFT = Draft(kind="first", subject="Koffie & thee?", body='Dag Noor,\n\n100% zeker? "ja" <b> é\n')


def test_a_mail_link_says_the_whole_message() -> None:
    parts = urlsplit(links.mailto("noor+x@example.net", DRAFT))
    assert (parts.scheme, unquote(parts.path)) == ("mailto", "noor+x@example.net")
    said = parse_qs(parts.query)
    assert said["subject"] == [DRAFT.subject]
    assert said["body"] == [DRAFT.body.replace("\n", "\r\n")]
    assert links.mailto("", DRAFT) == ""


@pytest.mark.parametrize(
    "address", ['a"b@example.net', "a?cc=kim@example.org", "a&bcc=kim@example.org", "a\r\nBcc: k@x.org"]
)
def test_an_odd_address_adds_no_field(address: str) -> None:
    parts = urlsplit(links.mailto(address, DRAFT))
    assert set(parse_qs(parts.query)) == {"subject", "body"}
    assert not set('"<>\r\n ') & set(links.mailto(address, DRAFT))


@pytest.mark.parametrize(
    ("phone", "country", "number"),
    [
        ("+31 6 1234 5678", "NL", "31612345678"),
        ("+31 (0)6 12345678", "NL", "31612345678"),
        ("06-12345678", "NL", "31612345678"),
        ("0031612345678", "NL", "31612345678"),
        ("0475 12 34 56", "BE", "32475123456"),
        ("06-12345678", "XX", ""),
        ("12345678", "NL", ""),
        ("call me", "NL", ""),
        ("", "NL", ""),
        ("+31-20-5551234;ext=2", "NL", "31205551234"),
        ("+" + "9" * 40, "NL", ""),
    ],
)
def test_numbers(phone: str, country: str, number: str) -> None:
    assert links.international(phone, country) == number
    assert bool(links.whatsapp(phone, country, DRAFT)) == bool(number)


def test_the_telephone_and_profiles() -> None:
    assert links.tel("+31 (0)20 555 1234") == "tel:+31205551234"
    assert links.tel("javascript:alert(1)") == ""
    assert links.profile(Reach(mail="", phone="", profile="linkedin:noor-w")) == "https://www.linkedin.com/in/noor-w/"
    assert links.profile(Reach(mail="", phone="", profile='linkedin:x"><b>')) == ""
    assert links.profile(Reach(mail="", phone="", profile="")) == ""
