"""The entries of a zip, read as streams: nothing is unpacked to disk, no path in it is used. Called by `sources`.

Bounds: 100,000 entries, 8 GiB out in all, 200 times its packed size an entry. (RELIABILITY.md F12 has smaller ones, for
uploads; a Takeout of a long life goes past those.) Entries are taken in the order they lie in, so a nested archive,
which can only be read forwards, is read forwards.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import BinaryIO, cast

from integrations.files.directory import Overlaid, harmless
from integrations.files.walk import is_system
from integrations.wire.mime import HEAD_LIMIT
from keepwarm.errors import Unreadable
from keepwarm.foreign import path_as_text
from keepwarm.texts import mark

ENTRIES = 100_000
BYTES_OUT = 8 << 30
RATIO = 200
CHUNK = 1 << 20  # bytes looked at together
SMALL = 1 << 20  # bytes; an entry below this does no harm at any ratio
DIRECTORY = 16 << 20  # bytes of the list of entries; 100,000 ordinary ones take 12 MiB
NAME = 1_000  # characters shown of a name; no system makes longer ones
HEADER = 30  # bytes before the name of an entry where it lies (APPNOTE.TXT 4.3.7)

OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})  # a document or program, not an archive
LOCKED = mark("This part of the archive is locked with a password.")
BLOWN_UP = mark("This part of the archive unpacks to far more than it should.")
TOO_MUCH = mark("The archive holds more than we unpack (8 GiB).")
OVERLAPPING = mark("This part of the archive lies within another, as only an attack does.")
NOTHING_IN_IT = mark("The archive is empty, or holds only folders and system files.")
DAMAGED = mark("The archive is damaged and cannot be opened.")


@dataclass(slots=True, kw_only=True)
class Budget:
    """Bytes that one archive may still unpack, those of the archives within it included."""

    left: int = BYTES_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the archive, or one Maildir in it (then ``mails``). ``trouble`` says why it is not read."""

    name: str
    size: int
    fingerprint: str
    trouble: str = ""
    archive: zipfile.ZipFile = field(repr=False)
    infos: tuple[zipfile.ZipInfo, ...] = field(repr=False)
    maildir: bool = False

    def open(self) -> BinaryIO:
        """Raises what `zipfile` raises on damaged entries."""
        return cast("BinaryIO", self.archive.open(self.infos[0]))

    def mails(self) -> Iterator[tuple[str, partial[bytes]]]:
        """(name, function that reads the mail's first 64 KiB), by name and in the order they lie in.

        So an archive within an archive is read once, forwards: going back means unpacking it from its beginning.
        """
        for number, info in enumerate(self.infos):
            yield f"{number:06d} {path_as_text(info.filename.rpartition('/')[2])}", partial(self._start, info)

    def _start(self, info: zipfile.ZipInfo) -> bytes:
        with self.archive.open(info) as stream:
            return stream.read(HEAD_LIMIT)


