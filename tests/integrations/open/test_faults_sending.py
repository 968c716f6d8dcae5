"""Sendings that are cut, and every answer to them (RELIABILITY.md B6)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations.open import smtp
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from tests.integrations.open.mails import WHO, account, server, spread
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.faults import Fault, fake_smtp, proxy
from tests.servers.mail import PASSWORD, Dovecot, Sink, sink

__all__ = ["server"]  # the fixture

NUMBERS = count()


@contextmanager
def post(authority: Authority, server: Dovecot, home: Path, scheme: str) -> Iterator[tuple[Sink, Any, Any]]:
    """A sink, the proxy before it, and an account that sends through both."""
    with (
        sink(authority, tls=scheme == "smtps", store=server) as out,
        proxy(out.port, authority if scheme == "smtps" else None) as door,
    ):
        out.passwords[WHO] = PASSWORD
        places = {"imap": f"imaps://localhost:{server.imaps}", "smtp": f"{scheme}://localhost:{door.port}"}
        yield out, door, account(home, **places, keeps_sent=True)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is TLS from the first byte
@pytest.mark.parametrize(
    ("scheme", "side", "number"),
    [("smtps", "client", 14), ("smtps", "server", 14), ("smtp", "client", 4), ("smtp", "server", 4)],
)
def test_a_sending_cut_anywhere_is_at_most_once_and_settled_by_looking(
    authority: Authority, server: Dovecot, tmp_path: Path, scheme: str, side: str, number: int
) -> None:
    ends = set()
    with post(authority, server, tmp_path, scheme) as (out, door, given):
        given.send(mail(f"whole-{next(NUMBERS)}"))
        total = door.passed[side]
        for position in spread(total, number) + [total - 12 * each for each in range(1, 11)]:
            out.taken.clear()
            door.fault = Fault(**{f"cut_{side}": position})
            letter = mail(f"cut-{next(NUMBERS)}")
            try:
                given.send(letter)
                end = "sent"
            except TryAgainLater:
                end = "not sent"
            except smtp.OutcomeUnknownError:
                end = "unknown"
                time.sleep(0.4)  # the sink may be at it
            ends.add(end)
            assert len(out.taken) in {"sent": {1}, "not sent": {0}, "unknown": {0, 1}}[end], position
            if end != "not sent":
                assert given.find(letter.message_id) == (letter.message_id if out.taken else None), position
    assert {"not sent", "unknown"} <= ends


@pytest.mark.parametrize("says", ["25", "45", "2", "250", "nonsense\r\n", "350 what\r\n", "\r\n"])
def test_half_an_answer_after_the_message_is_no_answer(authority: Authority, tmp_path: Path, says: str) -> None:
    def half() -> Iterator[bytes]:
        yield says.encode()
        raise ConnectionAbortedError

    with fake_smtp(authority, {".": half}) as fake:
        given = account(tmp_path, smtp=f"smtps://localhost:{fake.port}")
        with pytest.raises(smtp.OutcomeUnknownError):
            given.send(mail())
    assert fake.taken == 1


@pytest.mark.parametrize(
    ("verb", "says", "error"),
    [
        ("greeting", b"554 go away\r\n", Rejected),
        ("greeting", b"421 later\r\n", TryAgainLater),
        ("greeting", b"nonsense\r\n", TryAgainLater),
        ("EHLO", b"421 later\r\n", TryAgainLater),
        ("EHLO", b"451 later\r\n", TryAgainLater),
        ("EHLO", b"nonsense\r\n", TryAgainLater),
        ("AUTH", b"454 later\r\n", TryAgainLater),
        ("AUTH", b"421 later\r\n", TryAgainLater),
        ("AUTH", b"535 no\r\n", AccessRevoked),
        ("AUTH", b"nonsense\r\n", TryAgainLater),
        ("AUTH", b"334 a\r\n", TryAgainLater),
        ("MAIL", b"nonsense\r\n", TryAgainLater),
        ("MAIL", b"552 full\r\n", Rejected),
        ("RCPT", b"354 what\r\n", TryAgainLater),
        ("RCPT", b"450 grey\r\n", TryAgainLater),
        ("RCPT", b"550 nobody\r\n", Rejected),
        ("DATA", b"250 what\r\n", TryAgainLater),
        ("DATA", b"nonsense\r\n", TryAgainLater),
        (".", b"451 later\r\n", TryAgainLater),
        (".", b"554 never\r\n", Rejected),
    ],
)
def test_every_answer_is_taken_for_what_it_is(
    authority: Authority, tmp_path: Path, verb: str, says: bytes, error: type[Exception]
) -> None:
    with fake_smtp(authority, {verb: says}) as fake:
        with pytest.raises(error):
            account(tmp_path, smtp=f"smtps://localhost:{fake.port}").send(mail())
        assert fake.taken == (1 if verb == "." else 0)
