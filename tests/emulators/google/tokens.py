"""Keys and JSON web tokens of every emulator, by the names under which others know them here."""

from __future__ import annotations

from tests.emulators.stand.tokens import Key, key, read, signed

__all__ = ["Key", "key", "read", "signed"]
