"""Readings that are cut, drip or fall silent (RELIABILITY.md C17, F14)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from integrations.open import mailbox
from integrations.wire import net
from keepwarm.errors import TryAgainLater
from tests.integrations.open.mails import account, read, server, short, spread, stream, writers
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.faults import Fault, proxy
from tests.servers.mail import Dovecot

__all__ = ["server", "short"]  # fixtures

CUTS = [
    pytest.param("imaps", "server", 24, False, id="answers-unencrypted-positions"),
    pytest.param("imaps", "client", 9, False, id="commands-unencrypted-positions"),
    pytest.param("imap", "server", 9, False, id="answers-under-starttls"),
    pytest.param("imap", "client", 5, True, id="commands-under-starttls-reset"),
    pytest.param("imaps", "server", 4, True, id="answers-reset"),
]


@pytest.mark.parametrize(("scheme", "side", "number", "reset"), CUTS)
def test_a_reading_cut_anywhere_goes_on_and_reads_all_once(
    authority: Authority, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    scheme: str, side: str, number: int, *, reset: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(mailbox, "BLOCK", 2)
    straight = account(tmp_path, imap=f"imaps://localhost:{server.imaps}")
    everything = read(straight)
    assert len(everything) == 5
    to = getattr(server, scheme)
    with proxy(to, authority if scheme == "imaps" else None) as door:
        crooked = account(tmp_path, imap=f"{scheme}://localhost:{door.port}")
        assert read(crooked) == everything
        broke = 0
        for position in spread(door.passed[side], number):
            door.fault = Fault(**{f"cut_{side}": position}, reset=reset)
            found: list[str] = []
            cursor = ""
            try:
                for page in crooked.changes(stream()):
                    found += writers(page)
                    cursor = page.cursor
            except TryAgainLater:
                broke += 1
            assert found + read(straight, cursor) == everything, position
    assert broke > number // 2


@pytest.mark.parametrize("position", [0, 40, 600])
@pytest.mark.parametrize("kind", ["drip", "silent"])
def test_a_reading_that_drips_or_falls_silent_ends_in_time(
    authority: Authority, server: Dovecot, tmp_path: Path, short: None, kind: str, position: int
) -> None:
    with proxy(server.imaps, authority) as door:
        door.fault = Fault(**{kind: position})
        began = time.monotonic()
        with pytest.raises(TryAgainLater):
            read(account(tmp_path, imap=f"imaps://localhost:{door.port}"))
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("scheme", ["imap", "imaps", "smtp", "smtps"])
def test_a_server_that_never_says_a_word_is_left_in_time(
    server: Dovecot, tmp_path: Path, short: None, scheme: str
) -> None:
    with proxy(server.imap) as door:
        door.fault = Fault(silent=0)
        given = account(tmp_path, **{scheme.rstrip("s"): f"{scheme}://localhost:{door.port}"})
        began = time.monotonic()
        with pytest.raises(TryAgainLater):
            read(given) if "imap" in scheme else given.send(mail())
    assert time.monotonic() - began < 4


def test_a_half_open_line_is_found(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(server.imap) as door:
        ear = account(tmp_path, imap=f"imap://localhost:{door.port}").listen(stream())
        try:
            assert ear.renew() is False
            door.fault.silent = 0
            monkeypatch.setattr(net, "PATIENCE", 0.3)
            with pytest.raises(TryAgainLater):
                ear.renew()
        finally:
            ear.close()


@pytest.mark.parametrize("side", ["server", "client"])
def test_a_line_cut_while_listening_is_found(server: Dovecot, tmp_path: Path, side: str) -> None:
    with proxy(server.imap) as door:
        ear = account(tmp_path, imap=f"imap://localhost:{door.port}").listen(stream())
        try:
            setattr(door.fault, f"cut_{side}", door.passed[side] + 1)
            with pytest.raises(TryAgainLater):
                ear.renew()
        finally:
            ear.close()
