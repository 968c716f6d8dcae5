"""R6: whatever fails, in the end the store is as Outlook is, and nothing was done twice or for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rings.conftest import Ring
from tests.rings.consent.lives import drawn, ended, lived_at_once
from tests.rings.microsoft.life import lived, lived_apart
from tests.servers.dav import Authority

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400)]  # in full on a machine that does other things too


def test_every_life_ends_as_outlook_is(ring: Ring, authority: Authority, migrated: Path, tmp_path: Path) -> None:
    """Full: 300 lives of 200 steps, over all processors. Each seed can be lived again alone (`life.lived_apart`)."""
    steps = ring.size(200, 50)
    given = drawn(ring, ring.size(300, 4), steps, migrated, tmp_path)
    if ring.full:
        told = list(lived_at_once(given, lived_apart))
    else:
        told = [lived(seed, steps, authority, migrated, tmp_path, wired=wired) for seed, _, _, _, wired in given]
    assert ended(ring, told, steps) == []
