"""Archives as bombs: by ratio, by number, by nesting, by overlap, by name; and entries that are one among good ones."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, Becomes, Bomb
from tests.rings.hostile.bombs.mails import mail

DIRECTORY = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"


def _unspoilt(data: bytearray, local: int, listed: int) -> None:
    """Only the entry itself is the bomb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBomb:
    """One entry among good ones: its name and content, and what is then done to the archive's bytes."""

    name: str = "bomb.eml"
    make: Callable[[], bytes] = mail
    attributes: int = 0o644 << 16
    tamper: Callable[[bytearray, int, int], None] = _unspoilt
    becomes: Becomes = READ


def _flag(bit: int) -> Callable[[bytearray, int, int], None]:
    def tamper(data: bytearray, local: int, listed: int) -> None:
        data[local + 6] |= bit & 0xFF
        data[listed + 8] |= bit & 0xFF
        data[local + 7] |= bit >> 8
        data[listed + 9] |= bit >> 8

    return tamper


def _method(number: int) -> Callable[[bytearray, int, int], None]:
    def tamper(data: bytearray, local: int, listed: int) -> None:
        struct.pack_into("<H", data, local + 8, number)
        struct.pack_into("<H", data, listed + 10, number)

    return tamper


def _larger(size: int) -> Callable[[bytearray, int, int], None]:
    """The directory says that the entry unpacks to so much."""
    return lambda data, _local, listed: struct.pack_into("<I", data, listed + 24, size)


def _spoilt(data: bytearray, local: int, listed: int) -> None:
    data[local + 38 : local + 60] = b"\xff" * 22


def _wrong_sum(data: bytearray, local: int, listed: int) -> None:
    struct.pack_into("<I", data, listed + 16, 0)


def _elsewhere(data: bytearray, local: int, listed: int) -> None:
    struct.pack_into("<I", data, listed + 42, len(data) * 2)


def _bad_letters(data: bytearray, local: int, listed: int) -> None:
    """A name that is said to be UTF-8 and is not."""
    _flag(0x800)(data, local, listed)
    data[local + 30 : local + 32] = data[listed + 46 : listed + 48] = b"\xff\xfe"


def _version(data: bytearray, local: int, listed: int) -> None:
    struct.pack_into("<H", data, listed + 6, 99)


def _half_a_field(data: bytearray, local: int, listed: int) -> None:
    """The last letters of the name become an extra field that is longer than it is."""
    (length,) = struct.unpack_from("<H", data, listed + 28)
    struct.pack_into("<HH", data, listed + 28, length - 4, 4)
    data[listed + 46 + length - 4 : listed + 46 + length] = b"\x01\x00\xff\xff"


def _no_name(data: bytearray, local: int, listed: int) -> None:
    """A name that ends before its first letter."""
    data[listed + 46] = 0


def _old_letters(data: bytearray, local: int, listed: int) -> None:
    data[local + 30 : local + 34] = data[listed + 46 : listed + 50] = b"\x9b\xb0\xdb\x07"


