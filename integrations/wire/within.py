"""How far a page of a list was read. A page that is asked for again may have another order, and more in it.

So a cursor names what of its page is done, instead of the last of it: a mail that was opened on the phone in between
moves to the end of Graph's list, and one that left Gmail's spam appears where it first stood. Called by the mailboxes
of `integrations.google` and `integrations.microsoft`, and by their calendars.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Self

from keepwarm.errors import TryAgainLater

TRIES = 5  # for one thing at which a provider fails while it gives others (RELIABILITY.md A4)
TRIES_ALONE = 24  # where it gives no others either: a day, as the engine's waits grow to an hour; ours
FEW = 3  # things of one page at which a provider fails: then it has more trouble than one thing, and is left; ours
LENGTH = 8  # characters of a short name: 48 bits, so that one in 10**11 is taken for another of its page; ours


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
    """``failing``: the short name of what the provider failed at last, and ``tries`` how often it did."""

    failing: str = ""
    tries: int = 0

    def failed(self, name: str) -> Self:
        return replace(self, failing=named(name), tries=self.tried(name) + 1)

    def tried(self, name: str) -> int:
        """How often the provider failed at this."""
        return self.tries if self.failing == named(name) else 0

    def weighed(self, names: Collection[str], limit: int) -> tuple[Self, list[str]]:
        """Behind those of these that failed ``limit`` times before, which are given back; the first other is counted.

        Whatever failed last comes first, so that two that fail in turn are never counted anew for ever.
        """
        here, aside = self, list[str]()
        for each in sorted(names, key=self.tried, reverse=True):
            if self.tried(each) < limit:
                return here.failed(each), aside
            here, aside = here.moved([each]), [*aside, each]
        return here, aside
