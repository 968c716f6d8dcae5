"""A mailbox to read: made from real header blocks of ../shared/data where that is, else from invented ones.

Called by the benches. The same ``number`` and seed give the same bytes. Each round over the real blocks changes
Message-IDs and the domains of addresses, so that no mail and no person comes twice. Bodies are ours, so headers that
describe the real ones are dropped.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
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
DOMAIN = re.compile(rb"@([A-Za-z0-9-]+)\.")
OF_THE_BODY = re.compile(rb"(?im)^(?:content-[a-z-]+|mime-version):.*\n(?:[ \t].*\n)*")
MESSAGE_ID = re.compile(rb"(?im)^(message-id:\s*<)")


def write(path: Path, number: int, *, seed: int = 1) -> str:
    """Write an mbox of ``number`` mails; returns where they come from, in words."""
    blocks = _real_blocks()
    with path.open("wb") as out:
        for block in _replicated(blocks, number) if blocks else _made(number, seed):
            out.write(SEPARATOR + block.rstrip(b"\n") + b"\n" + BODY)
    return f"{len(blocks)} real header blocks, replicated" if blocks else "invented mails"


def as_maildir(mailbox: Path, folder: Path) -> None:
    """The mails of an mbox that `write` made, as a Maildir."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, mail in enumerate(re.split(SEPARATOR, mailbox.read_bytes())[1:]):
        (folder / "cur" / f"{number}.M1.example:2,S").write_bytes(mail)


def _real_blocks() -> list[bytes]:
    blocks: list[bytes] = []
    for file in sorted(SHARED.glob("mail-owner-*/*.mbox")):
        for part in re.split(rb"(?m)^From .*\n", file.read_bytes().replace(b"\r\n", b"\n")):
            block = part.partition(b"\n\n")[0]
            if block.strip():
                blocks.append(OF_THE_BODY.sub(b"", block + b"\n"))
    return blocks


def _replicated(blocks: list[bytes], number: int) -> Iterator[bytes]:
    for count in range(number):
        turn, at = divmod(count, len(blocks))
        mark = b"" if turn == 0 else f"r{turn}".encode()
        yield MESSAGE_ID.sub(rb"\g<1>" + mark, DOMAIN.sub(rb"@\g<1>" + mark + b".", blocks[at]))


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
        writer, *readers = chance.sample(people, chance.choice([2, 2, 3, 4, 8]))
        at = format_datetime(begin + timedelta(minutes=53 * count))
        yield "\n".join(
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
        ).encode()
