"""What the engine has to do at a provider, as tests of these rings set it up: a follow-up to write, a mail to send."""

from __future__ import annotations

from datetime import timedelta

from tests.rings.conftest import Ring
from tests.rings.consent.home import Home
from tests.workers.conftest import NOOR, NOW

ANN = "Ann Example <ann@example.com>"
EVENT, MAIL = "Get in touch with Ann Example", "Prepared: your talk"
TALK = NOW + timedelta(days=3)
CARRIED = "after commit workers.deliver._carry_out #1"  # noted that it is being sent


def follow_up(home: Home) -> str:
    """A follow-up that is to be written; its row."""
    home.drain()
    home.knows(ANN, days_ago=200)
    home.prepare()
    (row,) = home.rows("follow_up_put")
    return row.id


def brief(home: Home) -> str:
    """A mail about a talk whose time has come; its row."""
    home.drain()
    home.knows(NOOR)
    home.talk(TALK)
    home.at(TALK - timedelta(days=1))
    home.prepare()
    (row,) = home.rows("brief")
    home.at(row.run_at)
    return row.id


def told(home: Home) -> list[str]:
    """What the owner is told is uncertain."""
    return [MAIL for row in home.rows("brief") if row.state == "unknown"]


def drawn(ring: Ring, points: list[str], sample: int, *always: str) -> list[str]:
    """Those to end at: all in full; else a few, and those that are always tried."""
    if ring.full:
        return points
    return sorted({*ring.chance().sample(points, min(sample, len(points))), *always}, key=points.index)
