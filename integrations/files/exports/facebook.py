"""Facebook friends as JSON: the present file (``friends_v2``) and the older (``friends``).

Read friend by friend, so that neither a large file nor an odd friend costs more than itself. Facebook writes names as
UTF-8 whose bytes are escaped one by one as if they were Latin-1; that is made good here.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Any, BinaryIO

from integrations.files.exports.guard import Found, hashed
from integrations.wire.cards import unique
from integrations.wire.plain import mail_address, plain
from integrations.wire.wide import as_utf8
from keepwarm.texts import mark
from keepwarm.types import Broken, ContactCard, Skipped

MAX_FRIENDS = 200_000
MAX_FRIEND = 64 * 1024  # characters; a friend has about 120
MAX_MARKS = 300_000  # brackets, quotes and commas passed in one entry, at 0.3 microseconds each (2 cores of 2026)
_START = 4096  # characters in which the list begins
_CHUNK = 64 * 1024  # bytes
_LOOKS = re.compile(r'"friends(?:_v2)?"\s*:\s*\[')
_MARK = re.compile(r'["\[\]{},]')
_QUOTED = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_DEPTH = {"[": 1, "{": 1, "]": -1, "}": -1, ",": 0}


def looks_like(text: str) -> bool:
    return bool(_LOOKS.search(text[:_START]))


def read(stream: BinaryIO) -> Iterator[Found]:
    """One card for each friend with a name. Where the list breaks off, what came before stands."""
    chunks = codecs.iterdecode(iter(partial(as_utf8(stream).read, _CHUNK), b""), "utf-8", "replace")
    start = next(chunks, "")
    found = _LOOKS.search(start[:_START])
    if found is None:
        yield _broken(start, "file", mark("This is not a list of Facebook friends."))
        return
    for number, text in enumerate(_entries(chain([start[found.end() :]], chunks)), 1):
        if text is None:
            yield _broken("", f"friend {number}", mark("The rest of this file could not be read."))
        elif number > MAX_FRIENDS:
            yield Skipped(position=f"friend {number}", reason="too_many")
            return
        else:
            yield _read(text, f"friend {number}")


def _entries(chunks: Iterator[str]) -> Iterator[str | None]:
    """The text of each entry of the list, a long one cut; None last where the list never ends or grows past measure."""
    depth, quoted, marks, kept, rest = 0, False, 0, "", ""
    for chunk in chunks:
        text, at, begin = rest + chunk, 0, 0
        while at < len(text):
            if quoted:
                at = _end_of_quoted(text, at)
                if at == len(text) or text[at] != '"':
                    break  # the rest of it is in the next chunk
                quoted, at = False, at + 1
                continue
            found = _MARK.search(text, at)
            at = found.end() if found else len(text)
            if found is None or found[0] == '"':
                quoted = found is not None
                continue
            depth, marks = depth + _DEPTH[found[0]], marks + 1
            if depth < 0 or (depth == 0 and found[0] == ","):
                entry = (kept + text[begin : found.start()]).strip()
                if entry:
                    yield entry
                kept, begin, marks = "", at, 0
            if depth < 0:
                return
            if marks > MAX_MARKS:
                yield None
                return
        rest, kept = text[at:], (kept + text[begin:at])[: MAX_FRIEND + 1]
    yield None


def _end_of_quoted(text: str, at: int) -> int:
    """Where the closing quote stands; or the end of the text, or the backslash it ends in."""
    found = _QUOTED.match(text, at)
    return found.end() if found else at


def _read(text: str, position: str) -> Found:
    if len(text) > MAX_FRIEND:
        return _broken(text, position, mark("The entry is larger than we read."))
    try:
        return _card(json.loads(text), position)
    except Exception:  # noqa: BLE001 - the guard around one foreign item
        return _broken(text, position, mark("The entry cannot be read."))


def _broken(text: str, position: str, reason: str) -> Broken:
    return Broken(position=position, digest=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), reason=reason)


def _card(friend: dict[str, Any], position: str) -> ContactCard | Skipped:
    name = plain(repaired(str(friend.get("name") or "")))
    if not name:
        return Skipped(position=position, reason="no_name")
    mail = mail_address(repaired(str(friend.get("contact_info") or "")))
    return ContactCard(
        ref=hashed(name, str(friend.get("timestamp", ""))),
        source="facebook",
        name=name,
        addresses=unique([mail]),
        connected_on=_day(friend.get("timestamp")),
        origins=("facebook",),
    )


def repaired(text: str) -> str:
    """The text with UTF-8 bytes that stand there as Latin-1 characters put right; anything else as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _day(stamp: object) -> date | None:
    """The day of a Unix time in seconds, None where it is none between 1970 and 2200."""
    seconds = stamp if isinstance(stamp, int) and 0 < stamp < 7_258_118_400 else 0
    return datetime.fromtimestamp(seconds, UTC).date() if seconds else None
