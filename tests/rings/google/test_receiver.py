"""S2 with Google's two kinds of messages: the receiver as it ships, true ones beside twice as many forged ones.

Gmail's prove themselves by a signature, which costs more than a secret. The share of a tenth of a second is asked of a
full run alone, on a machine that does nothing else; the sample records it. That none is lost or answered 5xx holds
always.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.google import Side, beside
from benchmarks.place import wait_for
from tests import load
from tests.rings.conftest import Ring
from tests.servers.dav import Authority

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PEOPLE = 20


@pytest.fixture
def side(authority: Authority, tmp_path: Path) -> Iterator[Side]:
    with beside(authority, tmp_path, PEOPLE) as made:
        yield made


def test_true_messages_pass_beside_a_flood_of_forged_ones(side: Side, ring: Ring) -> None:
    """200 true and 400 forged a second."""
    seconds, chance = ring.size(60, 8), ring.chance("forgeries")
    true, false = side.true(), side.false(chance, 300)
    _, port = side.here.serve("shipped", "service.wsgi:make_app", factory=True)
    paces = {"true": (200.0, lambda n: true[n % len(true)]), "forged": (400.0, lambda n: false[n % len(false)])}
    with side.calming():
        told = load.at_pace(port, paces, seconds=seconds)
    p99 = max(told.share(0.99, name) for name in paces)
    ring.record(true=200 * seconds, forged=400 * seconds, p50_ms=round(told.share(0.5, "true") * 1000, 1),
                p99_ms=round(p99 * 1000, 1), slowest_ms=round(told.share(1.0, "true") * 1000),
                key_fetches=side.town.requests["oauth.certs"])  # fmt: skip
    assert told.statuses["true"] == {204: 200 * seconds}
    assert sum(told.statuses["forged"].values()) == 400 * seconds
    assert set(told.statuses["forged"]) <= {401, 404, 413, 429}
    side.calm()
    assert load.fire(port, [load.Shot(request=each) for each in true], lines=4).statuses[""] == {204: len(true)}
    wait_for(lambda: side.stale() == 2 * PEOPLE)
    assert side.town.requests["oauth.certs"] <= seconds // 30 + 4
    assert not ring.full or p99 <= 0.1
