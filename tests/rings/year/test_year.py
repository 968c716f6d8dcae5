"""A year in the life, simulated in minutes: calm, never late without need, and the same each time.

The report is kept as a golden file; `UPDATE_GOLDEN=1` writes it anew, to be read by a person.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from keepwarm.pace import is_quiet
from keepwarm.store import accounts, outbox
from keepwarm.zones import local, week_of
from tests.rings.year import report
from tests.rings.year.life import HOLIDAY, OUTAGE, ZONE, lives
from tests.workers.conftest import House

GOLDEN = Path(__file__).parent / "year.txt"


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_year_is_calm(quick_plain_house: House) -> None:
    house = quick_plain_house
    life = lives(house)
    with house.store.reading(house.owner_id) as tx:
        rows, pace = outbox.rows(tx, limit=100_000), accounts.pace_of(accounts.owner(tx))
    told, entries = report.sent(rows), house.follow_ups()
    over = [each for each in life.talks.values() if each.end_at < house.moment]

    text = report.page(rows, entries, len(over))
    print(text)  # noqa: T201 - what a person reads where it fails
    for week, number in report.by_week(rows, around_talks=False).items():
        assert number <= 2, f"{week}: a busy person would feel managed"
    for week, number in report.written(entries, owed=False).items():
        assert number <= 3, f"{week}: more entries than the ceiling"
    keys = Counter(each.key for each in told)
    assert max(keys.values()) == 1
    assert all(each.not_after is None or (each.settled_at or each.run_at) <= each.not_after for each in told)

    first_day = datetime.combine(OUTAGE[1], time(0), UTC)
    after_outage = [
        each for each in told if first_day <= (each.settled_at or each.run_at) < first_day + timedelta(days=7)
    ]
    assert sum(each.kind == "digest" for each in after_outage) <= 1
    unasked = [each for each in told if each.kind in {"digest", "nudge", "booked", "well"}]
    days = [local(each.settled_at or each.run_at, ZONE).date() for each in unasked if each.kind != "digest"]
    assert not [day for day in days if HOLIDAY[0] <= day < HOLIDAY[1]]
    assert not [each for each in unasked if is_quiet(each.run_at, pace)]
    asked = Counter(week_of(each.settled_at or each.run_at, ZONE) for each in told if each.kind == "digest")
    assert max(asked.values()) == 1
    assert sum(each.kind == "after" for each in told) <= len(over)

    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text
