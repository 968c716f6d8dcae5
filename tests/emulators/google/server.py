"""The server of every emulator, by the name under which others know it here."""

from __future__ import annotations

from tests.emulators.stand.server import serving

__all__ = ["serving"]
