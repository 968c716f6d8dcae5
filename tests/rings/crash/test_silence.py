"""R8: each duty is stopped in turn, and the owner is told: on the pages in time, and by a mail after an hour.

Minute by minute on a clock of its own, with what runs in a minute in plain order: beat, worker, web process.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from integrations.local import LocalMail
from keepwarm.store import accounts, duties
from keepwarm.store.tables import stream
from service import create_app
from tests.rings.conftest import Ring
from tests.workers.conftest import NOOR, House, quick_house, quick_plain_house
from workers import pulling, roll, tasks, upkeep, watch
from workers.listen import Listener
from workers.schedule import DUTIES, QUEUES

__all__ = ["quick_house", "quick_plain_house"]  # fixtures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MAILED_AFTER = timedelta(hours=1, minutes=2)  # RELIABILITY.md C12, and a look later
WORKER = {"sweep", "prepare", "deliver", *(f"canary-{queue}" for queue in QUEUES)}
OTHERS = ("renew", "pull", "listen")  # about news: no duties of every house
STOPPED = {
    **{name: {name} for name in DUTIES if name not in {"prune", *OTHERS}},  # pruning stops with the sweep
    "all workers": WORKER,
    "beat and all workers": {"beat", *WORKER},
}


def minute(house: House, stopped: set[str]) -> None:
    """What happens in a minute, but for what is stopped."""
    house.later(minutes=1)
    asked = ["beat"] if "beat" not in stopped else []
    if "watch" not in stopped:
        watch.look(house.runtime)
        asked += ["watch"] if "beat" in stopped else []
    for by in asked if "sweep" not in stopped else ():
        for name, row_id in upkeep.sweep(house.runtime, by=by).wake:
            if name.partition("_")[0] not in stopped:
                tasks._inline(house.runtime, name, row_id)
        for queue in QUEUES:
            if f"canary-{queue}" not in stopped:
                upkeep.canary(house.runtime, queue)


@pytest.mark.parametrize("what", STOPPED)
def test_its_silence_is_told(quick_plain_house: House, ring: Ring, what: str) -> None:
    house, stopped = quick_plain_house, STOPPED[what]
    pages = create_app(house.runtime).test_client()
    for _ in range(3):
        minute(house, set())
    assert pages.get("/healthz/sync").status_code == 200
    house.knows(NOOR, days_ago=200)  # so that there is something to send
    begun, shown, mailed = house.moment, None, None
    while mailed is None and house.moment - begun <= 2 * MAILED_AFTER:
        minute(house, stopped)
        if shown is None and pages.get("/healthz/sync").status_code == 503:
            shown = house.moment - begun
        if any(mail.subject == "Keepwarm needs a look" for mail in mailbox(house)):
            mailed = house.moment - begun
    assert shown is not None
    assert mailed is not None
    ring.record(on_the_pages_after=f"{shown.total_seconds():.0f} s", by_mail_after=f"{mailed.total_seconds():.0f} s")
    period, grace = DUTIES["sweep"]
    assert shown <= timedelta(seconds=period + grace + 60)  # it is asked once a minute
    assert mailed <= MAILED_AFTER + shown


@pytest.mark.parametrize("duty", OTHERS)
def test_notices_that_nobody_cares_for_are_told(
    quick_house: House, ring: Ring, duty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider could tell of news, and nobody asks it to, or listens; or keeps them, and nobody fetches them."""
    house = quick_house
    monkeypatch.setattr(roll, "able", lambda *_: duty == "listen")
    listener = Listener(runtime=house.runtime, wake=lambda _: None)
    monkeypatch.setattr(upkeep, "PUSHED", ("fake",))
    settings = replace(house.runtime.settings, google_pull_key="/key.json" if duty == "pull" else "")
    house.runtime = replace(house.runtime, settings=settings)
    house.stream()
    pages = create_app(house.runtime).test_client()
    for _ in range(3):
        minute(house, set())
        pulling.pull(house.runtime, "fake")
        listener._wanted(house.moment.timestamp())
    assert pages.get("/healthz/sync").status_code == 200
    if duty == "renew":
        monkeypatch.setattr(accounts, "ask_for_notices", lambda *_: None)
        with house.store.transaction(house.owner_id) as tx:
            tx.connection.execute(update(stream).values(subscribe_at=None))
    begun = house.moment
    while not (told := [each for each in house.mails() if each == "Keepwarm needs a look"]):
        minute(house, set())
        assert house.moment - begun < timedelta(hours=4)
    assert len(told) == 1
    ring.record(told_after=f"{(house.moment - begun).total_seconds():.0f} s")


def mailbox(house: House) -> list[LocalMail]:
    return house.runtime.open_local(house.owner_id).list_mails()  # type: ignore[no-any-return]


def test_while_everything_works_nothing_is_told(quick_plain_house: House, ring: Ring) -> None:
    house = quick_plain_house
    for _ in range(ring.size(1440, 120)):
        minute(house, set())
    assert [mail for mail in mailbox(house) if mail.subject == "Keepwarm needs a look"] == []
    with house.store.system() as tx:
        assert not [each.name for each in duties.duties(tx, house.moment) if each.overdue]
