"""How far a page of a list was read. A page that is asked for again may have another order, and more in it.

So a cursor names what of its page is done, instead of the last of it: a mail that was opened on the phone in between
moves to the end of Graph's list, and one that left Gmail's spam appears where it first stood. Called by the mailboxes
of `integrations.google` and `integrations.microsoft`, and by their calendars.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Self

from keepwarm.errors import TryAgainLater

FEW = 3  # things of one page at which a provider fails: then it has more trouble than one thing, and is left; ours
LENGTH = 8  # characters of a short name: 48 bits, so that one in 10**11 is taken for another of its page; ours
TRIES, AMONG = 8, 3600  # for one thing at which a provider fails while it gives others, in seconds at least; ours
TRIES_ALONE, ALONE = 24, 86_400  # where it gives no others: a long failure of the provider loses no mail; ours


class Fails(TryAgainLater):
    """The provider fails at one thing, for now or for good: `Trying` counts how often."""


def named(name: str) -> str:
    """A short name for it."""
    return b64encode(blake2b(name.encode(errors="replace"), digest_size=6).digest()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """``read``: the short names of what was read of a page, one behind another."""

    read: str = ""

    def left(self, names: Iterable[str]) -> list[str]:
        """Those of these names that were not read, in their order."""
        read = {self.read[at : at + LENGTH] for at in range(0, len(self.read), LENGTH)}
        return [each for each in names if named(each) not in read]

    def moved(self, names: Iterable[str]) -> Self:
        """Behind what was read now."""
        return replace(self, read=self.read + "".join(map(named, names)))

    def turned(self) -> Self:
        """At the beginning of a page."""
        return replace(self, read="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying(Within):
    """``failing``: the short name of what the provider fails at; ``since`` when, in seconds since 1970; ``tries`` how
    often it did while it gave others, ``alone`` how often while it gave none.

    ``parts``: how many are asked for in one request, after so many at once were too many; 0: as many as may be.
    """

    failing: str = ""
    tries: int = 0
    alone: int = 0
    since: int = 0
    parts: int = 0

    def failed(self, names: Sequence[str], now: datetime, *, others: bool) -> Self:
        """After the provider failed at these, and gave ``others`` or did not: one of them is counted."""
        name = next((each for each in map(named, names) if each == self.failing), named(names[0]))
        before = self if name == self.failing and self.since else replace(self, tries=0, alone=0)
        since = before.since if before is self else int(now.timestamp())
        tries, alone = before.tries + others, before.alone + (not others)
        return replace(self, failing=name, since=since, tries=tries, alone=alone)

    def hopeless(self, name: str, now: datetime, *, others: bool) -> bool:
        """Whether it is to be set aside: after an hour of tries in which others were given, else after a day of them.

        Where no others are given, nobody knows that it is to blame. Hours in which nobody tried say nothing.
        """
        if self.failing != named(name) or not self.since:
            return False
        lasts, all_tries = now.timestamp() - self.since, self.tries + self.alone
        among = others and self.tries >= TRIES and lasts >= AMONG
        return among or (all_tries >= TRIES_ALONE and lasts >= ALONE)

    def paced(self, most: int, *, too_many: bool) -> Self:
        """After a request of at most so many parts: half of them where that was too many, else one more."""
        parts = min(self.parts or most, most)
        parts = max(1, parts // 2) if too_many else parts + 1
        return replace(self, parts=0 if parts >= most else parts)

    def weighed(self, names: Collection[str], now: datetime, *, others: bool) -> tuple[Self, list[str]]:
        """Behind those of these at which the provider failed that are hopeless, which are given back; one other counts.

        Whatever was counted last comes first, so that two that fail in turn are never counted anew for ever.
        """
        here, aside = self, list[str]()
        for each in sorted(names, key=lambda name: named(name) != self.failing):
            if not here.hopeless(each, now, others=others):
                return here.failed([each], now, others=others), aside
            here, aside = here.moved([each]), [*aside, each]
        return here, aside
