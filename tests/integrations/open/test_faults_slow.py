"""Servers that take long to answer (RELIABILITY.md F14)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations import open as provider
from integrations.open import imap, smtp
from keepwarm.errors import TryAgainLater
from tests.integrations.open.mails import account
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.faults import SMTP, Says, fake_imap, fake_smtp


def slowly(says: bytes, seconds: float) -> Says:
    def say() -> Iterator[bytes]:
        time.sleep(seconds)
        yield says

    return say


def test_a_server_slow_with_every_answer_is_left_before_the_message(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer comes within any patience, all of them together would outlast the task."""
    monkeypatch.setattr(smtp, "SECONDS", 2.0)
    says = {
        verb: slowly(answer, 0.5)
        for verb, answer in SMTP.items()
        if isinstance(answer, bytes) and verb not in {"DATA", ".", "QUIT"}
    }
    with fake_smtp(authority, says) as fake:
        began = time.monotonic()
        with pytest.raises(TryAgainLater):
            account(tmp_path, smtp=f"smtps://localhost:{fake.port}").send(mail())
        assert time.monotonic() - began < 3
    assert fake.taken == 0


def test_the_answer_to_a_message_has_time_left(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 3.0)
    with fake_smtp(authority, {"MAIL": slowly(b"250 ok\r\n", 1.0), ".": slowly(b"250 ok\r\n", 1.2)}) as fake:
        account(tmp_path, smtp=f"smtps://localhost:{fake.port}").send(mail())
    assert fake.taken == 1


def test_a_server_that_says_no_farewell_holds_up_nobody(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "FAREWELL", 0.3)
    with fake_smtp(authority, {"QUIT": slowly(b"221 bye\r\n", 3.0)}) as fake:
        began = time.monotonic()
        account(tmp_path, smtp=f"smtps://localhost:{fake.port}").send(mail())
        assert time.monotonic() - began < 2
    assert fake.taken == 1


@pytest.mark.parametrize(
    "slow", ["greeting", "CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID SEARCH", "APPEND", "LOGOUT"]
)
def test_a_copy_that_takes_long_leaves_the_mail_sent(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setattr(provider, "COPY", 0.5)
    monkeypatch.setattr(imap, "FAREWELL", 0.3)
    with fake_smtp(authority) as out, fake_imap(authority, {slow: slowly(b"", 2.0)}) as kept:
        given = account(
            tmp_path, smtp=f"smtps://localhost:{out.port}", imap=f"imaps://localhost:{kept.port}"
        )  # fmt: skip
        began = time.monotonic()
        assert given.send(mail()) == mail().message_id
        assert time.monotonic() - began < 1.8
    assert out.taken == 1
