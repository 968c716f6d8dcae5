"""What the header reader makes of ordinary, odd and hostile headers."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from integrations.wire.mime import cut_head, read_message, why_left_out
from integrations.wire.mime.addresses import read_addresses, read_spoken
from integrations.wire.mime.dates import read_date
from integrations.wire.mime.folders import folder_kind
from integrations.wire.mime.words import clean_name
from keepwarm.errors import Unreadable
from keepwarm.types import MailMark, Message, Role

PLAIN = (
    b"From: Ann <ann@example.org>\nTo: bo@example.com\n"
    b"Date: Fri, 3 May 2024 14:22:11 +0200\nMessage-ID: <1@example.org>\n"
)


def of_role(message: Message, role: Role) -> list[str]:
    return [one.address.address for one in message.participants if one.role is role]


ADDRESSES = [
    (b"ann@Example.ORG", [("ann@example.org", "")]),
    (b"Ann Bo <ann@example.org>, bo@example.com", [("ann@example.org", "Ann Bo"), ("bo@example.com", "")]),
    (b'"Bo, Ann" <ann@example.org>', [("ann@example.org", "Bo, Ann")]),
    (b'"Ann \\"A\\" Bo" <ann@example.org>', [("ann@example.org", "Ann A Bo")]),
    (b"ann@example.org (Ann (the) Bo)", [("ann@example.org", "Ann (the) Bo")]),
    (b"friends: ann@example.org, Bo <bo@example.com>;", [("ann@example.org", ""), ("bo@example.com", "Bo")]),
    (b"undisclosed-recipients:;", []),
    (b"<@a.example,@b.example:ann@example.org>", [("ann@example.org", "")]),
    (b"Ann <ann@example.org, Bo <bo@example.com>", [("ann@example.org", "Ann"), ("bo@example.com", "Bo")]),
    (b"Ann (oops <ann@example.org>, bo@example.com", [("ann@example.org", "Ann oops"), ("bo@example.com", "")]),
    (b"ann@example.org <ann@example.org>", [("ann@example.org", "")]),
    (b"'ann@example.org'", [("ann@example.org", "")]),
    (b'"victim@example.com"@example.org', []),
    (b"a@b@example.org", []),
    (b"=?utf-8?Q?Ann_B=C3=B6?= <ann@example.org>", [("ann@example.org", "Ann Bö")]),
    (b"=?utf-8?Q?B=C3=B6,_Ann?= <ann@example.org>", [("ann@example.org", "Bö, Ann")]),
    (b"=?utf-8?B?QsO2?=\n =?utf-8?B?IEFubg==?= <ann@example.org>", [("ann@example.org", "Bö Ann")]),
    ("Bö <ann@example.org>".encode(), [("ann@example.org", "Bö")]),
    ("Bö <ann@example.org>".encode("cp1252"), [("ann@example.org", "Bö")]),
    ("ann@bücher.example".encode(), [("ann@xn--bcher-kva.example", "")]),
    (b"=?utf-8?Q?Ann=0D=0ABcc:_x?= <ann@example.org>", [("ann@example.org", "Ann Bcc: x")]),
    ("Ann\u202egro\u200b <ann@example.org>".encode(), [("ann@example.org", "Anngro")]),
    (b"not an address, @, @example.org, ann@", []),
    (b'ann@example.org" <bo@example.org>', [("bo@example.org", "ann@example.org")]),  # a quote without its other half
]


@pytest.mark.parametrize(("raw", "expected"), ADDRESSES)
def test_address_lists(raw: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(one.address, one.name) for one in read_addresses(raw)[0]] == expected


@pytest.mark.parametrize("raw", [b"ann at example.org (Ann)", b"Ann <ann at example dot org>"])
def test_spoken_sender_of_an_archive_is_read_in_from_alone(raw: bytes) -> None:
    assert [one.address for one in read_spoken(raw)[0]] == ["ann@example.org"]
    assert of_role(read_message(b"From: x@example.com\nTo: " + raw + b"\n"), Role.TO) == []


def test_one_long_word_in_angles_costs_little() -> None:
    start = time.process_time()
    for number in range(7):
        assert read_addresses(b"<" + b"a" * 8_000 + b"%d>" % number)[0] == ()
    assert time.process_time() - start < 0.1  # seconds; looked through from each of its letters it took 0.3


DATES = [
    (b"Fri, 3 May 2024 14:22:11 +0200", datetime(2024, 5, 3, 12, 22, 11, tzinfo=UTC)),
    (b"3 May 24 14:22 GMT", datetime(2024, 5, 3, 14, 22, tzinfo=UTC)),
    (b"Fri, 03-May-2024 14:22:11 EST", datetime(2024, 5, 3, 19, 22, 11, tzinfo=UTC)),
    (b"Fri May  3 14:22:11 2024", datetime(2024, 5, 3, 14, 22, 11, tzinfo=UTC)),
    (b"Fri, 3 May 2024 14:22:11 -0700 (PDT)", datetime(2024, 5, 3, 21, 22, 11, tzinfo=UTC)),
    (b"Mon, 3 Jan 100 10:00:00 +0000", datetime(2000, 1, 3, 10, tzinfo=UTC)),
    (b"Sat, 31 Dec 2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    (b"Fri, 31 Apr 2024 14:22:11 +0200", None),
    (b"Fri, 3 May 2024 14:22:11 +9900", None),
    (b"Fri, 3 May 1904 14:22:11 +0000", None),
    (b"Fri, 3 May 9999 14:22:11 +0000", None),
    (b"yesterday", None),
    (b"", None),
]


@pytest.mark.parametrize(("raw", "expected"), DATES)
def test_dates(raw: bytes, expected: datetime | None) -> None:
    assert read_date(raw) == expected


def test_unreadable_date_falls_back_to_newest_received_then_to_separator() -> None:
    received = b"Received: by b; Fri, 3 May 2024 14:22:11 +0000\nReceived: by a; Thu, 2 May 2024 14:22:11 +0000\n"
    assert read_message(b"From: a@example.org\nDate: never\n" + received).at == datetime(
        2024, 5, 3, 14, 22, 11, tzinfo=UTC
    )
    separator = b"From a@example.org Fri May  3 10:00:00 2024\nFrom: a@example.org\n"
    assert read_message(separator).at == datetime(2024, 5, 3, 10, tzinfo=UTC)
    assert read_message(b"From: a@example.org\n").at is None


MARKS = [
    (b"Auto-Submitted: auto-replied", MailMark.AUTO),
    (b"Auto-Submitted: no", MailMark.NONE),
    (b"Feedback-ID: 1:2:3:campaigns", MailMark.AUTO),
    (b"Feedback-ID: i1:Fastmail", MailMark.NONE),
    (b"Precedence: bulk", MailMark.BULK),
    (b"List-Unsubscribe: <https://example.org/u>", MailMark.BULK),
    (b"List-Id: <talk.example.org>", MailMark.LIST),
    (b"Return-Path: <>", MailMark.BOUNCE),
    (b'Content-Type: multipart/report; boundary="x"', MailMark.BOUNCE),
    (b"X-Keepwarm: 1", MailMark.OURS),
    (b"X-Gmail-Labels: Sent,Important", MailMark.SENT),
    (b"X-Gmail-Labels: =?UTF-8?Q?Messages_envoy=C3=A9s,Important?=", MailMark.SENT),
    (b"X-Gmail-Labels: Spam,Unread", MailMark.DRAFT),
    (b"X-Mozilla-Status: 0009", MailMark.DRAFT),
    (b"X-Mozilla-Status: 0001", MailMark.NONE),
    (b"X-Loop: ann@example.org", MailMark.NONE),
]


@pytest.mark.parametrize(("header", "mark"), MARKS)
def test_marks(header: bytes, mark: MailMark) -> None:
    assert read_message(PLAIN + header + b"\n").marks == mark


def test_word_daemon_or_list_in_a_name_proves_nothing() -> None:
    message = read_message(b"From: Daemon List <list@daemon.example>\nTo: owner-mail@example.org\n")
    assert message.marks is MailMark.NONE
    assert of_role(message, Role.LIST) == []


LISTS = [
    (b"List-Post: <mailto:talk@example.org>", "bo@example.com", ["talk@example.org"]),
    (b"X-Mailing-List: talk@example.org", "bo@example.com", ["talk@example.org"]),
    (b"List-Id: Talk <talk.lists.example.org>", "talk@example.org", ["talk@example.org"]),
    (b"List-Id: <talk.example.org>", "talk@example.com", []),
    (b"List-Id: <talk.example.org>", "bo@example.org", []),
    (b"X-list: talk", "talk@example.org", ["talk@example.org"]),
    (b"Sender: owner-talk@example.org", "talk@example.org", ["talk@example.org", "owner-talk@example.org"]),
    (b"Sender: talk-bounces+b=c@example.org", "talk@example.org", ["talk@example.org", "talk-bounces+b=c@example.org"]),
    (b"Sender: owner-talk@example.org", "bo@example.com", []),
    (b"Sender: owner-talk@example.org\nPrecedence: list", "bo@example.com", ["owner-talk@example.org"]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "to", "groups"), LISTS)
def test_group_addresses_need_proof(header: bytes, to: str, groups: list[str]) -> None:
    message = read_message(b"From: ann@example.net\nTo: " + to.encode() + b"\n" + header + b"\n")
    assert of_role(message, Role.LIST) == groups
    assert bool(groups) <= (MailMark.LIST in message.marks)


@pytest.mark.parametrize(
    ("sender", "groups"),
    [
        (b"Bo via Talk <talk@lists.example.org>", ["talk@lists.example.org"]),
        (b"Bo <bo@example.org>", []),
        (b"Bo <talk@example.com>", []),
        (b"Bo <talk@example.com>\nX-list: talk", []),
    ],
)
def test_a_list_that_writes_in_its_own_name_is_a_group(sender: bytes, groups: list[str]) -> None:
    head = b"From: " + sender + b"\nTo: ann@example.net\nList-Id: Talk <talk.lists.example.org>\n"
    assert of_role(read_message(head), Role.LIST) == groups


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Mail/Verzonden items", "sent"),
        (".INBOX.Sent Items", "sent"),
        ("[Gmail]/Sent Mail", "sent"),
        ("Sent-2019.mbox", "sent"),
        ("Éléments envoyés/1.eml", "sent"),
        ("sent-mail-mar-2004", "sent"),
        ("Prullenbak", "trash"),
        ("Entwürfe", "draft"),
        ("Sent/Archive", "sent"),
        ("Sent by mother", ""),
        ("Presentations", ""),
        ("Inbox.mbox", ""),
    ],
)
def test_folder_names(path: str, kind: str) -> None:
    assert folder_kind(path) == kind


def test_reason_of_a_mail_left_out() -> None:
    assert why_left_out(PLAIN + b"X-Gmail-Labels: Papierkorb\n") == "trash"
    assert why_left_out(PLAIN + b"X-Mozilla-Draft-Info: internal/draft\n") == "draft"


def test_ref_is_the_message_id_wherever_it_was_found() -> None:
    assert read_message(PLAIN).ref == read_message(b"Message-Id:\t<1@example.org> \nTo: x@example.org\n").ref
    without = b"From: a@example.org\nTo: b@example.org\nDate: Fri, 3 May 2024 14:22:11 +0000\n"
    assert read_message(without).ref == read_message(b"X-Other: 1\n" + without).ref != read_message(PLAIN).ref


@pytest.mark.parametrize(
    "head", [b"", b"\n\n", b"\0" * 100, b"hello there\n", b"From a@example.org Fri May  3 10:00:00 2024\n"]
)
def test_nothing_of_a_mail_is_unreadable(head: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(head)


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"\r"])
def test_line_ends_make_no_difference(line: bytes) -> None:
    assert read_message(PLAIN.replace(b"\n", line)) == read_message(PLAIN)


def test_cut_stops_at_the_blank_line_and_at_64_kib() -> None:
    assert cut_head(PLAIN + b"\nTo: body@example.org\n") == PLAIN
    assert cut_head(b"a: b\r\n\r\nbody\n\n") == b"a: b\r\n"
    assert len(cut_head(b"x" * 100_000)) == 65_536


BOMBS = {
    "50,000 encoded words": b"From: " + b"=?utf-8?q?a?= " * 50_000 + b"<a@example.org>\n",
    "broken encoded words": b"From: " + b"=?utf-8?q?a=?utf-8?b?" * 4_000 + b"\n",
    "20,000 addresses": b"To: " + b", ".join(b"u%d@example.org" % n for n in range(20_000)) + b"\n",
    "a megabyte of dots": b"To: " + b"." * 1_000_000 + b"\n",
    "nested comments": b"From: " + b"(" * 500 + b")" * 500 + b" a@example.org\n",
    "open comments": b"From: " + b"(" * 60_000 + b"\n",
    "groups in groups": b"To: " + b"g:" * 30_000 + b"\n",
    "open quotes": b"To: " + b'"\\"' * 20_000 + b"\n",
    "angles": b"To: " + b"<" * 60_000 + b"\n",
    "spaces": b"To: a" + b" " * 60_000 + b"b\n",
    "folds": b"To: a\n" + b" \n" * 30_000,
    "30,000 headers": b"To: a@b\n" * 8_000,
    "spoken": b"From: " + b"a" * 60_000 + b" at b\n",
    "long date": b"Date: " + b"1 " * 30_000 + b"\nFrom: a@example.org\n",
    "received": b"From: a@example.org\n" + b"Received: ;\n" * 5_000,
    "list id": b"From: a@example.org\nList-Id: " + b"a." * 30_000 + b"\n",
    "unknown charset": b"From: =?" + b"x" * 40 + b"?q?a?= <a@example.org>\n",
    "codec that is no charset": b"From: =?punycode?q?" + b"a" * 8_000 + b"?= <a@example.org>\n",
    "domain to encode": "From: a@{}.example\n".format("ü" * 5_000).encode(),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_end_quickly(bomb: str) -> None:
    start = time.process_time()
    try:
        message = read_message(BOMBS[bomb])
    except Unreadable:
        message = None
    assert time.process_time() - start < 0.25
    assert message is None or len(message.participants) <= 200


def test_addresses_beyond_the_limit_are_counted() -> None:
    message = read_message(b"To: " + b", ".join(b"u%d@example.org" % n for n in range(1_000)) + b"\n")
    assert len(message.participants) == 200
    assert message.recipients == 1_000


def test_mutated_mail_never_raises_anything_else() -> None:
    seeds = [PLAIN + header + b"\n" for header, *_ in (*MARKS, *LISTS)] + [
        b"From: " + raw + b"\n" for raw, _ in ADDRESSES
    ]
    dice = random.Random(5322)
    read = 0
    for _ in range(2_000):
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 12)):
            where = dice.randrange(len(data))
            data[where : where + dice.randint(0, 3)] = dice.choice(
                [b"", dice.randbytes(2), b'"', b"(", b"<", b"=?", b"\\", b":", b"\n"]
            )
        try:
            read_message(bytes(data))
            read += 1
        except Unreadable:
            pass
    assert read > 1_500


def test_name_is_bounded_and_on_one_line() -> None:
    assert len(clean_name("x" * 5_000)) == 200
    assert clean_name("  Ann\t\r\n Bo ") == "Ann Bo"
