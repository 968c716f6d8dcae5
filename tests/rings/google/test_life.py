"""R6: whatever fails, in the end the store is as Google is, and nothing was done twice or for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulators.google import Google
from tests.rings.conftest import Ring
from tests.rings.consent.lives import drawn, ended, lived_at_once
from tests.rings.google.home import Home, MakeHome
from tests.rings.google.life import KNOWN, lived, lived_apart
from tests.rings.google.mirror import differences
from tests.servers.dav import Authority

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400)]  # in full on a machine that does other things too

STORM = 10  # requests in an hour of refusals, for an account (RELIABILITY.md C14)


def test_every_life_ends_as_google_is(ring: Ring, authority: Authority, migrated: Path, tmp_path: Path) -> None:
    """Full: 500 lives of 200 steps, over all processors. Each seed can be lived again alone (`life.lived_apart`)."""
    steps = ring.size(200, 60)
    given = drawn(ring, ring.size(500, 6), steps, migrated, tmp_path)
    if ring.full:
        told = list(lived_at_once(given, lived_apart))
    else:
        told = [lived(seed, steps, authority, migrated, tmp_path, wired=wired) for seed, _, _, _, wired in given]
    assert ended(ring, told, steps) == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("form", ["seconds", "message"])
def test_an_hour_of_refusals_costs_few_requests_and_loses_nothing(make_home: MakeHome, ring: Ring, form: str) -> None:
    """C14: every minute a sweep, an hour long, all calls refused; whatever the refusal says of the wait."""
    home = make_home()
    home.knows(*KNOWN, days_ago=200)
    home.drain()
    assert home.states("follow_up_put") == ["sent"] * len(home.rows("follow_up_put"))
    home.later(minutes=6)
    before = asked(home.town)
    home.town.faults.add("*", "429", None, form=form, retry_after=30)
    for _ in range(60):
        home.later(minutes=1).sweeps()
    requests = asked(home.town) - before
    ring.record(requests=requests)
    assert not any(each.revoked_at for each in home.streams())
    home.town.faults.clear()
    home.person.receives({"From": KNOWN[0], "To": home.address, "Message-ID": "<late@lantern.example>"})
    for _ in range(8):
        home.later(minutes=15).drain()
    assert differences(home) == []
    assert requests <= STORM


def asked(town: Google) -> int:
    """Requests that came for the account, those for tokens too."""
    return sum(town.requests.values())


def quiet(home: Home) -> bool:
    return all(each.stale_since is None and not each.last_error for each in home.streams())


@pytest.mark.usefixtures("quick")
def test_an_access_token_ends_every_hour_and_is_renewed_once(make_home: MakeHome, ring: Ring) -> None:
    """Some hours of sweeps each ten minutes: one exchange an hour for all streams."""
    hours = ring.size(24, 5)
    home = make_home()
    home.knows(KNOWN[0], days_ago=200)
    home.drain()
    before = home.town.requests["oauth.token"]
    for _ in range(hours * 6):
        home.later(minutes=10).sweeps(prepare=False)
    assert quiet(home)
    assert hours - 1 <= home.town.requests["oauth.token"] - before <= hours + 1
