"""Facebook friends as JSON: the present file (``friends_v2``) and the older (``friends``).

Facebook writes names as UTF-8 whose bytes are escaped one by one as if they were Latin-1; that is made good here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, BinaryIO

from integrations.files.exports.guard import Found, hashed
from integrations.wire.cards import unique
from integrations.wire.plain import mail_address, plain
from keepwarm.texts import mark
from keepwarm.types import Broken, ContactCard, Skipped

MAX_FILE = 64 * 1024 * 1024
MAX_FRIENDS = 200_000
_KEYS = ("friends_v2", "friends")
_LOOKS = re.compile(r'"friends(?:_v2)?"\s*:\s*\[')


def looks_like(text: str) -> bool:
    return bool(_LOOKS.search(text[:4096]))


def read(stream: BinaryIO) -> Iterator[Found]:
    """One card for each friend with a name."""
    data = stream.read(MAX_FILE + 1)
    friends = _friends(data)
    if friends is None:
        reason = (
            mark("The file is too large.") if len(data) > MAX_FILE else mark("This is not a list of Facebook friends.")
        )
        yield Broken(position="file", digest=sha256(data).hexdigest(), reason=reason)
        return
    for number, friend in enumerate(friends[:MAX_FRIENDS], 1):
        try:
            yield _card(friend, f"friend {number}")
        except Exception:  # noqa: BLE001 - the guard around one foreign item
            digest = sha256(repr(friend).encode("utf-8", "replace")).hexdigest()
            yield Broken(position=f"friend {number}", digest=digest, reason=mark("The entry cannot be read."))
    if len(friends) > MAX_FRIENDS:
        yield Skipped(position=f"friend {MAX_FRIENDS + 1}", reason="too_many")


def _friends(data: bytes) -> list[Any] | None:
    if len(data) > MAX_FILE:
        return None
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return None
    lists = [whole[key] for key in _KEYS if isinstance(whole.get(key), list)] if isinstance(whole, dict) else []
    return lists[0] if lists else None


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
