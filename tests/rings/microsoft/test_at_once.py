"""H2: whatever runs beside each other, Graph never has more than four requests of one mailbox before it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from integrations.microsoft.calls import AT_ONCE, Calls
from keepwarm.store import accounts
from keepwarm.types import StreamKind
from tests.rings.conftest import Ring
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import rules
from tests.rings.microsoft.home import Home, MakeHome
from workers import sync

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WORKERS = 6
FOLDERS, MAILS = 8, 12


def busy(make_home: MakeHome, patch: pytest.MonkeyPatch) -> Home:
    """Many folders with several pages each, all chosen; each request takes a moment."""
    from integrations.microsoft import rounds

    patch.setattr(rounds, "SMALLER", (3,))
    home = make_home()
    home.drain()
    with home.store.reading(home.owner_id) as tx:
        (account,) = [each for each in accounts.accounts(tx) if each.provider == "microsoft"]
    for number in range(FOLDERS):
        folder = home.person.add_folder(f"Folder {number}")
        for mail in range(MAILS):
            acts.receives(home, "Ann <ann@example.com>", 100 * number + mail, folder=folder, silent=True)
        with home.store.transaction(home.owner_id) as tx:
            accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, place_ref=folder, now=home.moment)
    home.town.latency = 0.15  # longer than our own work between two requests, so that they meet
    home.town.limits.peak.clear()
    home.town.refused.clear()
    return home


def all_at_once(home: Home) -> int:
    """Six workers read every stream; the most requests that were under way at once."""
    home.later(minutes=6)
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(lambda each: sync.sync_stream(home.runtime, each.stream.id), home.streams()))
    return int(home.town.peak_at_once[home.person])


def test_six_workers_never_ask_more_than_four_things_at_once(
    make_home: MakeHome, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = busy(make_home, monkeypatch)
    for _ in range(ring.size(20, 1)):
        peak = all_at_once(home)
    ring.record(workers=WORKERS, streams=len(home.streams()), peak=peak, requests=sum(home.town.requests.values()))
    assert 2 <= peak <= AT_ONCE
    assert sum(home.town.refused.values()) == 0
    assert {each.last_error for each in home.streams()} == {""}
    assert list(rules(home.town, home.person)) == []


def test_without_places_it_would_be_more(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail."""
    home = busy(make_home, monkeypatch)
    home.town.latency = 0.6
    monkeypatch.setattr(Calls, "_place", lambda _: nullcontext())
    assert all_at_once(home) > AT_ONCE
