"""Servers that offer encryption or not: without it none hears a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.open import imap
from keepwarm.errors import Rejected, TryAgainLater
from tests.integrations.open.mails import FETCHED, ME, USUAL, account, read, short
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.faults import Says, fake_imap, fake_smtp
from tests.servers.mail import PASSWORD

__all__ = ["short"]  # the fixture

SECRETS = (PASSWORD.encode(), b"YXBwLXBhc3N3b3JkLTE", b"AGFwcC1wYXNzd29yZC0x")  # plain, and in base64


def test_login_that_is_disabled_until_starttls_goes_after_it(authority: Authority, tmp_path: Path) -> None:
    def capability() -> Iterator[bytes]:
        encrypted, line = fake.heard[-1]
        yield b"* CAPABILITY IMAP4rev1 " + (b"" if encrypted else b"STARTTLS LOGINDISABLED")
        yield b"\r\n%b OK done\r\n" % line.split()[0]

    with fake_imap(authority, {"CAPABILITY": capability, "UID FETCH": USUAL}, tls=False) as fake:
        assert read(account(tmp_path, imap=f"imap://localhost:{fake.port}")) == FETCHED
    assert [encrypted for encrypted, line in fake.heard if b"LOGIN" in line] == [True]


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}, Rejected),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS\r\n", "STARTTLS": b"TAG NO no\r\n"}, Rejected),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS\r\n", "STARTTLS": b"TAG BAD what\r\n"}, Rejected),
        ({"greeting": b"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n"}, Rejected),
        (
            {
                "greeting": b"* PREAUTH welcome\r\n",
                "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
            },
            Rejected,
        ),
    ],
)
def test_imap_without_encryption_hears_no_password(
    authority: Authority, tmp_path: Path, says: dict[str, Says], error: type[Exception]
) -> None:
    with fake_imap(authority, says, tls=False) as fake:
        with pytest.raises(error) as told:
            read(account(tmp_path, imap=f"imap://localhost:{fake.port}"))
        assert error is not Rejected or str(told.value) == imap.NO_ENCRYPTION
    assert_nothing_said(fake.heard)


def test_what_is_said_before_encryption_is_forgotten(authority: Authority, tmp_path: Path) -> None:
    answers: dict[str, Says] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
        "STARTTLS": b"TAG OK go on\r\n* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n* BYE\r\n",
        "UID FETCH": USUAL,
    }
    with fake_imap(authority, answers, tls=False) as fake:
        assert read(account(tmp_path, imap=f"imap://localhost:{fake.port}")) == FETCHED
    assert not [line for _, line in fake.heard if b"X-GM" in line]
    assert_nothing_said([(encrypted, line) for encrypted, line in fake.heard if not encrypted])


def test_encryption_that_was_promised_and_never_comes_ends_it(
    authority: Authority, tmp_path: Path, short: None
) -> None:
    def promise() -> Iterator[bytes]:
        yield fake.heard[-1][1].split()[0] + b" OK go on\r\n* and now in clear\r\n"

    answers: dict[str, Says] = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n", "STARTTLS": promise}
    with fake_imap(authority, answers, tls=False) as fake, pytest.raises(TryAgainLater):
        read(account(tmp_path, imap=f"imap://localhost:{fake.port}"))
    assert_nothing_said(fake.heard)


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ({"EHLO": b"250-here\r\n250 AUTH PLAIN LOGIN\r\n"}, Rejected),
        ({"EHLO": b"502 what\r\n"}, Rejected),
        ({"STARTTLS": b"454 not now\r\n"}, TryAgainLater),
        ({"STARTTLS": b"502 what\r\n"}, Rejected),
        ({"EHLO": b"250 AUTH PLAIN"}, TryAgainLater),
    ],
)
def test_smtp_without_encryption_hears_no_password(
    authority: Authority, tmp_path: Path, short: None, says: dict[str, Says], error: type[Exception]
) -> None:
    with fake_smtp(authority, says, tls=False) as fake, pytest.raises(error):
        account(tmp_path, smtp=f"smtp://localhost:{fake.port}").send(mail())
    assert_nothing_said(fake.heard)


def assert_nothing_said(heard: list[tuple[bool, bytes]]) -> None:
    assert heard
    assert not [line for _, line in heard if any(each in line for each in (*SECRETS, b"LOGIN", b"AUTH", ME.encode()))]
