"""One header block → `Message`. Called by the adapters that read mail, and by nobody in between.

Bounds: 64 KiB of headers, cut before parsing; 8 KiB a value; 64 encoded words a value; 200 addresses a mail.
All steps are linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from integrations.wire.mime.addresses import ADDRESS_LIMIT, CACHE, read_addresses, read_spoken
from integrations.wire.mime.dates import read_date
from integrations.wire.mime.headers import RECEIVED, TRACES, Headers, scan
from integrations.wire.mime.lists import groups_of
from integrations.wire.mime.marks import BOUNCE, BULK, LIST, SENT, marks_of, why_left_out_of
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import Address, MailMark, Message, Participant, Role

HEAD_LIMIT = 65_536  # bytes (RELIABILITY.md E6)
RECEIVED_LIMIT = 10  # lines looked at for a date, newest first

WRITERS = ((b"from", Role.FROM), (b"sender", Role.SENDER), (b"reply-to", Role.REPLY_TO))
READERS = ((b"to", Role.TO), (b"cc", Role.CC), (b"bcc", Role.BCC))


def cut_head(data: bytes, start: int = 0) -> bytes:
    """The header block at ``start`` of ``data``: up to the blank line, at most 64 KiB; leading blank lines dropped."""
    if data.startswith((b"\n", b"\r"), start):
        data, start = data[start : start + HEAD_LIMIT].lstrip(b"\r\n"), 0
    limit = start + HEAD_LIMIT
    end = data.find(b"\n\n", start, limit)
    if data.find(b"\r", start, end if end >= 0 else limit) >= 0:
        crlf = data.find(b"\n\r\n", start, end if end >= 0 else limit)
        end = crlf if crlf >= 0 else end
    return data[start : end + 1] if end >= 0 else data[start:limit]


def read_message(head: bytes, *, sent_folder: bool = False) -> Message:
    """What the headers tell. Raises Unreadable where nothing of a mail is in ``head``, and never anything else.

    ``head`` may begin with the "From " line of an mbox, whose date serves where the headers hold none.
    """
    return read_cut(cut_head(head), sent_folder=sent_folder)


def read_cut(head: bytes, *, sent_folder: bool = False) -> Message:
    """The same of what `cut_head` gave: it is not cut again."""
    block = _block(head)
    headers = scan(block)
    if not headers and not TRACES.search(block.lower()):
        raise Unreadable(mark("There are no mail headers in it."))
    at = _moment(headers, block)
    readers, recipients = _people(headers, READERS)
    writers, _ = _people(headers, WRITERS, spoken=True)
    marks = marks_of(headers)
    groups = groups_of(headers, distributed=marks & (LIST | BULK) > 0)
    if groups:
        marks |= LIST
        writers += [_group(address) for address in groups]
    if b"mailer-daemon@" in b"".join(headers.get(b"from", ())).lower():
        marks |= BOUNCE
    if sent_folder:
        marks |= SENT
    participants = (*writers, *readers)[:ADDRESS_LIMIT]
    return Message(
        ref=_ref(headers, at, participants),
        at=at,
        participants=participants,
        marks=MailMark(marks),
        recipients=recipients,
    )


def why_left_out(head: bytes) -> str:
    """For a mail marked DRAFT: ``draft``, ``spam`` or ``trash``."""
    return why_left_out_of(scan(_block(cut_head(head))))


def _block(head: bytes) -> bytes:
    """The block with LF line ends, beginning with one."""
    if b"\r" in head:
        head = head.replace(b"\r\n", b"\n")
        if b"\n" not in head:
            head = cut_head(head.replace(b"\r", b"\n"))
    return b"\n" + head


def _people(
    headers: Headers, table: Iterable[tuple[bytes, Role]], *, spoken: bool = False
) -> tuple[list[Participant], int]:
    """Participants of the headers in the table, unique by (role, address), and how many addresses were named."""
    people: list[Participant] = []
    count = 0
    for name, role in table:
        values = headers.get(name)
        if values is None:
            continue
        if len(values) == 1:
            here, more = _of_value(role, values[0], spoken)
            people += here
        else:
            here, more = _of_values(role, values, spoken)
            people += here
        count += len(here) + more
    return people, count


@lru_cache(maxsize=CACHE)
def _of_value(role: Role, value: bytes, spoken: bool) -> tuple[tuple[Participant, ...], int]:
    found, more = read_addresses(value)
    if spoken and not found:
        found, more = read_spoken(value)
    return tuple([_person(role, address) for address in found]), more


@lru_cache(maxsize=CACHE)
def _person(role: Role, address: Address) -> Participant:
    return Participant(role=role, address=address)


def _of_values(role: Role, values: list[bytes], spoken: bool) -> tuple[tuple[Participant, ...], int]:
    kept: dict[str, Participant] = {}
    count = 0
    for value in values:
        if len(kept) > ADDRESS_LIMIT:
            count += value.count(b"@")
            continue
        here, more = _of_value(role, value, spoken)
        count += more
        for one in here:
            kept.setdefault(one.address.address, one)
    return tuple(kept.values()), count


@lru_cache(maxsize=4096)
def _group(address: str) -> Participant:
    return _person(Role.LIST, Address(address=address))


def _moment(headers: Headers, block: bytes) -> datetime | None:
    """The Date header, else the newest Received line, else the mbox separator."""
    for value in headers.get(b"date", ()):
        at = read_date(value)
        if at is not None:
            return at
    for count, hit in enumerate(RECEIVED.finditer(block.lower())):
        if count >= RECEIVED_LIMIT:
            break
        at = read_date(hit[1][-256:].rpartition(b";")[2])
        if at is not None:
            return at
    if block.startswith((b"\nFrom ", b"\n>From ")):
        parts = block[1:256].split(b"\n", 1)[0].split(None, 2)
        return read_date(parts[2]) if len(parts) > 2 else None
    return None


def _ref(headers: Headers, at: datetime | None, participants: tuple[Participant, ...]) -> str:
    values = headers.get(b"message-id")
    inner = b"".join(values[0].split()).strip(b"<>") if values else b""
    if not inner:
        who = "\n".join(f"{one.role} {one.address.address}" for one in participants if one.role is not Role.LIST)
        inner = f"{at.isoformat() if at else ''}\n{who}".encode("utf-8", "replace")
    return blake2b(inner, digest_size=16).hexdigest()
