"""`keepwarm connect`, `accounts`, `sync`, `disconnect` over real servers: Dovecot, aiosmtpd, Radicale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from integrations.wire import net
from tests.servers.dav import PASSWORD as DAV_PASSWORD
from tests.servers.dav import USER, Authority, radicale
from tests.servers.mail import PASSWORD, Dovecot, Sink, dovecot, sink
from tests.service.cli.conftest import Command

ME = "robin@example.org"
USERS = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    dovecot: Dovecot
    sink: Sink
    radicale: str
    pem: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stack:
        authority = Authority(tmp_path_factory.mktemp("authority"))
        mail = stack.enter_context(dovecot(authority))
        out = stack.enter_context(sink(authority, store=mail))
        dav = stack.enter_context(radicale(authority, tmp_path_factory.mktemp("dav") / "radicale"))
        yield Servers(dovecot=mail, sink=out, radicale=dav, pem=authority.pem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robin:
    """A new user of the servers at the keyboard."""

    servers: Servers
    user: str
    keepwarm: Command
    folder: Path

    def connect(self, *more: str, password: str = PASSWORD) -> object:
        secret, dav = self.folder / "password", self.folder / "dav"
        secret.write_text(password + "\n")
        dav.write_text(DAV_PASSWORD)
        given = ["--address", ME, "--user", self.user, "--imap", f"imap://localhost:{self.servers.dovecot.imap}"]
        given += ["--smtp", f"smtp://localhost:{self.servers.sink.port}", "--caldav", self.servers.radicale]
        given += ["--carddav", self.servers.radicale, "--dav-user", USER, "--dav-password-file", str(dav)]
        return self.keepwarm("connect", "open", *given, "--password-file", str(secret), "--json", *more)


@pytest.fixture
def robin(servers: Servers, keepwarm: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Robin]:
    user = f"robin{next(USERS)}"
    servers.dovecot.add(user)
    servers.sink.passwords[user] = PASSWORD
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.pem))
    monkeypatch.setenv("KEEPWARM_ALLOW_HOSTS", "localhost")
    monkeypatch.setenv("KEEPWARM_BROKER_URL", "memory://")
    net.tls_context.cache_clear()
    yield Robin(servers=servers, user=user, keepwarm=keepwarm, folder=tmp_path)
    net.tls_context.cache_clear()


def told(number: int, *, sender: str, to: str) -> bytes:
    lines = [f"From: {sender}", f"To: {to}", f"Message-ID: <m{number}@example.com>", "Subject: private"]
    return "\r\n".join([*lines, f"Date: Mon, 2 Nov 2026 09:0{number}:00 +0000"]).encode() + b"\r\n\r\nbody\r\n"


def test_an_account_is_connected_read_and_let_go(robin: Robin) -> None:
    mail = robin.servers.dovecot
    mail.deliver(robin.user, told(1, sender="Noor Jansen <noor@lantern.example>", to=ME))
    mail.deliver(robin.user, told(2, sender=ME, to="Noor Jansen <noor@lantern.example>"), "Sent")
    answer = robin.connect()
    assert answer.status == 0, answer.err
    assert [each["ok"] for each in answer.value["checks"]] == [True] * 4
    read = robin.keepwarm("sync", "--wait", "--json")
    assert (read.status, read.value["items"]) == (0, 2), read.err
    held = robin.keepwarm("accounts", "--json").value
    assert held[0]["name"] == ME
    assert held[0]["purposes"] == {}
    assert {each["state"] for each in held[0]["streams"]} == {"fresh"}
    assert robin.keepwarm("sync", "--wait", "--json").value["items"] == 0
    people = robin.keepwarm("contacts", "--state", "proposed", "--json").value
    assert [each["name"] for each in people] == ["Noor Jansen"]
    assert robin.keepwarm("disconnect", ME, "--json").status == 0
    assert robin.keepwarm("accounts", "--json").value == []
    assert [each["name"] for each in robin.keepwarm("contacts", "--state", "proposed", "--json").value] == [
        "Noor Jansen"
    ]


def test_a_wrong_password_saves_nothing_and_says_what_to_do(robin: Robin) -> None:
    answer = robin.connect(password="wrong")
    assert answer.status == 1
    red = [each for each in answer.value["checks"] if not each["ok"]]
    assert [each["name"] for each in red] == ["reading mail", "sending mail"]
    assert robin.keepwarm("accounts", "--json").value == []


def test_the_password_is_nowhere_in_the_data(robin: Robin, home: Path) -> None:
    robin.connect()
    robin.keepwarm("sync", "--wait")
    held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in held
    assert DAV_PASSWORD.encode() not in held
    assert home.with_name("home.keys").stat().st_mode & 0o077 == 0


def test_another_key_is_refused_and_nothing_is_overwritten(robin: Robin, home: Path) -> None:
    robin.connect()
    keys = home.with_name("home.keys")
    right = keys.read_bytes()
    keys.unlink()
    answer = robin.keepwarm("sync", "--wait")
    assert answer.status == 1
    keys.write_bytes(right)
    assert robin.keepwarm("sync", "--wait").status == 0


def test_keys_are_turned(robin: Robin, home: Path) -> None:
    robin.connect()
    keys = home.with_name("home.keys")
    before = keys.read_bytes()
    assert robin.keepwarm("keys", "rotate", "--json").value == {"resealed": 1}
    assert before.strip() not in keys.read_bytes()
    assert robin.keepwarm("sync", "--wait").status == 0


def test_a_dead_password_asks_to_reconnect_and_keeps_the_place(robin: Robin) -> None:
    robin.servers.dovecot.deliver(robin.user, told(1, sender="Noor <noor@lantern.example>", to=ME))
    robin.connect()
    robin.keepwarm("sync", "--wait")
    robin.servers.dovecot.add(robin.user, "another")
    assert robin.keepwarm("sync", "--wait").status == 1
    mail = [each for each in robin.keepwarm("accounts", "--json").value[0]["streams"] if each["kind"] == "mail"]
    assert {each["state"] for each in mail} == {"revoked"}
    robin.servers.sink.passwords[robin.user] = "another"
    assert robin.connect(password="another").status == 0
    assert len(robin.keepwarm("accounts", "--json").value) == 1
    assert robin.keepwarm("sync", "--wait", "--json").value["items"] == 0


def test_private_addresses_are_refused_unless_allowed(robin: Robin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPWARM_ALLOW_HOSTS", "")
    answer = robin.connect()
    assert answer.status == 1
    assert all("KEEPWARM_ALLOW_HOSTS" in each["says"] for each in answer.value["checks"])


def test_json_and_text_tell_the_same(robin: Robin) -> None:
    robin.connect()
    text = robin.keepwarm("accounts").out
    assert ME in text
    assert json.loads(robin.keepwarm("accounts", "--json").out)[0]["id"].startswith(text.split()[0])
