"""Header blocks that cost parsers time, memory or temper: those of E5, and one for each pattern in `wire.mime`."""

from __future__ import annotations

from collections.abc import Callable

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, SKIPPED, Becomes, Bomb

FROM = b"From: Bob <bob@example.net>\n"
TO = b"To: owner@example.org\n"
DATE = b"Date: Fri, 3 May 2024 10:00:00 +0000\n"
KEY = b"Message-ID: <bomb@example.net>\n"

VALUES = 7  # of eight KiB each: as many as fit a header block
VALUE = 8_000  # bytes, just below what is looked at of a value


def mail(*lines: bytes, writer: bytes = FROM, reader: bytes = TO, date: bytes = DATE, key: bytes = KEY) -> bytes:
    return writer + reader + date + key + b"".join(line + b"\n" for line in lines)


def header(start: bytes, unit: bytes, size: int, *, end: bytes = b"", becomes: Becomes = READ) -> Bomb:
    """One more header: ``start``, then ``unit`` so many times."""
    return Bomb(make=lambda n: mail(start + unit * n + end), size=size, becomes=becomes)


def values(name: bytes, unit: bytes, *, start: bytes = b"", end: bytes = b"", becomes: Becomes = READ) -> Bomb:
    """The whole block filled with headers of one name, each of them full."""
    count = VALUE // len(unit)

    def make(n: int) -> bytes:
        return mail(*[name + b": " + start + unit * min(count, n) + end] * (VALUES if n >= count else 1))

    return Bomb(make=make, size=count, becomes=becomes)


def distinct(name: bytes, make_unit: Callable[[int], bytes], *, each: int, between: bytes = b", ") -> Bomb:
    """The whole block filled with headers of one name, no two values alike, so that nothing is remembered."""

    def make(n: int) -> bytes:
        lines = [
            name + b": " + between.join(make_unit(line * each + at) for at in range(min(n, each)))
            for line in range(VALUES if n >= each else 1)
        ]
        return mail(*lines)

    return Bomb(make=make, size=each)


def whole(make: Callable[[int], bytes], size: int = 1, becomes: Becomes = READ) -> Bomb:
    return Bomb(make=make, size=size, becomes=becomes)


def _nested_parts(n: int) -> bytes:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(n))
    return mail(b"MIME-Version: 1.0") + parts


def _nested_mails(n: int) -> bytes:
    return mail() + b"Content-Type: message/rfc822\n\n" * n


def _umlauts(number: int) -> bytes:
    labels = ".".join(f"{chr(0xE0 + (number + at) % 30)}{number}{'ü' * 20}" for at in range(8))
    return f"b{number}@{labels}.example".encode()


_TWO_MARKS = "\u0301\u0323".encode()  # of two classes: to be put in order by every normaliser
_ENCODED = b" =?utf-8?Q?Ann?="

