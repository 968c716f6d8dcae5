"""A mailbox over whatever server a test puts before it, what that answers, and who wrote the mails that were read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations import load
from integrations.open import imap, smtp
from integrations.wire import net
from keepwarm.types import Grant, Page, Stream, StreamKind
from tests import make
from tests.integrations.houses import opening
from tests.servers.dav import Authority
from tests.servers.mail import PASSWORD, Dovecot, dovecot

ME = make.OWNER
WHO = ME.partition("@")[0]
FETCHED = ["p1@example.com", "p2@example.com"]


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Dovecot]:
    """With one user, who has five mails."""
    with dovecot(authority) as running:
        running.add(WHO)
        for number in range(5):
            running.deliver(WHO, head(number) + b"body\r\n")
        yield running


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of seconds, so that a test takes no longer."""
    monkeypatch.setattr(net, "PATIENCE", 0.3)
    monkeypatch.setattr(imap, "SECONDS", 0.5)
    monkeypatch.setattr(smtp, "SECONDS", 1.5)


def head(number: int, *, sender: str = "") -> bytes:
    lines = [
        f"From: {sender or f'Person {number} <p{number}@example.com>'}",
        f"To: {ME if not sender else 'ann@example.net'}",
        f"Message-ID: <{number}@example.com>",
        f"Date: Mon, 2 Nov 2026 09:{number % 60:02}:00 +0000",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def account(home: Path, **settings: Any) -> Any:
    roles = {"sent": "Sent", "draft": "Drafts", "inbox": "INBOX"}
    given = opening(home, **({"user": WHO, "address": ME, "roles": roles} | settings))
    return load("open")(
        replace(given, grant=Grant(values={"password": PASSWORD}), reach=net.Reach(allow=("localhost",)))
    )


def stream(cursor: str = "") -> Stream:
    return Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, place_ref="INBOX", cursor=cursor)


def writers(*pages: Page) -> list[str]:
    """Who wrote each mail: everybody wrote one."""
    people = (person for page in pages for item in page.items for person in item.participants)
    return [person.address.address for person in people if person.role == "from"]


def read(given: Any, cursor: str = "") -> list[str]:
    return writers(*given.changes(stream(cursor)))


def spread(total: int, number: int) -> list[int]:
    """So many positions in all of it, the last byte's among them."""
    return sorted({1 + (total - 1) * each // number for each in range(number + 1)})


def fetched(*answers: bytes) -> bytes:
    return b"".join(b"* " + each + b"\r\n" for each in answers)


def literal(data: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(data), data)


USUAL = fetched(*(b"%d FETCH (UID %d BODY[HEADER.FIELDS (FROM)] %b)" % (n, n, literal(head(n))) for n in (1, 2)))
