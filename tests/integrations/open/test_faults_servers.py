"""Servers of every kind, and those that cannot (RELIABILITY.md B6, C16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.types import MailMark
from tests.integrations.open.mails import FETCHED, ME, USUAL, account, fetched, head, literal, read, stream, writers
from tests.servers.dav import Authority
from tests.servers.faults import Says, fake_imap


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
