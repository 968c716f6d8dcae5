"""Where the comparing of a collection goes on, as text that the store keeps. Called by `comparing`."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b

from keepwarm.errors import CursorExpired

MARK = 6  # bytes of a hash: two versions of one entry look alike once in 10^14
SYNC, ETAGS = "sync", "etags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A cursor, opened. ``full``: day of the last full comparison, or of the one under way.

    ``base`` is None unless a run is under way. SYNC: ``token`` is where to go on next time; under way, the one that the
    run's first listing ended with, ``base`` the one it began with, ``after`` the last href done. ETAGS: ``known`` holds
    a hash of each entry as it was read.
    """

    way: str = ""
    full: str = ""
    token: str = ""
    base: str | None = None
    after: str = ""
    ctag: str = ""
    known: str = ""

    def text(self) -> str:
        held = asdict(self)
        return json.dumps(
            {name: held[name] for name in held if held[name] or (name == "base" and held[name] is not None)}
        )


def opened(cursor: str) -> Point:
    """Raises CursorExpired for text that is no cursor of ours."""
    try:
        held = json.loads(cursor) if cursor else {}
        point = Point(**held)
        if not all(isinstance(each, str) for each in held.values()):
            raise TypeError  # noqa: TRY301
        b64decode(point.known, validate=True)
        if point.full:
            date.fromisoformat(point.full)
    except (ValueError, TypeError) as error:
        raise CursorExpired from error
    return point


def mark_of(href: str, version: str) -> bytes:
    return blake2b(f"{href}\n{version}".encode(), digest_size=MARK).digest()


def unpacked(packed: str) -> set[bytes]:
    held = b64decode(packed)
    return {held[at : at + MARK] for at in range(0, len(held), MARK)}


def packed(marks: Iterable[bytes]) -> str:
    return b64encode(b"".join(sorted(marks))).decode()
