"""A4: what kills its process each time is given up after five, is shown, and the others' work goes on."""

from __future__ import annotations

from collections import Counter

import pytest

from keepwarm.store import accounts, duties, outbox
from tests.rings.conftest import Ring
from tests.rings.crash import story
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import LEASE, Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TRIES = 5  # RELIABILITY.md A4


@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("before commit workers.deliver._carry_out #1", "failed"),  # it may be tried again, and is
        ("before call receiver.send #1", "unknown"),  # it may have left
    ],
    ids=["before the call", "at the call"],
)
def test_a_mail_that_kills_its_process_is_given_up_and_shown(
    on_sqlite: Staging, ring: Ring, point: str, state: str
) -> None:
    stage = on_sqlite()
    people = [story.begin(stage, number, connected=True) for number in range(2)]
    poisoned, other = people
    story.until_settled(stage)
    story.accept(stage, people)
    stage.at(story.TUESDAY)
    stage.arms.arm({poisoned.id: [point]}, always=True)
    rounds(stage, 8)
    deaths = Counter(each.row for each in stage.arms.ended())
    ring.record(deaths_of_the_worst=max(deaths.values(), default=0), rows=len(deaths))
    with stage.store.reading(poisoned.id) as tx:
        mails = {row.state for row in outbox.rows(tx) if row.kind in {"brief", "digest"}}
        aside = {each.position for each in duties.quarantined(tx)}
        given_up = {row.id for row in outbox.rows(tx, states=["failed"])}
    assert mails == {state}
    assert given_up <= aside
    assert set(deaths.values()) == {TRIES if state == "failed" else 1}
    assert [
        each for each in story.wrong(stage, other) if not any(word in each for word in ("note", "Bo", "alarm"))
    ] == []


def test_a_mailbox_that_kills_its_process_is_given_up_and_shown(on_sqlite: Staging, ring: Ring) -> None:
    stage = on_sqlite()
    poisoned = story.begin(stage, 1, connected=True)
    stage.arms.arm({poisoned.id: ["page receiver.changes #1"]}, always=True)
    rounds(stage, 8)
    with stage.store.reading(poisoned.id) as tx:
        found = {each.provider: (each.last_error, each.stale_since) for each in accounts.streams(tx)}
        aside = [each.place for each in duties.quarantined(tx)]
    error, stale = found["receiver"]
    assert (bool(error), stale, aside) == (True, None, ["stream"])
    assert found["files"] == ("", None)


def rounds(stage: Stage, count: int) -> None:
    for _ in range(count):
        stage.sweep()
        stage.later(LEASE)
