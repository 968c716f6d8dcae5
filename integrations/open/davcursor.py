"""Where the comparing of a collection goes on, as text that the store keeps. Called by `comparing`."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b

from keepwarm.errors import CursorExpired

MARK = 6  # bytes of a hash: two versions of one entry look alike once in 10^14
SYNC, ETAGS = "sync", "etags"
ASIDE = 2_000  # entries that are remembered as unread; what is beyond waits for the next full comparison; ours
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)  # until they are read again, as long as it went on; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A cursor, opened. ``full``: day of the last full comparison, or of the one under way.

    ``base`` is None unless a run is under way. SYNC: ``token`` is where to go on next time; under way, the one that the
    run's first listing ended with, ``base`` the one it began with, ``after`` the last href done. ETAGS: ``known`` holds
    a hash of each entry as it was read.

    ``aside``: hrefs of entries that could not be read, one a line, of which what is stored stays as it is; ``since``
    when the last of them was added, ``again`` when they are read again.
    """

    way: str = ""
    full: str = ""
    token: str = ""
    base: str | None = None
    after: str = ""
    ctag: str = ""
    known: str = ""
    aside: str = ""
    since: str = ""
    again: str = ""

    def due(self, now: datetime) -> list[str]:
        """The entries to read again now."""
        return self.aside.splitlines() if self.again and datetime.fromisoformat(self.again) <= now else []

    def read(self, block: Collection[str], unread: Collection[str]) -> Point:
        """Once these were asked for, some of them in vain."""
        before = self.aside.splitlines()
        aside = [href for href in before if href not in block]
        aside += [href for href in unread if href not in aside]
        since = self.since if set(unread) <= set(before) else ""
        return replace(self, aside="\n".join(aside[:ASIDE]), since=since)

    def rested(self, now: datetime) -> Point:
        """At the end of a run: what is left aside is read again after as long as it was in vain until now."""
        if not self.aside:
            return replace(self, since="", again="")
        if self.since and self.again and not self.due(now):
            return self
        since = datetime.fromisoformat(self.since) if self.since else now
        again = now + min(LONGEST, max(SHORTEST, now - since))
        return replace(self, since=since.isoformat(), again=again.isoformat())

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
        for moment in filter(None, (point.since, point.again)):
            datetime.fromisoformat(moment).astimezone()
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
