"""A mail as bytes: readable, the same each time, and no header can smuggle in another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser

import pytest

from keepwarm.letter import UnsafeHeader, as_bytes
from keepwarm.types import Address, Mail

LETTER = Mail(
    message_id="<0123@keepwarm.local>",
    sender=Address(address="keepwarm@keepwarm.local", name="Keepwarm"),
    to=Address(address="robin@example.org", name="Robin Ödegaard"),
    subject="Voorbereid: je gesprek op dinsdag 1 december, 09:30 – en één ding",
    text="Één vraag: hoe gaat het?\n",
    html="<p>Één vraag</p>\n",
    at=datetime(2026, 11, 30, 15, tzinfo=UTC),
    lang="nl",
)
# RELIABILITY.md E10: on some Python versions the first of these did inject a Bcc line.
ATTACKS = [
    "Prepared =?UTF-8?Q?=0A?=Bcc: victim@example.com",
    "Prepared =?UTF-8?B?DQpCY2M6IHZpY3RpbUBleGFtcGxlLmNvbQ==?=",
    "Prepared\nBcc: victim@example.com",
    "Prepared\r\n\r\n<script>",
    "Prepared\x00",
    "Prepared\x85Bcc: victim@example.com",
    "Prepared\u2028Bcc: victim@example.com",
    "Prepared\x7f",
]


def read(mail: Mail) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in BytesParser(policy=policy.default).parsebytes(as_bytes(mail)).items()]


def test_it_reads_back_as_it_was_written() -> None:
    found = dict(read(LETTER))
    assert found["Subject"] == LETTER.subject
    assert found["To"] == "Robin Ödegaard <robin@example.org>"
    assert (found["Message-ID"], found["Auto-Submitted"], found["X-Keepwarm"]) == (
        LETTER.message_id,
        "auto-generated",
        "1",
    )
    parsed = BytesParser(policy=policy.default).parsebytes(as_bytes(LETTER))
    assert parsed.get_body(("plain",)).get_content().splitlines() == ["Één vraag: hoe gaat het?"]


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert as_bytes(LETTER) == as_bytes(LETTER)
    assert as_bytes(LETTER).isascii()


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("field", ["subject", "to", "sender", "header", "message_id", "lang"])
def test_no_header_ends_early(field: str, attack: str) -> None:
    change = {
        "subject": {"subject": attack},
        "to": {"to": Address(address="robin@example.org", name=attack)},
        "sender": {"sender": Address(address="keepwarm@keepwarm.local", name=attack)},
        "header": {"headers": (("List-Unsubscribe", attack),)},
        "message_id": {"message_id": f"<{attack}@keepwarm.local>"},
        "lang": {"lang": attack},
    }[field]
    with pytest.raises(UnsafeHeader) as refused:
        as_bytes(replace(LETTER, **change))  # type: ignore[arg-type]  # one field of the right kind
    assert "victim" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "robin@example.org, victim@example.com",
        "rübin@example.org",
        "r@\u2024\u2024.example",
        "a b@example.org",
        "robin",
        "@",
        "<a@b>",
    ],
)
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(UnsafeHeader):
        as_bytes(replace(LETTER, to=Address(address=address)))


def test_a_domain_goes_out_as_servers_know_it() -> None:
    """The library would write an encoded word into the address, which is none."""
    out = as_bytes(replace(LETTER, to=Address(address="r@m\u00fcller.example")))
    assert b"To: r@xn--mller-kva.example\r\n" in out
