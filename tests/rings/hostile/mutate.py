"""Grammar mutations: real items and small bombs, cut into the tokens that all our formats share, and put wrong.

The number of an item and the seed make it: any can be made again. Called in children, by name.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import islice

from integrations.files.mbox import heads
from tests.rings.hostile.bombs import ITEMS
from tests.rings.hostile.bombs.archives import zipped
from tests.rings.hostile.bombs.tables import friends
from tests.rings.hostile.child import CPU, Sample
from tests.rings.hostile.samples import dressed, shared_files

LARGEST = 16_384  # bytes of an item that is mutated; what is larger is cut to its beginning
MANY = 300  # mails of one mailbox that are mutated
STEPS = 4  # mutations of one item at most
GROWN = 4 << 20  # bytes that changing may make of one thing: what is larger still has bombs of its own
TOKEN = re.compile(
    rb"=\?[^?\s]*\?[bBqQ]\?[^?\s]*\?=|\r?\n[ \t]?|\d+|[A-Za-z_-]+|\"[^\"\n]*\"|[^\x00-\x7f]+|.", re.DOTALL
)
NUMBERS = (
    b"0", b"-1", b"1", b"00", b"59", b"60", b"366", b"9999", b"10000", b"2147483648", b"18446744073709551616",
    b"9" * 400, b"1e9", b"0x10", "\u0663".encode(),
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-7", "cp037", "latin-1")
LINE_ENDS = (b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n", "\u2028".encode(), b"\x0b", b"\0")

Mutation = Callable[[random.Random, bytes, bytes], bytes]


def swap(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    tokens = TOKEN.findall(data)
    one, two = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return b"".join(tokens)


def repeat(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    tokens = TOKEN.findall(data)
    at = chance.randrange(len(tokens))
    long = chance.choice((1, 1, 2, 5, 20))
    times = chance.choice((2, 3, 10, 100, 1000))
    return b"".join((*tokens[:at], *(tokens[at : at + long] * times), *tokens[at + long :]))


def delete(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    tokens = TOKEN.findall(data)
    at = chance.randrange(len(tokens))
    del tokens[at : at + chance.choice((1, 1, 1, 3, 10))]
    return b"".join(tokens)


def number(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return data
    hit = chance.choice(found)
    return data[: hit.start()] + chance.choice(NUMBERS) + data[hit.end() :]


def line_twice(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join((*lines[:at], *[lines[at]] * chance.choice((2, 2, 50, 500)), *lines[at + 1 :]))


def lines_mixed(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def spliced(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one with the end of the other, between two lines."""
    mine, theirs = data.splitlines(keepends=True), other.splitlines(keepends=True)
    return b"".join((*mine[: chance.randrange(len(mine) + 1)], *theirs[chance.randrange(len(theirs) + 1) :]))


