"""Folders of an IMAP mailbox → pages of messages: headers alone, in large blocks (`blocks`). Called by `Open`.

A cursor is (UIDVALIDITY, the next UID to read, HIGHESTMODSEQ where the server has it). UIDs only grow, and the headers
of one never change, so what is new is all there is to read; what the owner deletes later was a touch all the same
(docs/decisions/0015). Another UIDVALIDITY means that the folder was numbered anew, and a UIDNEXT before ours that it
was put back to what it had been: it is read again, and as messages are known by their Message-ID, nothing is stored or
done twice (RELIABILITY.md C16).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from imapclient.exceptions import IMAPClientError

from integrations.open.blocks import Cursor, Thing, walk
from integrations.open.imap import Imap, quoted, readable, refused
from integrations.wire.mime import HEAD_LIMIT, cut_head
from integrations.wire.mime.folders import folder_kind, label_kind
from integrations.wire.mime.headers import FIELDS
from integrations.wire.mime.items import NO_MAIL, broken, read_mail
from keepwarm.errors import CursorExpired, Rejected
from keepwarm.texts import mark
from keepwarm.types import Message, Page, Place, Skipped, StreamKind

BLOCK = 1000  # messages of one command and one page (PERFORMANCE.md G)
GMAIL = "X-GM-EXT-1"
SPECIAL = {b"\\sent": "sent", b"\\drafts": "draft", b"\\junk": "spam", b"\\trash": "trash", b"\\all": "all"}
LABELS = SPECIAL | {b"\\draft": "draft", b"\\spam": "spam"}  # Gmail's labels, which are not its folders' marks
NEVER_READ = frozenset({"draft", "spam", "trash"})

NO_FOLDER = mark("This folder is not there any more. Choose another one.")

_UID = re.compile(rb"\bUID (\d+)")
_WORD = re.compile(rb"\S+")
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_LABELS = re.compile(rb"X-GM-LABELS \(((?:[^()\"]|\"(?:[^\"\\]|\\.)*\")*)\)")
_LABEL = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder. ``kind``: inbox, sent, draft, spam, trash, all (of Gmail) or ""."""

    name: str
    kind: str


def folders(imap: Imap) -> list[Folder]:
    """The folders that hold mail, by what they are for, as the server marks them or their names say."""
    found = []
    with readable():
        listed = imap.list_folders()
    for flags, delimiter, name in listed:
        marks = {bytes(flag).lower() for flag in flags}
        if marks.isdisjoint({b"\\noselect", b"\\nonexistent"}):
            found.append(Folder(name=name, kind=_kind(marks, name, delimiter)))
    return _one_of_each(found)


def chosen(found: Sequence[Folder], *, gmail: bool) -> list[Folder]:
    """The folders to read if nobody says otherwise: at Gmail all mail, where each stands once; else Inbox and Sent."""
    everything = [each for each in found if each.kind == "all"]
    if gmail and everything:
        return everything
    return [each for each in found if each.kind in {"inbox", "sent"}]


def places(found: Sequence[Folder], *, gmail: bool) -> list[Place]:
    """Folders to choose from, what is usually wanted first."""
    wanted = {each.name for each in chosen(found, gmail=gmail)}
    some = [each for each in found if each.kind not in NEVER_READ]
    some.sort(key=lambda each: (each.name not in wanted, each.kind != "inbox", each.name))
    return [Place(ref=each.name, name=each.name, kind=StreamKind.MAIL, usual=each.name in wanted) for each in some]


def changes(imap: Imap, folder: str, cursor_text: str, *, purpose: str) -> Iterator[Page]:
    """Pages of what is new in the folder, oldest first. Raises CursorExpired if it was numbered anew or put back.

    Else as `blocks.walk`.
    """
    state = _state(imap, folder)
    cursor = Cursor.of(cursor_text) or Cursor(validity=state.validity, following=1)
    if cursor.validity != state.validity:
        raise CursorExpired("the folder was numbered anew")
    if 0 < state.following < cursor.following:
        raise CursorExpired("the folder was put back to an earlier state")
    cursor = replace(cursor, modseq=state.modseq)
    if cursor.following == state.following:
        yield Page(cursor=cursor.text(), last=True)
        return
    _examine(imap, folder)
    uids = _uids(imap, cursor.following)
    gmail = imap.has_capability(GMAIL)

    def read(block: Sequence[int]) -> list[Thing]:
        return _read(imap, block, purpose, gmail=gmail)

    yield from walk(imap, uids, cursor, read, most=BLOCK, end=state.following)


def find(imap: Imap, folder: str, message_id: str) -> str | None:
    """``FOLDER/UID`` of a message with this Message-ID; None if there is none, or no such folder."""
    try:
        imap.select_folder(folder, readonly=True)
    except IMAPClientError as error:
        if not refused(error):
            raise
        return None
    with readable():
        hits = imap.search(["HEADER", "Message-ID", message_id.strip("<>")])
    return f"{folder}/{hits[-1]}" if hits else None


