"""Answers without end (RELIABILITY.md F14)."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.open import imap
from integrations.wire import net
from keepwarm.errors import Rejected, TryAgainLater
from tests.integrations.open.mails import account, read
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.faults import Says, endless, fake_imap, fake_smtp


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


IMAP_ENDLESS: list[tuple[str, Says]] = [
    ("greeting", endless(b"x")),
    ("greeting", endless(b"* OK on and on\r\n")),
    ("CAPABILITY", endless(b"* CAPABILITY IMAP4rev1\r\n")),
    ("AUTHENTICATE", endless(b"* X 12\r\n")),
    ("AUTHENTICATE", endless(b"+ \r\n")),
    ("STATUS", endless(b"* 1 EXISTS\r\n")),
    ("UID SEARCH", endless(b" 7", first=b"* SEARCH")),
    ("UID FETCH", endless(b"* 1 FETCH (UID 9)\r\n")),
    ("UID FETCH", endless(b"x", first=b"* 1 FETCH (UID 1 BODY[HEADER] {1099511627776}\r\n")),
    ("UID FETCH", endless(b"x", first=b"* 1 FETCH (UID 1 BODY[HEADER] {" + b"9" * 5000 + b"}\r\n")),
    ("UID FETCH", endless(b"* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n")),
    ("UID FETCH", endless(b" {1}\r\nx", first=b"* 1 FETCH (UID 1")),
]


@pytest.mark.parametrize(("command", "says"), IMAP_ENDLESS)
def test_imap_without_end_is_left(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, says: Says
) -> None:
    for name, less in (("RECEIVED", 4 << 20), ("LINES", 4000), ("SECONDS", 2.0)):
        monkeypatch.setattr(imap, name, less)
    monkeypatch.setattr(net, "PATIENCE", 1.0)
    with fake_imap(authority, {command: says}) as fake, little_memory(), pytest.raises((TryAgainLater, Rejected)):
        read(account(tmp_path, imap=f"imaps://localhost:{fake.port}"))


@pytest.mark.parametrize("says", [endless(b"250-on\r\n"), endless(b"x"), endless(b"334 \r\n")])
@pytest.mark.parametrize("verb", ["greeting", "EHLO", "AUTH", "DATA"])
def test_smtp_without_end_is_left(authority: Authority, tmp_path: Path, verb: str, says: Says) -> None:
    with fake_smtp(authority, {verb: says}) as fake, little_memory():
        with pytest.raises((TryAgainLater, Rejected)):
            account(tmp_path, smtp=f"smtps://localhost:{fake.port}").send(mail())
        assert fake.taken == 0