def entries_of(stream: BinaryIO, budget: Budget) -> Iterator[Entry]:
    """The files and Maildirs of a zip. Raises Unreadable where the archive as a whole cannot be used."""
    archive = _open(stream)
    infos = sorted((info for info in archive.infolist() if _wanted(info)), key=lambda info: info.header_offset)
    if OFFICE.intersection(archive.namelist()):
        raise Unreadable(mark("This is not a kind of file we can read."))
    if not infos:
        raise Unreadable(NOTHING_IN_IT)
    maildirs: dict[str, list[zipfile.ZipInfo]] = {}
    homes = {_home(info) for info in infos if _folder(info) == "cur"}
    names = Counter[str]()
    overlapping = _overlapping(infos)
    for info in infos:
        if _folder(info) in {"cur", "new"} and _home(info) in homes:
            maildirs.setdefault(_home(info), []).append(info)
        else:
            name = path_as_text(info.filename)[:NAME]
            names[name] += 1
            again = f" ({names[name]})" if names[name] > 1 else ""  # two of one name are two sources
            trouble = OVERLAPPING if info.header_offset in overlapping else ""
            yield _entry(archive, name + again, (info,), budget, trouble=trouble)
    for home, mails in maildirs.items():
        yield _entry(archive, path_as_text(home)[:NAME] or "Maildir", tuple(mails), budget, maildir=True)


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Where entries begin that begin within another; ``infos`` in the order they lie in."""
    found, end = set[int](), 0
    for info in infos:
        if info.header_offset < end:
            found.add(info.header_offset)
        end = max(end, info.header_offset + HEADER + info.compress_size)
    return found


def _entry(
    archive: zipfile.ZipFile, name: str, infos: tuple[zipfile.ZipInfo, ...], budget: Budget, *, maildir: bool = False,
    trouble: str = "",
) -> Entry:  # fmt: skip
    size = sum(info.file_size for info in infos)
    digest = blake2b(digest_size=16)
    for info in infos:
        digest.update(f"{info.filename}\0{info.CRC:08x}\n".encode("utf-8", "surrogateescape"))
    return Entry(
        name=name,
        size=size,
        fingerprint=f"{size}::{digest.hexdigest()}",
        trouble=trouble or _trouble(infos, size, budget),
        archive=archive,
        infos=infos,
        maildir=maildir,
    )


def _trouble(infos: tuple[zipfile.ZipInfo, ...], size: int, budget: Budget) -> str:
    if any(info.flag_bits & 1 for info in infos):
        return LOCKED
    if size > SMALL and size > RATIO * max(1, sum(info.compress_size for info in infos)):
        return BLOWN_UP
    if size > budget.left:
        return TOO_MUCH
    budget.left -= size
    return ""


def _open(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        tail = _tail(stream)
        archive = _listed(stream, tail) if _count(stream, tail) <= ENTRIES else None
    except Exception as error:
        raise Unreadable(DAMAGED) from error
    if archive is None:
        raise Unreadable(mark("The archive holds more than 100,000 files."))
    return archive


def _listed(stream: BinaryIO, tail: Tail) -> zipfile.ZipFile:
    """The archive, for the sake of its other entries also where a single one is listed as it must not be."""
    stream.seek(0)
    try:
        return zipfile.ZipFile(stream)
    except Exception:  # noqa: BLE001 - one foreign item: many kinds, and the second try raises what holds of the whole
        stream.seek(tail.begin)
        listed = harmless(stream.read(tail.size))
        stream.seek(0)
        return zipfile.ZipFile(cast("BinaryIO", io.BufferedReader(Overlaid(stream, tail.begin, listed))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Where the list of entries lies."""

    begin: int
    size: int


def _tail(stream: BinaryIO) -> Tail:
    length = stream.seek(0, 2)
    begin = max(0, length - HEAD_LIMIT - 98)
    stream.seek(begin)
    tail = stream.read(HEAD_LIMIT + 98)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0:
        return Tail(begin=length, size=0)  # `zipfile` will say what is wrong
    (size,) = struct.unpack_from("<I", tail, end + 12)
    large = tail.rfind(b"PK\x06\x06", 0, end)
    if size == 0xFFFFFFFF and large >= 0:
        (size,) = struct.unpack_from("<Q", tail, large + 40)
    return Tail(begin=max(0, begin + end - size - (76 if large >= 0 else 0)), size=size)


def _count(stream: BinaryIO, tail: Tail) -> int:
    """How many entries the directory lists, counted before `zipfile` builds an object for each of them."""
    if tail.size > DIRECTORY:
        return ENTRIES + 1
    stream.seek(tail.begin)
    found, left, rest = 0, tail.size, b""
    while left > 0 and (data := stream.read(min(left, CHUNK))):
        found += (rest + data).count(b"PK\x01\x02")
        left, rest = left - len(data), data[-3:]
    return found


def _wanted(info: zipfile.ZipInfo) -> bool:
    """Maildir++ folders begin with a dot, so only the last part of a path is asked whether it is hidden."""
    parts = info.filename.split("/")
    return not info.filename.endswith("/") and not is_system(parts[-1]) and "__MACOSX" not in parts


def _folder(info: zipfile.ZipInfo) -> str:
    return info.filename.split("/")[-2] if "/" in info.filename else ""


def _home(info: zipfile.ZipInfo) -> str:
    return "/".join(info.filename.split("/")[:-2])
