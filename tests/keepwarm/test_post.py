"""The operator's way out as its address says it."""

from __future__ import annotations

import pytest

from keepwarm.errors import MisconfiguredError
from keepwarm.post import post_office
from keepwarm.settings import Settings


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user", "password", "sender"),
    [
        ("smtps://k@example.org:p%40ss%2F@mail.example.org/", "mail.example.org", 465, "tls", "k@example.org", "p@ss/", "k@example.org"),  # noqa: E501 - a row
        ("smtp://u:p@mail.example.org?from=k@example.org", "mail.example.org", 587, "starttls", "u", "p", "k@example.org"),  # noqa: E501 - a row
        ("smtps://m.example.org:4465/?from=k%40example.org", "m.example.org", 4465, "tls", "", "", "k@example.org"),
        ("smtp://[::1]:25/?from=k@example.org", "::1", 25, "starttls", "", "", "k@example.org"),
    ],
)  # fmt: skip
def test_a_way_out_is_read(url: str, host: str, port: int, tls: str, user: str, password: str, sender: str) -> None:
    found = post_office(url)
    assert (found.host, found.port, found.tls, found.user) == (host, port, tls, user)
    assert (found.password, found.sender, found.name) == (password, sender, "Keepwarm")
    assert "p@ss" not in repr(found)


def test_the_sender_may_have_a_name() -> None:
    found = post_office("smtps://m.example.org/?from=Our%20Keepwarm%20%3Ck@example.org%3E")
    assert (found.sender, found.name) == ("k@example.org", "Our Keepwarm")


@pytest.mark.parametrize(
    "url",
    [
        "mailto:k@example.org", "smtps://", "smtp:///x", "http://m.example.org", "smtps://u:hidden@m.example.org/",
        "smtps://m.example.org/?from=nobody", "smtps://m.example.org:0/?from=k@example.org", "smtps://[/?from=k@e.org",
        "smtps://m.example.org:99999999/?from=k@example.org", "smtps://m.example.org/?from=a%0ab@example.org",
    ],
)  # fmt: skip
def test_what_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(MisconfiguredError) as refused:
        Settings.from_mapping({"KEEPWARM_SMTP_URL": url}, home="/h")
    assert "hidden" not in str(refused.value)
    assert "KEEPWARM_SMTP_URL" in str(refused.value)
