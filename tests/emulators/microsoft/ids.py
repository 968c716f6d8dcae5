"""Ids of one mailbox: what moves has a mutable id that changes, and an immutable one; folders and calendars just one.

They hold ``/``, ``+`` and ``=``, and some differ from another in the case of one letter only. PROVIDERS.md, section 4,
Ids: MD concepts/outlook-immutable-id.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter


class Ids:
    """Keys are the emulator's own names of items ("mail:7"); ``number`` is the mailbox's."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._keys: dict[str, str] = {}
        self._made: dict[tuple[str, str], str] = {}
        self._moves: Counter[str] = Counter()

    def given(self, key: str, *, immutable: bool = True) -> str:
        """The id that answers hold; the same key has the same until it is moved."""
        moves = "" if immutable else str(self._moves[key])
        found = self._made.get((key, moves))
        if found is None:
            found = ("AAkA" if immutable else "AAMk") + _text(f"{self._number} {moves}", key)
            self._made[key, moves] = found
            self._keys[found] = key
        return found

    def fixed(self, key: str) -> str:
        """Of a folder or a calendar, whatever is preferred."""
        return self.given(key, immutable=False)

    def key(self, id_: str) -> str | None:
        """Whose id this is; None for one that never was, or is no more."""
        return self._keys.get(id_)

    def moved(self, key: str) -> None:
        """The mutable id dies, and there is another."""
        self._keys.pop(self.given(key, immutable=False))
        self._moves[key] += 1


def immutable(id_: str) -> bool:
    return id_.startswith("AAkA")


def _text(salt: str, key: str) -> str:
    """Two neighbours share all but the case of a letter."""
    kind, _, rest = key.partition(":")
    twin = rest.isdigit() and int(rest) % 2 == 1
    of = f"{kind}:{int(rest) - 1}" if twin else key
    text = base64.b64encode(hashlib.sha256(f"{salt} {of}".encode()).digest()).decode()
    if twin:
        at = next(place for place, letter in enumerate(text) if letter.isalpha())
        text = text[:at] + text[at].swapcase() + text[at + 1 :]
    return f"{text[:14]}/{text[14:28]}+{text[28:42]}="
