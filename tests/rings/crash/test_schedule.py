"""R5 and B11: ten thousand rows over ninety days and three sweepers; and two weeks in which nothing ran.

In one process, with a thread for each sweeper: what is tried is the claim, by three at the same moment.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keepwarm.settings import Settings
from keepwarm.store import Store, accounts, outbox
from keepwarm.store.outbox import Intent
from tests import make
from tests.rings.conftest import Ring
from tests.rings.crash import story
from tests.rings.crash.conftest import Staging
from tests.rings.crash.receiver import journal, load
from workers import deliver, upkeep
from workers.runtime import Runtime

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]

DAYS = 90
OWNERS = 40  # so that nobody's ceiling of mails in an hour is met
SWEEPERS = 3
LATE = 90.0  # seconds: RELIABILITY.md R5


def test_each_of_many_rows_is_sent_once_and_in_time(store: Store, tmp_path: Path, ring: Ring) -> None:
    home, received = tmp_path / "home", tmp_path / "received"
    for folder in (home, received):
        folder.mkdir(mode=0o700)
    settings = Settings(home=str(home), database_url="sqlite://", broker_url="memory://")
    runtime = Runtime(settings=settings, home=home, store=store, secret=b"s" * 32, clock=lambda: make.NOW, load=load)
    rows = ring.size(10_000, 120)
    due = _rows(runtime, received, rows, ring)
    minutes = sorted({make.NOW + timedelta(minutes=-(-(at - make.NOW) // timedelta(minutes=1))) for at in due.values()})
    with ThreadPoolExecutor(SWEEPERS) as pool:
        for minute in minutes:
            list(pool.map(_sweep, [runtime.at(minute)] * SWEEPERS))
    sent: dict[str, list[datetime]] = {}
    for owner_id in {key.split(":")[1] for key in due}:
        for each in journal(received, owner_id):
            sent.setdefault(each["key"], []).append(datetime.fromisoformat(each["at"]))
    late = sorted((sent[runtime.message_id(key)][0] - at).total_seconds() for key, at in due.items())
    p99 = late[int(len(late) * 0.99)]
    ring.record(rows=rows, sweepers=SWEEPERS, sent=len(sent), lateness_p99=f"{p99:.0f} s", latest=f"{late[-1]:.0f} s")
    assert Counter(map(len, sent.values())) == {1: rows}
    assert p99 <= LATE
    assert late[0] >= 0


def _rows(runtime: Runtime, received: Path, count: int, ring: Ring) -> dict[str, datetime]:
    """So many mails of many owners, due at random moments; key → when."""
    chance, found = ring.chance("rows"), dict[str, datetime]()
    owners = [make.owner(runtime.store, f"owner{number}@example.org") for number in range(min(OWNERS, count))]
    for number, owner_id in enumerate(owners):
        with runtime.store.transaction(owner_id) as tx:
            there: Any = accounts.ensure_account(
                tx, provider="receiver", settings={"folder": str(received)}, now=make.NOW
            )
            for turn in range(number, count, len(owners)):
                at, key = make.NOW + timedelta(seconds=chance.randrange(DAYS * 86_400)), f"alarm:{owner_id}:{turn}"
                intent = Intent(key=key, kind="alarm", payload={"lines": ["A line."]}, run_at=at, account_id=there.id)
                outbox.put(tx, intent, make.NOW)
                found[key] = at
    return found


def _sweep(runtime: Runtime) -> None:
    """What a sweep wakes, done by whoever swept."""
    for name, row_id in upkeep.sweep(runtime, alarm=False).wake:
        if name == "deliver":
            deliver.deliver(runtime, row_id)


def test_after_two_weeks_off_there_is_one_digest_and_nothing_late(on_sqlite: Staging, ring: Ring) -> None:
    """B11: what is past its time stays away, follow-ups come, and no alarm is raised for a pause of our own."""
    stage = on_sqlite()
    people = [story.begin(stage, number, connected=number % 2 == 0) for number in range(2)]
    story.until_settled(stage)
    story.accept(stage, people)
    stage.at(story.TUESDAY - timedelta(minutes=1))
    story.until_settled(stage)
    back = story.TUESDAY + timedelta(days=14)
    stage.at(back)
    story.until_settled(stage, at_least=3)
    wrong: list[str] = []
    for person in people:
        (digest,) = (each for each in story.MAILS if each.kind == "digest")
        once = replace(digest, not_before=back, not_after=back + timedelta(hours=6))
        both = (story.follow_up(story.ANN), story.follow_up(story.BO))
        wanted = replace(person.wanted(), mails=(once,), made=both, standing=both)
        wrong += story.complaints(person.history(stage), wanted)
    ring.record(days_off=14, wrong=len(wrong))
    assert wrong == []