def zipped(entries: list[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, data in entries:
            target.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def with_entry(good: list[tuple[str, bytes]], bomb: EntryBomb) -> bytes:
    """The good entries with the bomb in their middle."""
    out = io.BytesIO()
    half = len(good) // 2
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in good[:half]:
            target.writestr(name, data)
        info = zipfile.ZipInfo(bomb.name)
        info.external_attr = bomb.attributes
        info.create_system = 3
        target.writestr(info, bomb.make(), zipfile.ZIP_DEFLATED)
        for name, data in good[half:]:
            target.writestr(name, data)
        local, position = info.header_offset, half
    data = bytearray(out.getvalue())
    listed = data.find(DIRECTORY, data.find(DIRECTORY + b"\x14"))
    for _ in range(position):
        listed = data.find(DIRECTORY, listed + 4)
    bomb.tamper(data, local, listed)
    return bytes(data)


ENTRIES: dict[str, EntryBomb] = {
    "unpacks to 50 MB of NULs": EntryBomb(make=lambda: b"\0" * 50_000_000, becomes=QUARANTINED),
    "says it unpacks to 4 GB": EntryBomb(tamper=_larger(0xFFFFFFF0), becomes=QUARANTINED),
    "says it is larger than it is": EntryBomb(tamper=_larger(900_000)),
    "locked": EntryBomb(tamper=_flag(1), becomes=QUARANTINED),
    "locked strongly": EntryBomb(tamper=_flag(0x41), becomes=QUARANTINED),
    "patched data": EntryBomb(tamper=_flag(0x20), becomes=QUARANTINED),
    "unknown method": EntryBomb(tamper=_method(77), becomes=QUARANTINED),
    "another method": EntryBomb(tamper=_method(14), becomes=QUARANTINED),
    "spoilt bytes": EntryBomb(tamper=_spoilt, becomes=QUARANTINED),
    "wrong checksum": EntryBomb(tamper=_wrong_sum, becomes=QUARANTINED),
    "lies elsewhere": EntryBomb(tamper=_elsewhere, becomes=QUARANTINED),
    "name of letters that are none": EntryBomb(tamper=_bad_letters, becomes=QUARANTINED),
    "listed for a version to come": EntryBomb(tamper=_version, becomes=READ),
    "listed with half a field": EntryBomb(name="b" * 60, tamper=_half_a_field, becomes=QUARANTINED),
    "name in an old code page": EntryBomb(tamper=_old_letters),
    "no name": EntryBomb(tamper=_no_name, becomes=QUARANTINED),
    "name that climbs": EntryBomb(name="../" * 40 + "etc/cron.d/bomb"),
    "name from the root": EntryBomb(name="/etc/passwd"),
    "name of a drive": EntryBomb(name="C:\\Windows\\bomb.eml"),
    "name of a device": EntryBomb(name="CON"),
    "name of control codes": EntryBomb(name="\x1b[2J\x07\r\n bomb.eml"),
    "name that turns round": EntryBomb(name="\u202elme.bmob\u202c"),
    "name of 60 kB": EntryBomb(name="x" * 60_000),
    "a symbolic link": EntryBomb(make=lambda: b"/etc/passwd", attributes=0o120777 << 16, becomes=QUARANTINED),
    "a device": EntryBomb(make=lambda: b"", name="bomb.bin", attributes=0o020666 << 16, becomes=QUARANTINED),
    "an archive of 40 levels": EntryBomb(name="bomb.zip", make=lambda: nested(40), becomes=QUARANTINED),
    "an empty archive": EntryBomb(name="bomb.zip", make=lambda: zipped([]), becomes=QUARANTINED),
    "half an archive": EntryBomb(name="bomb.zip", make=lambda: zipped([("a.eml", mail())])[:60], becomes=QUARANTINED),
    "a document": EntryBomb(
        name="bomb.docx", make=lambda: zipped([("[Content_Types].xml", b"<x/>")]), becomes=QUARANTINED
    ),
}


def nested(levels: int) -> bytes:
    data = mail()
    for level in range(levels):
        data = zipped([(f"{level}.zip" if level else "a.eml", data)])
    return data


def _itself(n: int) -> bytes:
    """An archive whose one entry is the archive as it would be without that entry, over and over."""
    data = zipped([("r.zip", b"")])
    for _ in range(min(n, 12)):
        data = zipped([("r.zip", data)], method=zipfile.ZIP_STORED)
    return data


def _overlapping(n: int) -> bytes:
    """Every entry of the directory points at one kernel of 20 MB (D. Fifield, 2019)."""
    kernel = b"".join(struct.pack("<Q", number * 0x9E3779B97F4A7C15 % 2**64) * 60 for number in range(40_000))
    once = bytearray(zipped([("k.mbox", kernel)]))
    listed = once.find(DIRECTORY)
    end = once.find(b"PK\x05\x06")
    entry = bytes(once[listed:end])
    again = b"".join(entry.replace(b"k.mbox", b"%06d" % number) for number in range(n))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, min(n, 65_535), min(n, 65_535), len(again), listed, 0)
    return bytes(once[:listed]) + again + tail


def _backwards(n: int) -> bytes:
    """A Maildir within an archive within an archive, its names in the reverse order of where they lie."""
    filling = bytes(range(256)) * 16
    mails = [
        (f"box/cur/{n - at:06d}.x:2,S", mail(key=b"Message-ID: <%d@example.net>\n" % at) + b"\n" + filling)
        for at in range(n)
    ]
    return zipped([("inner.zip", zipped(mails, method=zipfile.ZIP_STORED))])


def _empty_entries(n: int) -> bytes:
    return zipped([(f"{number}.txt", b"") for number in range(n)], method=zipfile.ZIP_STORED)


def _long_names(n: int) -> bytes:
    return zipped([(f"{number:05d}" + "x" * 60_000, b"") for number in range(n)], method=zipfile.ZIP_STORED)


def archive(make: Callable[[int], bytes], size: int = 1, becomes: Becomes = QUARANTINED, items: int = 1) -> Bomb:
    return Bomb(make=make, size=size, becomes=becomes, items=items)


FILES: dict[str, Bomb] = {
    "zip, 100,001 entries": archive(_empty_entries, 100_001),
    "zip, 1,000 names of 60 kB": archive(_long_names, 1_000, items=1_000),
    "zip, 1,200 names of 60 kB": archive(_long_names, 1_200),
    "zip, itself in itself": archive(_itself, 12),
    "zip, 1,000 entries of one kernel": archive(_overlapping, 1_000, items=1_000),
    "zip, mails backwards": archive(_backwards, 2_000, READ, items=2_000),
    "zip, directory cut off": archive(lambda _: zipped([("a.eml", mail())])[:-30]),
    "zip, only an end": archive(lambda _: b"PK\x05\x06" + bytes(18)),
    "zip, an end that lies": archive(lambda _: zipped([("a.eml", mail())])[:-10] + b"\xff" * 10),
    "zip, ends by the thousand": archive(lambda n: LOCAL + b"PK\x05\x06" * n, 16_000),
    "zip, a comment of 64 kB": archive(
        lambda n: zipped([("a.eml", mail())])[:-2] + struct.pack("<H", n) + b"x" * n, 65_535, READ
    ),
    "zip, rubbish before it": archive(lambda n: LOCAL + b"x" * n + zipped([("a.eml", mail())]), 1_000_000, READ),
    "zip, local headers alone": archive(lambda n: (LOCAL + bytes(26)) * n, 30_000),
}
