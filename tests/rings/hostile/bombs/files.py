"""Whole files that are a bomb: mailboxes, calendars and cards of too much, of too little, and in the wrong letters."""

from __future__ import annotations

from collections.abc import Callable

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, Becomes, Bomb
from tests.rings.hostile.bombs.mails import DATE, FROM, TO, mail

SEPARATOR = b"From bob@example.net Fri May  3 10:00:00 2024\n"


def whole(make: Callable[[int], bytes], size: int = 1, becomes: Becomes = READ, items: int = 1) -> Bomb:
    return Bomb(make=make, size=size, becomes=becomes, items=items)


def _calendar(inside: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"


def _card(inside: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob Bomb\r\n{inside}END:VCARD\r\n"


EVENT = "BEGIN:VEVENT\r\nUID:bomb@example.net\r\nDTSTART:20260115T100000Z\r\nEND:VEVENT\r\n"

FILES: dict[str, Bomb] = {
    "mbox, no blank line": whole(lambda n: SEPARATOR + mail() + SEPARATOR * n, 200_000),
    "mbox, one line of 100 MB": whole(lambda n: SEPARATOR + mail() + b"\n" + b"x" * n, 100_000_000),
    "mbox, one header line of 100 MB": whole(lambda n: SEPARATOR + mail(b"Subject: " + b"x" * n), 100_000_000),
    "mbox, separators alone": whole(lambda n: (SEPARATOR + b"\n") * n, 20_000, QUARANTINED, items=20_000),
    "mbox, separators that are none": whole(lambda n: SEPARATOR + mail() + b"\nFrom x" * n, 1_000_000),
    "mbox, long separators": whole(
        lambda n: SEPARATOR + mail() + (b"\n\nFrom " + b"x" * 199 + b" at " + b"y" * 45) * n, 40_000
    ),
    "mbox, separators of blanks": whole(lambda n: SEPARATOR + mail() + (b"\n\nFrom x" + b" " * 240) * n, 40_000),
    "mbox, blanks for 60 kB": whole(lambda n: b"From x" + b" " * n + b"at" + b" " * n, 30_000, QUARANTINED),
    "mbox, NULs": whole(lambda n: SEPARATOR + mail() + b"\n" + b"\0" * n, 20_000_000),
    "mbox, carriage returns": whole(lambda n: SEPARATOR + mail() + b"\n" + b"\r" * n, 20_000_000),
    "mbox, UTF-16 of 30 MB": whole(
        lambda n: (SEPARATOR + mail() + b"\n" + b"x\n" * n).decode().encode("utf-16"), 8_000_000
    ),
    "mail, a body of 50 MB": whole(lambda n: mail() + b"\n" + b"x" * n, 50_000_000),
    "mail, headers of 50 MB": whole(lambda n: FROM + TO + DATE + b"Cc: b@example.org\n" * n, 2_500_000),
    "ics, description of 50 MB": whole(
        lambda n: _calendar(EVENT.replace("END", "DESCRIPTION:" + "x" * n + "\r\nEND")).encode(), 50_000_000
    ),
    "ics, short lines, 30 MB": whole(
        lambda n: _calendar(EVENT.replace("END", "X:\r\n" * n + "END")).encode(), 7_500_000
    ),
    "ics, kept lines, 30 MB": whole(
        lambda n: _calendar(EVENT.replace("END", "METHOD:\r\n" * n + "END")).encode(), 3_000_000, QUARANTINED
    ),
    "ics, UTF-16 of 30 MB": whole(lambda n: _calendar(EVENT + "X:" + "x" * n + "\r\n").encode("utf-16"), 15_000_000),
    "ics, 20,000 calendars": whole(lambda n: _calendar("").encode() * n, 20_000),
    "vcf, UTF-16 of 30 MB": whole(lambda n: _card("PHOTO:" + "x" * n + "\r\n").encode("utf-16"), 15_000_000),
    "vcf, beginnings alone": whole(lambda n: b"BEGIN:VCARD\r\n" * n, 50_000, QUARANTINED, items=50_000),
    "vcf, cut in a photograph": whole(lambda n: _card("PHOTO:" + "x" * n).encode()[:-30], 1_000_000, QUARANTINED),
    "random-looking bytes": whole(lambda n: bytes(number * 167 % 256 for number in range(256)) * n, 4_000, QUARANTINED),
    "empty": whole(lambda _: b""),
    "one byte": whole(lambda _: b"x", 1, QUARANTINED),
    "a mark of UTF-16 and no more": whole(lambda _: b"\xff\xfe", 1, QUARANTINED),
    "a mark of UTF-16 and half a letter": whole(lambda _: b"\xff\xfeB", 1, QUARANTINED),
    "NULs alone": whole(lambda n: b"\0" * n, 20_000_000, QUARANTINED),
}
