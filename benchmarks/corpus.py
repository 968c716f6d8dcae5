"""A mailbox to read: made from the real mails of ../shared/data where that is, else from invented ones.

Called by the benches. The same ``number`` and seed give the same bytes. Each round over the real mails changes
Message-IDs and the domains of addresses, so that no mail and no person comes twice; only the owner stays who they are,
since who is in their life can be told from what they wrote and were sent. Bodies stay: peers that read the text pay for
it, as with a person's own mailbox.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FIRST = (
    "Anna",
    "Bram",
    "Cato",
    "Daan",
    "Eva",
    "Finn",
    "Guus",
    "Hanna",
    "Iris",
    "Jonas",
    "Kaat",
    "Lars",
    "Mila",
    "Noor",
)
LAST = ("Bakker", "Brandt", "Claes", "Dekker", "Evers", "Faber", "Groen", "Hoek", "Jansen", "Koster", "Lindt", "Maas")
ENDINGS = ("org", "com", "net")
SEPARATOR = b"From sender@example.org Mon Jan  1 10:00:00 2024\n"
BODY = b"\nHello,\n\nthank you, that works well for me. See you then.\n\nBest wishes\n\n"
INVENTED = ("Anna Visser", "anna.visser@example.org")  # the owner, where there are no real mails
DOMAIN = rb"@([A-Za-z0-9-]+)\."
MESSAGE_ID = re.compile(rb"(?im)^(message-id:\s*<)")


def own() -> list[str]:
    """The addresses of whose mailbox it is: of the owners of the real mails, taken as one, or of the invented one."""
    told = [json.loads(file.read_text())["owner_addresses"] for file in sorted(SHARED.glob("mail-owner-*/owner.json"))]
    return [each for addresses in told for each in addresses] or [INVENTED[1]]


def write(path: Path, number: int, *, seed: int = 1) -> str:
    """Write an mbox of ``number`` mails; returns where they come from, in words."""
    real = _real_mails()
    with path.open("wb") as out:
        for mail in _replicated(real, number) if real else _made(number, seed):
            out.write(SEPARATOR + mail.rstrip(b"\n") + b"\n\n")
    return f"{len(real):,} real mails, replicated" if real else f"invented, there is no {SHARED}"


def as_maildir(mailbox: Path, folder: Path) -> None:
    """The mails of an mbox that `write` made, as a Maildir."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, mail in enumerate(re.split(SEPARATOR, mailbox.read_bytes())[1:]):
        (folder / "cur" / f"{number}.M1.example:2,S").write_bytes(mail)


def _real_mails() -> list[bytes]:
    return [
        mail
        for file in sorted(SHARED.glob("mail-owner-*/*.mbox"))
        for mail in re.split(rb"(?m)^From .*\n", file.read_bytes().replace(b"\r\n", b"\n"))
        if mail.strip()
    ]


def _replicated(mails: list[bytes], number: int) -> Iterator[bytes]:
    pattern = re.compile(b"|".join([*(re.escape(each.encode()) for each in own()), DOMAIN]), re.IGNORECASE)
    for count in range(number):
        turn, at = divmod(count, len(mails))
        mark = b"" if turn == 0 else f"r{turn}".encode()
        head, end, body = mails[at].partition(b"\n\n")
        yield MESSAGE_ID.sub(rb"\g<1>" + mark, pattern.sub(partial(_moved, mark=mark), head)) + end + body


def _moved(found: re.Match[bytes], *, mark: bytes) -> bytes:
    """A domain with the mark; an address of the owner as it stands."""
    return found[0] if found[1] is None else b"@" + found[1] + mark + b"."


def _made(number: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    people = [
        (f"{first} {last}", f"{first}.{last}{at}@example.{ENDINGS[at % 3]}".lower())
        for at in range(20)
        for first in FIRST
        for last in LAST
    ]
    begin = datetime(2022, 1, 3, 9, tzinfo=UTC)
    for count in range(number):
        writer, *readers = chance.sample(people, chance.choice([1, 1, 2, 3, 7]))
        readers.append(INVENTED)
        if chance.random() < 0.3:
            writer, readers[-1] = INVENTED, writer
        at = format_datetime(begin + timedelta(minutes=53 * count))
        head = "\n".join(
            [
                "Return-Path: <bounce@example.org>",
                f"Received: from mx{count % 7}.example.org by mail.example.org with ESMTPS; {at}",
                f"From: {writer[0]} <{writer[1]}>",
                "To: " + ",\n ".join(f'"{name}" <{address}>' for name, address in readers),
                f"Subject: Re: {count}",
                f"Date: {at}",
                f"Message-ID: <{count}.{seed}@mail.example.org>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
            ]
        )
        yield head.encode() + b"\n" + BODY
