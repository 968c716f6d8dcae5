"""Connections that break, drip or never end, and servers of every kind (RELIABILITY.md F14, B6, C16, C17)."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations import load
from integrations import open as provider
from integrations.open import imap, mailbox, smtp
from integrations.wire import net
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.types import Grant, MailMark, Page, Stream, StreamKind
from tests import make
from tests.integrations.test_contract import mail, opening
from tests.servers.dav import Authority
from tests.servers.faults import SMTP, Fault, Says, endless, fake_imap, fake_smtp, proxy
from tests.servers.mail import PASSWORD, Dovecot, Sink, dovecot, sink

ME = make.OWNER
WHO = ME.partition("@")[0]
SECRETS = (PASSWORD.encode(), b"YXBwLXBhc3N3b3JkLTE", b"AGFwcC1wYXNzd29yZC0x")  # plain, and in base64
FETCHED = ["p1@example.com", "p2@example.com"]
NUMBERS = count()


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


# --- cut while reading

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


# --- cut while sending


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


# --- slowly


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


# --- without end


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


# --- servers of every kind


def fetched(*answers: bytes) -> bytes:
    return b"".join(b"* " + each + b"\r\n" for each in answers)


def literal(data: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(data), data)


USUAL = fetched(*(b"%d FETCH (UID %d BODY[HEADER.FIELDS (FROM)] %b)" % (n, n, literal(head(n))) for n in (1, 2)))


@pytest.mark.parametrize(
    "says",
    [
        pytest.param({}, id="usual"),
        pytest.param({"STATUS": b"* STATUS INBOX (UIDVALIDITY 7)\r\n"}, id="no-uidnext"),
        pytest.param({"STATUS": b"* STATUS INBOX (UIDNEXT 3 MESSAGES 2 UIDVALIDITY 7)\r\n"}, id="more-than-asked"),
        pytest.param({"STATUS": b"* STATUS {5}\r\nINBOX (UIDVALIDITY 7 UIDNEXT 3)\r\n"}, id="name-as-literal"),
        pytest.param({"UID SEARCH": b"* SEARCH 1\r\n* SEARCH 2\r\n"}, id="two-searches"),
        pytest.param({"UID SEARCH": b"* SEARCH 2 1 2 (MODSEQ 9)\r\n"}, id="search-modseq"),
        pytest.param({"CAPABILITY": b"* CAPABILITY IMAP4rev1 CONDSTORE LOGINDISABLED\r\n"}, id="no-modseq-after-all"),
        pytest.param(
            {
                "UID FETCH": fetched(
                    *(b"%d FETCH (BODY[HEADER.FIELDS (FROM)] %b UID %d)" % (n, literal(head(n)), n) for n in (1, 2))
                )
            },
            id="uid-after-the-literal",
        ),
        pytest.param({"UID FETCH": USUAL + fetched(b"1 FETCH (UID 1 FLAGS (\\Seen))")}, id="flags-beside"),
        pytest.param({"UID FETCH": fetched(b"3 EXISTS", b"2 FETCH (FLAGS ())") + USUAL}, id="news-beside"),
        pytest.param({"UID FETCH": USUAL + USUAL}, id="twice"),
        pytest.param({"UID FETCH": USUAL.replace(b"(FROM)", b'("FROM" "TO")')}, id="names-quoted"),
        pytest.param({"UID FETCH": USUAL.replace(b"(UID", b"(FLAGS (\\Seen) MODSEQ (9) UID")}, id="unasked-items"),
        pytest.param(
            {"UID FETCH": USUAL.replace(b"BODY[HEADER.FIELDS (FROM)]", b"body[header.fields (from)]")}, id="small"
        ),
    ],
)
def test_a_mailbox_is_read_whatever_the_server_leaves_out(
    authority: Authority, tmp_path: Path, says: dict[str, Says]
) -> None:
    with fake_imap(authority, {"UID FETCH": USUAL} | says) as fake:
        given = account(tmp_path, imap=f"imaps://localhost:{fake.port}")
        pages = list(given.changes(stream()))
        assert writers(*pages) == FETCHED
        assert not [each for page in pages for each in (*page.broken, *page.skipped)]
        assert read(given, pages[-1].cursor) == []


@pytest.mark.parametrize("text", [b'""', b'"From: p1@example.com"', b"NIL"])
def test_headers_that_are_no_literal_are_set_aside(authority: Authority, tmp_path: Path, text: bytes) -> None:
    said = fetched(b"1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM)] %b)" % text) + USUAL.partition(b"\r\n\r\n)\r\n")[2]
    with fake_imap(authority, {"UID FETCH": said}) as fake:
        (page,) = account(tmp_path, imap=f"imaps://localhost:{fake.port}").changes(stream())
    assert writers(page) == FETCHED[1:]
    assert len(page.broken) == 1


def test_gmails_labels_say_what_was_sent_and_what_is_a_draft(authority: Authority, tmp_path: Path) -> None:
    labels = {
        1: rb'"\\Sent" Friends',
        2: rb'"\\Draft"',
        3: rb'"\\Inbox" "\\Important"',
        4: rb"\Sent",
        5: b'"sent (old)"',
    }
    said = fetched(
        *(
            b"%d FETCH (X-GM-LABELS (%b) UID %d BODY[HEADER.FIELDS (FROM)] %b)"
            % (n, of, n, literal(head(n, sender=ME if n in {1, 4} else "")))
            for n, of in labels.items()
        ),
    )
    answers: dict[str, Says] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN X-GM-EXT-1\r\n",
        "LIST": b'* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\All) "/" "[Gmail]/All Mail"\r\n',
        "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 6)\r\n",
        "UID SEARCH": b"* SEARCH 1 2 3 4 5\r\n",
        "UID FETCH": said,
    }
    with fake_imap(authority, answers) as fake:
        given = account(tmp_path, imap=f"imaps://localhost:{fake.port}")
        (page,) = given.changes(stream())
        assert [each.name for each in given.places() if each.usual] == ["[Gmail]/All Mail"]
    assert [MailMark.SENT in item.marks for item in page.items] == [True, False, True, False]
    assert writers(page) == [ME, "p3@example.com", ME, "p5@example.com"]
    assert [(each.position, each.reason) for each in page.skipped] == [("2", "draft")]


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ({"AUTHENTICATE": b"TAG NO [UNAVAILABLE] later\r\n"}, TryAgainLater),
        ({"AUTHENTICATE": b"TAG NO [AUTHENTICATIONFAILED] no\r\n"}, AccessRevoked),
        ({"AUTHENTICATE": b"* BYE closing\r\n"}, TryAgainLater),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", "LOGIN": b"TAG NO [UNAVAILABLE] later\r\n"}, TryAgainLater),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", "LOGIN": b"TAG NO no\r\n"}, AccessRevoked),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", "LOGIN": b"* BYE closing\r\n"}, TryAgainLater),
        ({"CAPABILITY": b"* CAPABILITY \xff\xfe\r\n"}, TryAgainLater),
        ({"CAPABILITY": b""}, TryAgainLater),
        ({"greeting": b"* BYE come back\r\n"}, TryAgainLater),
        ({"greeting": b"HTTP/1.1 400 Bad Request\r\n"}, TryAgainLater),
        ({"STATUS": b"TAG NO [UNAVAILABLE] later\r\n"}, TryAgainLater),
        ({"STATUS": b"* BYE closing\r\n"}, TryAgainLater),
        ({"STATUS": b"TAG NO no such folder\r\n"}, Rejected),
        ({"STATUS": b""}, (TryAgainLater, Rejected)),
        ({"STATUS": b"* STATUS INBOX (UIDVALIDITY\r\n"}, (TryAgainLater, Rejected)),
        ({"STATUS": b"* STATUS INBOX (UIDVALIDITY x)\r\n"}, (TryAgainLater, Rejected)),
        ({"UID SEARCH": b"* SEARCH one two\r\n"}, TryAgainLater),
        ({"UID FETCH": b"TAG NO [SERVERBUG] oh\r\n"}, TryAgainLater),
        ({"UID FETCH": b"* BYE closing\r\n"}, TryAgainLater),
    ],
)
def test_a_server_that_cannot_is_told_by_its_remedy(
    authority: Authority, tmp_path: Path, says: dict[str, Says], error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with fake_imap(authority, says) as fake, pytest.raises(error):
        read(account(tmp_path, imap=f"imaps://localhost:{fake.port}"))


@pytest.mark.parametrize("says", [b"* BYE closing\r\n", b"TAG NO [UNAVAILABLE] later\r\n"])
def test_a_search_that_broke_off_has_not_found_nothing(authority: Authority, tmp_path: Path, says: bytes) -> None:
    """Else a mail that was sent would be settled as lost (B6)."""
    with fake_imap(authority, {"EXAMINE": says}) as fake, pytest.raises(TryAgainLater):
        account(tmp_path, imap=f"imaps://localhost:{fake.port}").find("<one@example.com>")


# --- encryption


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