def crossed(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The other within a value of this one: after some colon, on one line or on many."""
    places = [hit.end() for hit in re.finditer(rb"[:,]", data)] or [0]
    at = chance.choice(places)
    inside = other if chance.random() < 0.5 else b" ".join(other.split())
    return data[:at] + inside[:4096] + data[at:]


def encoded(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def line_ends(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return chance.choice(LINE_ENDS).join(data.splitlines())


def truncated(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data[: chance.randrange(len(data))] if chance.random() < 0.8 else data[chance.randrange(len(data)) :]


def flipped(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 64))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def noise(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.choice((1, 4, 100))) + data[at:]


MUTATIONS: tuple[Mutation, ...] = (
    swap, swap, repeat, repeat, delete, number, number, line_twice, lines_mixed, spliced, crossed, encoded, line_ends,
    truncated, flipped, noise,
)  # fmt: skip


def mutations(kind: str, seed: str, folder: str) -> Callable[[int], Sample]:
    """Item number N of a kind: one or two real items or bombs, changed up to four times."""
    bases = [one[:LARGEST] for one in (*REAL[kind](folder), *_small_bombs(kind)) if one]
    others = bases + [one[:LARGEST] for other in ("mail", "ics", "vcf") if other != kind for one in _small_bombs(other)]

    def sample(number: int) -> Sample:
        chance = random.Random(f"{seed}|{kind}|{number}")
        data = chance.choice(bases)
        for _ in range(chance.randint(1, STEPS)):
            data = chance.choice(MUTATIONS)(chance, data, chance.choice(others))[:GROWN] or b"x"
        return Sample(name=f"{kind} {number}", data=data, seconds=CPU * max(1, _events(data)))

    return sample


def _events(data: bytes) -> int:
    """Calendars may have been put together of several: each event has its time."""
    return data.upper().count(b"BEGIN:VEVENT")


def _small_bombs(kind: str) -> list[bytes]:
    table = ITEMS.get(kind, {})
    return [dressed(kind, bomb.small()) for bomb in table.values()]


def _mails(folder: str) -> Iterator[bytes]:
    for path in shared_files(folder):
        if path.suffix == ".mbox":
            with path.open("rb") as stream:
                yield from (head for _, head in islice(heads(stream), MANY))
        elif path.suffix not in {".ics", ".vcf", ".csv", ".json"}:
            yield path.read_bytes()[:LARGEST].partition(b"\n\n")[0]


def _calendars(folder: str) -> Iterator[bytes]:
    """Each event of each file, with what stands before the first: its calendar's own lines and zones."""
    for path in shared_files(folder):
        if path.suffix == ".ics":
            before, *events = re.split(rb"(?i)(?=BEGIN:VEVENT)", path.read_bytes())
            yield from (before[-4096:] + event[:8192] + b"\r\nEND:VCALENDAR\r\n" for event in events[:20])


def _cards(folder: str) -> Iterator[bytes]:
    for path in shared_files(folder):
        if path.suffix == ".vcf":
            yield from re.split(rb"(?i)(?=BEGIN:VCARD)", path.read_bytes())[:50]


def _exports(folder: str) -> Iterator[bytes]:
    """Of each table its head and a few rows; of each list of friends a few."""
    for path in shared_files(folder):
        if path.suffix == ".csv":
            yield from (b"".join(path.read_bytes().splitlines(keepends=True)[:count]) for count in (5, 9))
        elif path.suffix == ".json" and b'"friends' in (data := path.read_bytes()):
            found = next(iter(json.loads(data).values()))
            yield from (friends(*(json.dumps(one) for one in found[at : at + 3])).encode() for at in range(0, 30, 3))


def _archives(folder: str) -> Iterator[bytes]:
    """Small archives of small real files."""
    small = [path for path in shared_files(folder) if path.stat().st_size < 3_000]
    for at in range(0, len(small), 5):
        some = [(path.name, path.read_bytes()) for path in small[at : at + 5]]
        yield zipped(some, method=8 if at % 2 else 0)


def _answers(folder: str) -> Iterator[bytes]:
    """What a calendar server tells: real calendars as the properties of resources, beside removed and foreign ones."""
    spaces = b'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    gone = b"<response><href>/cal/gone.ics</href><status>HTTP/1.1 404 Not Found</status></response>"
    foreign = b"<response><href>https://elsewhere.example/x.ics</href><status>HTTP/1.1 200 OK</status></response>"
    for number, body in enumerate(_calendars(folder)):
        text = body.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
        held = b'<getetag>"%d"</getetag><C:calendar-data>%s</C:calendar-data>' % (number, text)
        stat = b"<propstat><prop>%s</prop><status>HTTP/1.1 200 OK</status></propstat>" % held
        told = b"<response><href>/cal/%d.ics</href>%s</response>%s%s" % (number, stat, gone, foreign)
        yield b'<?xml version="1.0"?><multistatus %s>%s<sync-token>t%d</sync-token></multistatus>' % (
            spaces,
            told,
            number,
        )


REAL: dict[str, Callable[[str], Iterator[bytes]]] = {
    "mail": _mails,
    "ics": _calendars,
    "vcf": _cards,
    "row": _exports,
    "zip": _archives,
    "dav": _answers,
}
