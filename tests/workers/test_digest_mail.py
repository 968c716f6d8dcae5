"""The weekly mail: one a local week, at its hour, nothing when there is nothing to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.workers.conftest import House

TUESDAY = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # 08:30 in Amsterdam
PEOPLE = ["Ann Example <ann@example.com>", "Bo Example <bo@example.com>"]


def digests(house: House) -> int:
    return sum(subject == "Your people this week" for subject in house.mails())


def test_it_comes_on_tuesday_at_half_past_eight(house: House) -> None:
    house.knows(*PEOPLE, days_ago=200)
    house.at(TUESDAY - timedelta(minutes=1)).drain()
    assert digests(house) == 0
    house.at(TUESDAY).drain()
    assert digests(house) == 1


def test_one_a_week_however_often_we_look(house: House) -> None:
    house.knows(*PEOPLE, days_ago=200)
    house.at(TUESDAY)
    for _ in range(30):
        house.drain()
        house.later(hours=7)
    assert digests(house) == 2  # nine days: two Tuesdays


def test_nothing_to_say_means_no_mail(house: House) -> None:
    house.at(TUESDAY).drain()
    assert house.rows("digest") == []


def test_after_two_weeks_off_only_the_newest_comes(house: House) -> None:
    house.knows(*PEOPLE, days_ago=200)
    house.at(TUESDAY + timedelta(days=14, hours=1)).drain()
    assert digests(house) == 1


def test_too_late_in_the_day_it_waits_for_next_week(house: House) -> None:
    house.knows(*PEOPLE, days_ago=200)
    house.at(TUESDAY + timedelta(hours=7)).drain()
    assert digests(house) == 0


def test_it_remembers_whom_it_named(house: House) -> None:
    ids = house.knows(*PEOPLE, days_ago=200)
    house.at(TUESDAY).drain()
    assert set(house.rows("digest")[0].payload["people"]) == set(ids)
