"""Which items of one collection changed, in order: what every delta round reads. Deleted ones stay in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The last change of one item: its number, whether the item is there, when it came, and what changed alone.

    ``was`` is the mutable id with which it left.
    """

    key: str
    number: int
    there: bool
    came: int
    only: frozenset[str] = frozenset()
    was: str = ""


@dataclass(slots=True)
class Ledger:
    """Entries by key, the least recently changed first. Numbers rise, over all ledgers of a person."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def note(
        self, key: str, number: int, *, there: bool = True, only: frozenset[str] = frozenset(), was: str = ""
    ) -> None:
        """``only``: names of the properties that changed, where the rest did not."""
        old = self.entries.pop(key, None)
        came = old.came if old and old.there else number
        self.entries[key] = Entry(key=key, number=number, there=there, came=came, only=only, was=was)

    def between(self, since: int, until: int) -> Iterator[Entry]:
        """Changed after ``since``, and not again after ``until``: that comes with the next round."""
        return (one for one in self.entries.values() if since < one.number <= until)