BOMBS: dict[str, Bomb] = {
    # encoded words
    "5,000 encoded words": header(b"Subject:", _ENCODED, 5_000),
    "50,000 encoded words": header(b"Subject:", _ENCODED, 50_000),
    "50,000 encoded words in a name": whole(
        lambda n: mail(writer=b"From:" + _ENCODED * n + b" <bob@example.net>\n"), 50_000, SKIPPED
    ),
    "88 kB of broken encoded words": header(b"Subject:", b" =?utf-8?Q?", 8_000),
    "broken encoded words in names": values(b"Cc", b'=?utf-8?Q? "'),
    "encoded word starts without an end": values(b"Cc", b"=?a?q?"),
    "blank between words that are none": values(b"Cc", b"?= ", end=b"x"),
    "blanks after an encoded word": header(b"Cc: =?utf-8?Q?a?=", b" ", 60_000, end=b"x"),
    "many charsets that do not exist": distinct(b"Cc", lambda n: b"=?x-%d?Q?a?= <b%d@example.org>" % (n, n), each=200),
    "charsets that unpack": values(b"Cc", b"=?zlib_codec?B?eJwDAAAAAAE=?= <b@example.org>, "),
    "charset punycode": values(b"Cc", b"-", start=b"=?punycode?Q?a", end=b"?= <b@example.org>"),
    "charset of stateful escapes": values(b"Cc", b"=1B$B", start=b"=?iso-2022-jp?Q?", end=b"?= <b@example.org>"),
    "charset unicode_escape": values(b"Cc", b"=5Cud800", start=b"=?unicode_escape?Q?", end=b"?= <b@example.org>"),
    "charset utf-7 with surrogates": values(b"Cc", b"+2AA-", start=b"=?utf-7?Q?", end=b"?= <b@example.org>"),
    "base64 a digit short": values(b"Cc", b"QUJ", start=b"=?utf-8?B?", end=b"Q?= <b@example.org>"),
    "base64 of nothing but padding": values(b"Cc", b"=", start=b"=?utf-8?B?", end=b"?= <b@example.org>"),
    "quoted-printable of nothing but signs": values(b"Cc", b"=", start=b"=?utf-8?Q?", end=b"?= <b@example.org>"),
    "language after every charset": values(b"Cc", b"=?utf-8*aaaaaaaaaaaaaaaaaaaa?Q?a?= "),
    # address lists
    "20,000 addresses": whole(lambda n: mail(b"Cc: " + b", ".join(b"b%d@example.org" % at for at in range(n))), 20_000),
    "a megabyte of dots": header(b"Cc: ", b".", 1_000_000),
    "a megabyte of at signs": header(b"Cc: ", b"@", 1_000_000),
    "groups within groups": values(b"Cc", b"g:"),
    "group names that are addresses": values(b"Cc", b"a@:"),
    "500 nested comments": whole(
        lambda n: mail(writer=b"From: " + b"(" * n + b"x" + b")" * n + b" bob@example.net\n"), 500
    ),
    "comments never closed": values(b"Cc", b"(a "),
    "comments closed too often": values(b"Cc", b"a)"),
    "angles never closed": values(b"Cc", b"<"),
    "one long word in angles": values(b"Cc", b"a", start=b"<", end=b">"),
    "long words in many angles": values(b"Cc", b"a" * 997 + b"> <", start=b"<", end=b"a>"),
    "one long word": values(b"Cc", b"a"),
    "quotes never closed": values(b"Cc", b'"\\'),
    "escapes without an end": values(b"Cc", b"\\"),
    "words without a comma": values(b"Cc", b"a "),
    "addresses without a comma": values(b"Cc", b"a@b "),
    "routes": values(b"Cc", b"@a,", start=b"<", end=b":b@example.org>"),
    "local part of parts": values(b"Cc", b"a@", end=b"example.org"),
    "commas": values(b"Cc", b","),
    "spoken addresses": whole(lambda n: mail(writer=b"From: " + b"a at b dot " * n + b"\n"), 6_000),
    "accents in disorder": values(b"Cc", _TWO_MARKS, start=b"a", end=b"@example.org"),
    "accents in disorder in a domain": values(b"Cc", _TWO_MARKS, start=b"b@a", end=b".example"),
    "international domains": distinct(b"Cc", _umlauts, each=20),
    "international domains, all headers": whole(
        lambda n: mail(
            *(
                name + b": " + b", ".join(_umlauts(at * 20 + more) for more in range(min(n, 20)))
                for at, name in enumerate((b"Cc", b"Bcc", b"Reply-To", b"Sender", b"Errors-To"))
            )
        ),
        20,
    ),
    "labels of full width": values(b"Cc", "\uff41".encode(), start=b"b@", end=b".example"),
    "bidi and invisible names": values(b"Cc", "\u202e\u200b".encode(), end=b" <b@example.org>"),
    "one name of combining marks": values(b"Cc", "\u0345".encode(), start=b"a", end=b" <b@example.org>"),
    # the block
    "one folded header of a megabyte": header(b"Subject:", b"\n x", 350_000),
    "a fold after every letter": header(b"Cc: b@example.org", b"\n ,", 20_000),
    "NUL bytes": header(b"Cc: ", b"\0", 60_000),
    "lone carriage returns": header(b"Cc: b@example.org", b"\r", 60_000),
    "no line end at all": whole(lambda n: b"From: bob@example.net " + b"x" * n, 1_000_000),
    "nothing but line ends": whole(lambda n: b"\n" * n, 1_000_000, QUARANTINED),
    "nothing but carriage returns": whole(lambda n: b"\r" * n, 1_000_000, QUARANTINED),
    "header names without a colon": whole(lambda n: mail(*[b"x-auto-reply" + b" " * 20] * n), 2_000),
    "blanks before the colon": header(b"To", b" ", 60_000, end=b": b@example.org"),
    "10,000 headers": whole(lambda n: mail(*[b"Cc: b@example.org"] * n), 3_000),
    "10,000 dates that are none": whole(lambda n: mail(*[b"Date:x"] * n, date=b"Date: x\n"), 9_000),
    "10,000 senders": whole(lambda n: mail(*[b"Sender:b-owner@example.org"] * n), 2_000),
    "nested parts, 3,000 deep": whole(_nested_parts, 3_000),
    "nested mails, 2,000 deep": whole(_nested_mails, 2_000),
    "no headers, only bytes": whole(lambda n: bytes(range(128, 256)) * n, 500, QUARANTINED),
    "everything twice": whole(lambda n: mail() * n, 400),
    # dates
    "date in the year 0": whole(lambda _: mail(date=b"Date: Mon, 1 Jan 0000 00:00:00 +0000\n")),
    "date in the year 999999999": whole(lambda _: mail(date=b"Date: Mon, 1 Jan 999999999 00:00:00 +0000\n")),
    "date of only digits": whole(lambda n: mail(date=b"Date: " + b"9" * n + b"\n"), 60_000),
    "date with an endless zone": whole(lambda n: mail(date=b"Date: 1 Jan 2024 10:00:00 +" + b"9" * n + b"\n"), 60_000),
    "date of blanks and commas": whole(lambda n: mail(date=b"Date: " + b", " * n + b"\n"), 30_000),
    "received lines without a date": whole(lambda n: mail(*[b"Received: x;"] * n, date=b""), 4_000),
    # lists and marks
    "list ids of dots": distinct(b"List-Id", lambda n: b"<" + b"a." * 120 + b"%d>" % n, each=1),
    "list addresses that are none": values(b"List-Post", b"a", end=b"@"),
    "many list headers": whole(
        lambda n: mail(*[b"X-Mailing-List: " + b"a" * 127 + b"%d" % at for at in range(n)]), 400
    ),
    "envelopes by the hundred": distinct(b"Sender", lambda n: b"l%d-owner@example.org" % n, each=200),
    "labels by the thousand": values(b"X-Gmail-Labels", b"a,"),
    "a key of a megabyte": whole(lambda n: mail(key=b"Message-ID: <" + b"a " * n + b">\n"), 500_000),
}