def _kind(marks: set[bytes], name: str, delimiter: bytes | None) -> str:
    if name.casefold() == "inbox":
        return "inbox"
    special = next((SPECIAL[each] for each in marks if each in SPECIAL), "")
    return special or _by_name(name, (delimiter or b"/").decode("ascii", "replace"))


def _by_name(name: str, delimiter: str) -> str:
    """By the folder's own name, at the top or right below the Inbox; below that it is part of the owner's own order."""
    path = name.split(delimiter)
    below_inbox = len(path) == 2 and path[0].casefold() == "inbox"
    return label_kind(path[-1]) if len(path) == 1 or below_inbox else folder_kind(path[0])


def _one_of_each(found: Sequence[Folder]) -> list[Folder]:
    """The same; of several that could be Sent or Drafts by their names, the server's own mark came first in `_kind`."""
    return sorted(found, key=lambda each: (each.kind != "inbox", each.name.casefold()))


def _state(imap: Imap, folder: str) -> Cursor:
    """The folder as it stands. Raises Rejected where it is gone."""
    wanted = ["UIDVALIDITY", "UIDNEXT", *(["HIGHESTMODSEQ"] if imap.has_capability("CONDSTORE") else [])]
    try:
        with readable():
            told = {name: int(value) for name, value in imap.folder_status(folder, wanted).items()}
    except IMAPClientError as error:
        if not refused(error):
            raise
        raise Rejected(NO_FOLDER) from error
    return Cursor(
        validity=told.get(b"UIDVALIDITY", 0),
        following=told.get(b"UIDNEXT", 0),
        modseq=told.get(b"HIGHESTMODSEQ", 0),
    )


def _examine(imap: Imap, folder: str) -> None:
    imap.select_folder(folder, readonly=True)


def _uids(imap: Imap, following: int) -> list[int]:
    """All from that one on, ascending; a server names its last message even if that is older."""
    said = imap.bulk("SEARCH", "UID", f"{following}:*")  # in one line or several, and MODSEQ after it
    with readable():
        found = {int(uid[0]) for line in said if line for uid in _WORD.finditer(line.partition(b"(")[0])}
    return sorted(uid for uid in found if uid >= following)


def _read(imap: Imap, block: Sequence[int], purpose: str, *, gmail: bool) -> list[Thing]:
    """The messages of these UIDs in their order; what is gone by now is left out. Raises as `Imap.fetched`."""
    items = ["UID", "INTERNALDATE", *(["X-GM-LABELS"] if gmail else []), f"BODY.PEEK[HEADER.FIELDS {quoted(FIELDS)}]"]
    told = imap.fetched(f"{block[0]}:{block[-1]}", f"({' '.join(items)})")
    wanted = set(block)
    found = {uid: _thing(uid, line, head, purpose) for uid, line, head in _messages(told) if uid in wanted}
    return [found[uid] for uid in block if uid in found]


def _messages(told: Sequence[Any]) -> Iterator[tuple[int, bytes, bytes]]:
    """(UID, all that was said beside the headers, the headers): the items may come in any order around the literal."""
    line, head = b"", b""
    for each in told:
        if isinstance(each, tuple):
            line, head = line + each[0], each[1]
            continue
        line += each or b""
        uid = _UID.search(line)
        if uid and b"BODY[" in line.upper():  # else news of flags, which a server may tell at any time
            yield int(uid[1]), line, head
        line, head = b"", b""


def _thing(uid: int, line: bytes, head: bytes, purpose: str) -> Thing:
    labels = _labels(line)
    if reason := next((kind for kind in ("trash", "spam", "draft") if kind in labels), ""):
        return Skipped(position=str(uid), reason=reason)
    if len(head) > HEAD_LIMIT:
        head = cut_head(head)
    if not head.strip():
        return broken(line, str(uid), NO_MAIL)
    found = read_mail(head.rstrip(b"\r\n") + b"\n", str(uid), "sent" if "sent" in labels else purpose)
    return replace(found, at=_arrived(line)) if isinstance(found, Message) and found.at is None else found


def _labels(line: bytes) -> frozenset[str]:
    """What Gmail's labels say: kinds of `folders`."""
    hit = _LABELS.search(line)
    if hit is None:
        return frozenset()
    names = (quoted_name or plain for quoted_name, plain in _LABEL.findall(hit[1]))
    return frozenset(LABELS.get(name.replace(b"\\\\", b"\\").lower(), "") for name in names)


def _arrived(line: bytes) -> datetime | None:
    hit = _ARRIVED.search(line)
    try:
        return datetime.strptime(hit[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if hit else None
    except ValueError:
        return None
