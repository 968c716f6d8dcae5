"""The pages over a real mailbox: with nobody, twenty and a thousand in the network, in both languages.

They fit a phone and a laptop, axe and the console are silent; how long they take at the server is recorded.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from benchmarks import corpus
from integrations.files.mbox import heads
from integrations.wire.mime import read_message
from keepwarm.store import Store, accounts, contacts, plans
from service import create_app
from tests.rings.conftest import Ring
from tests.rings.pages.conftest import cookie_of
from tests.rings.pages.look import Chosen, looked_at
from tests.rings.pages.walk import LETTERS, endpoint_of, walked
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from tests.service.web.screen import opened
from workers.runtime import Runtime
from workers.sync import sync_stream

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.shared, pytest.mark.timeout(3600)]

WAYS = ((360, "light"), (1280, "dark"))
MAILS = 32_000  # the real ones, and again with other domains: enough for a thousand people
SAMPLE = 6  # pages
ASKED = 5  # times each page, for its time


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    path = tmp_path_factory.mktemp("mailbox") / "All mail.mbox"
    corpus.write(path, MAILS)
    return path


@pytest.fixture
def now(mailbox: Path) -> datetime:
    """The day after the mails; a hundredth of them comes from clocks that were wrong."""
    with mailbox.open("rb") as stream:
        moments = sorted(at for _, head in heads(stream) if (at := read_message(head).at))
    return moments[-len(moments) // 100] + timedelta(days=1)


@pytest.mark.parametrize("people", [0, 20, 1_000])
def test_pages_over_a_real_mailbox_fit_and_are_silent(
    people: int, lang: str, mailbox: Path, sqlite_store: Store, tmp_path: Path, now: datetime, chromium: Chromium,
    ring: Ring,
) -> None:  # fmt: skip
    runtime = runtime_over(sqlite_store, tmp_path, now)
    owner_id = _with_mailbox(runtime, mailbox, lang)
    _take_in(sqlite_store, owner_id, now, people)
    app = create_app(runtime)
    browser = signed_in(app, owner_id)
    paths = [each for each in walked(app, browser).paths if not each.endswith(LETTERS)]
    taken = {path: _least(browser, path) for path in paths}
    drawn: Chosen = dict.fromkeys(paths if ring.full else ring.chance().sample(paths, SAMPLE), WAYS)
    wrong = looked_at(app, chromium, drawn, cookie_of(browser))
    slowest = max(paths, key=lambda path: taken[path])
    ring.record(
        pages=len(paths), views=sum(map(len, drawn.values())), wrong=len(wrong),
        median_ms=round(statistics.median(taken.values())), slowest_ms=round(taken[slowest]),
        slowest=endpoint_of(app, slowest),
    )  # fmt: skip
    assert wrong == []


def _with_mailbox(runtime: Runtime, mailbox: Path, lang: str) -> str:
    """An owner who gave this mailbox; the id."""
    owner_id = world.make_owner(runtime.store, runtime.now(), lang=lang)
    with runtime.store.transaction(owner_id) as tx:
        for each in corpus.own():
            accounts.set_own_address(tx, each, own=True)
        batch = accounts.create_batch(tx, label=mailbox.name, paths=[str(mailbox)], uploaded=False, now=runtime.now())
    assert sync_stream(runtime, batch.stream_id).outcome == "done"
    return owner_id


def _take_in(store: Store, owner_id: str, now: datetime, number: int) -> None:
    """As many of the proposed people, the best first, and the first three into a plan."""
    with store.transaction(owner_id) as tx:
        found = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now, limit=number)]
        assert len(found) == number
        contacts.accept(tx, found, now=now)
        plan = plans.add_plan(tx, now, goal="explore_market") if found else None
        for each in found[:3]:
            plans.add_entry(tx, plan, now, contact_id=each)


def _least(browser: Browser, path: str) -> float:
    """The milliseconds that the server takes for a page, the least of a few."""
    taken = []
    for _ in range(ASKED):
        begun = time.perf_counter()
        browser.get(path)
        taken.append((time.perf_counter() - begun) * 1_000)
    return min(taken)
