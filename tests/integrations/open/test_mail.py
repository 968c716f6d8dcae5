"""IMAP against Dovecot, SMTP against aiosmtpd, both real servers under TLS."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations import load
from integrations.open import mailbox
from integrations.wire import net
from keepwarm.errors import AccessRevoked, CursorExpired, Rejected, TryAgainLater
from keepwarm.types import Grant, MailMark, Page, Stream, StreamKind
from tests import make
from tests.integrations.houses import opening
from tests.integrations.test_contract import mail
from tests.servers.dav import Authority
from tests.servers.mail import PASSWORD, Dovecot, Sink, dovecot, sink

ME = "robin@example.org"
USERS = count()


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Dovecot]:
    with dovecot(authority) as running:
        yield running


@pytest.fixture
def out(authority: Authority, server: Dovecot) -> Iterator[Sink]:
    with sink(authority, store=server) as running:
        yield running


class House:
    """One user of the servers, and the account over them."""

    def __init__(self, server: Dovecot, out: Sink | None, home: Path, name: str) -> None:
        self.server, self.name, self.home = server, name, home
        server.add(name)
        if out is not None:
            out.passwords[name] = PASSWORD
        self.smtp = f"smtp://localhost:{out.port}" if out else ""

    def account(self, *, password: str = PASSWORD, imap: str = "", **more: Any) -> Any:
        from dataclasses import replace

        settings = {"user": self.name, "address": ME, "imap": imap or f"imap://localhost:{self.server.imap}"}
        settings |= {"smtp": self.smtp, "roles": {"sent": "Sent", "draft": "Drafts", "inbox": "INBOX"}} | more
        given = replace(
            opening(self.home, **settings),
            grant=Grant(values={"password": password}),
            reach=net.Reach(allow=("localhost",)),
        )
        return load("open")(given)


@pytest.fixture
def house(server: Dovecot, out: Sink, tmp_path: Path) -> House:
    return House(server, out, tmp_path, f"u{next(USERS)}")


def told(number: int, *, sender: str = "", to: str = ME, date: bool = True, extra: str = "") -> bytes:
    lines = [
        f"From: {sender or f'Person {number} <p{number}@example.com>'}",
        f"To: {to}",
        f"Message-ID: <{number}@example.com>",
        "Subject: nobody's business",
        *([f"Date: Mon, 2 Nov 2026 09:{number % 60:02}:00 +0000"] if date else []),
    ]
    return "\r\n".join(lines).encode() + extra.encode() + b"\r\n\r\nbody\r\n"


def stream(folder: str = "INBOX", cursor: str = "") -> Stream:
    return Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, place_ref=folder, cursor=cursor)


def read(account: Any, folder: str = "INBOX", cursor: str = "") -> list[Page]:
    return list(account.changes(stream(folder, cursor)))


def senders(pages: list[Page]) -> list[str]:
    return [
        next(p.address.address for p in item.participants if p.role == "from") for page in pages for item in page.items
    ]


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_mail_is_read_once_and_then_only_what_is_new(house: House, scheme: str) -> None:
    account = house.account(imap=f"{scheme}://localhost:{getattr(house.server, scheme)}")
    for number in range(3):
        house.server.deliver(house.name, told(number))
    first = read(account)
    assert senders(first) == [f"p{n}@example.com" for n in range(3)]
    assert [page.last for page in first] == [True]
    again = read(account, cursor=first[-1].cursor)
    assert (senders(again), again[-1].last) == ([], True)
    house.server.deliver(house.name, told(7))
    assert senders(read(account, cursor=again[-1].cursor)) == ["p7@example.com"]


def test_a_large_folder_comes_in_pages_that_resume(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "BLOCK", 4)
    for number in range(10):
        house.server.deliver(house.name, told(number))
    account = house.account()
    pages = read(account)
    assert [len(page.items) for page in pages] == [4, 4, 2]
    rest = read(account, cursor=pages[0].cursor)
    assert senders(pages[:1]) + senders(rest) == senders(pages)


def test_nothing_is_marked_as_read(house: House) -> None:
    house.server.deliver(house.name, told(1))
    read(house.account())
    with house.server.connected(house.name) as imap:
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "UNSEEN")[1] == [b"1"]


def test_what_lies_in_sent_was_sent(house: House) -> None:
    house.server.deliver(house.name, told(1, sender=ME, to="p1@example.com"), "Sent")
    found = read(house.account(), "Sent")[0].items[0]
    assert MailMark.SENT in found.marks


def test_a_mail_without_a_date_has_the_time_it_arrived(house: House) -> None:
    house.server.deliver(house.name, told(1, date=False))
    assert read(house.account())[0].items[0].at is not None


def test_headers_without_end_are_cut_and_the_rest_arrives(house: House) -> None:
    house.server.deliver(house.name, told(1, extra="\r\nCc: " + ", ".join(f"x{n}@example.net" for n in range(40_000))))
    house.server.deliver(house.name, told(2))
    assert senders(read(house.account())) == ["p1@example.com", "p2@example.com"]


def test_a_mail_without_headers_is_set_aside(house: House) -> None:
    house.server.deliver(house.name, b"\r\nnothing above\r\n")
    house.server.deliver(house.name, told(2))
    page = read(house.account())[0]
    assert senders([page]) == ["p2@example.com"]
    assert len(page.broken) == 1


def test_a_renumbered_folder_is_told_and_read_again_as_the_same(house: House) -> None:
    for number in range(3):
        house.server.deliver(house.name, told(number))
    account = house.account()
    first = read(account)
    with house.server.connected(house.name) as imap:
        imap.create("Aside")
        imap.select("INBOX")
        imap.copy("1:3", "Aside")
    house.server.renumber(house.name)
    with pytest.raises(CursorExpired):
        read(account, cursor=first[-1].cursor)
    assert {item.ref for item in read(account)[0].items} == {item.ref for item in first[0].items}


def test_a_wrong_password_is_named(house: House) -> None:
    with pytest.raises(AccessRevoked):
        read(house.account(password="wrong"))


def test_a_folder_that_is_gone_is_named(house: House) -> None:
    with pytest.raises(Rejected):
        read(house.account(), "No such folder")


def test_folders_are_known_by_their_marks_and_names(house: House) -> None:
    with house.server.connected(house.name) as imap:
        imap.create("Verzonden")
        imap.create("Projects/Sent")
    places = house.account().places()
    assert places[0].name == "INBOX"
    assert "Sent" in [each.name for each in places if each.usual]
    assert "Projects/Sent" not in [each.name for each in places if each.usual]
    assert house.account().learned()["roles"]["draft"] == "Drafts"


def test_a_server_that_is_away_is_tried_later(house: House) -> None:
    with pytest.raises(TryAgainLater):
        read(house.account(imap="imap://localhost:1025"))


def test_a_certificate_of_nobody_is_refused_before_a_word_is_said(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.pem))
    net.tls_context.cache_clear()
    try:
        for place in (f"imap://localhost:{house.server.imap}", f"imaps://localhost:{house.server.imaps}"):
            with pytest.raises(net.Untrusted):
                read(house.account(imap=place))
        with pytest.raises(net.Untrusted):
            house.account().send(mail("untrusted"))
    finally:
        monkeypatch.undo()
        net.tls_context.cache_clear()


# --- sending


def test_a_mail_goes_to_one_recipient_and_is_found_again(house: House, out: Sink) -> None:
    out.passwords[house.name] = PASSWORD
    account = house.account()
    assert account.find("<one@keepwarm.local>") is None
    assert account.send(mail("one")) == "<one@keepwarm.local>"
    assert [each.rcpt_tos for each in out.taken] == [[make.OWNER]]
    assert [each.mail_from for each in out.taken] == [ME]
    assert b"Auto-Submitted: auto-generated" in bytes(out.taken[0].content or b"")
    assert account.find("<one@keepwarm.local>") == "<one@keepwarm.local>"
    with house.server.connected(house.name) as imap:
        assert imap.select("Sent", readonly=True)[1] == [b"1"]


@pytest.mark.parametrize(("says", "error"), [("451 not now", TryAgainLater), ("554 never", Rejected)])
def test_an_answer_of_the_server_is_taken_for_what_it_is(
    house: House, out: Sink, says: str, error: type[Exception]
) -> None:
    out.say = says
    with pytest.raises(error):
        house.account().send(mail("two"))
    assert out.taken == []


def test_a_lost_answer_is_an_unknown_outcome_and_found(house: House, out: Sink) -> None:
    from integrations.open.smtp import OutcomeUnknownError

    out.say, out.store = "drop-after", None
    with pytest.raises(OutcomeUnknownError):
        house.account().send(mail("three"))
    assert len(out.taken) == 1


def test_a_draft_is_saved_once(house: House) -> None:
    account = house.account()
    account.save_draft(mail("four"))
    account.save_draft(mail("four"))
    with house.server.connected(house.name) as imap:
        assert imap.select("Drafts", readonly=True)[1] == [b"1"]


# --- hearing of news


def test_news_is_heard_at_once_and_a_dead_line_is_found(house: House) -> None:
    import select

    ear = house.account().listen(stream())
    try:
        house.server.deliver(house.name, told(1))
        assert select.select([ear], [], [], 10)[0]
        assert ear.heard()
        assert ear.renew() is False
    finally:
        ear.close()
    with pytest.raises(TryAgainLater):
        ear.renew()


# --- the check list


def test_every_line_is_green_or_says_what_to_do(house: House) -> None:
    lines = {each.name: each for each in house.account().verify()}
    assert all(each.ok for each in lines.values())
    assert lines["calendar"].absent
    red = {each.name: each for each in house.account(password="wrong").verify() if not each.ok}
    assert set(red) == {"reading mail", "sending mail"}
    assert all("app password" in each.says for each in red.values())
