"""Not now: each choice is a day ahead, and the next digest is really the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.pace import Pace, digest_at
from keepwarm.snooze import CHOICES, until
from keepwarm.zones import local, week_name

PACE = Pace(zone="Europe/Amsterdam", country="NL")
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)  # Wednesday


@pytest.mark.parametrize(
    ("choice", "day"),
    [
        ("tomorrow", date(2026, 11, 26)),
        ("digest", date(2026, 12, 1)),
        ("two_weeks", date(2026, 12, 9)),
        ("month", date(2026, 12, 25)),
        ("three_months", date(2027, 2, 25)),
    ],
)
def test_until_when(choice: str, day: date) -> None:
    assert until(choice, NOW, PACE) == day


def test_a_month_that_is_shorter_ends_on_its_last_day() -> None:
    assert until("month", datetime(2027, 1, 31, 9, tzinfo=UTC), PACE) == date(2027, 2, 28)


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(KeyError):
        until("for ever", NOW, PACE)


@given(minutes=st.integers(0, 5 * 366 * 24 * 60), choice=st.sampled_from([*CHOICES]))
def test_it_is_always_ahead(minutes: int, choice: str) -> None:
    now = NOW + timedelta(minutes=minutes)
    today = local(now, PACE.zone).date()
    day = until(choice, now, PACE)
    assert day > today
    if choice == "digest":
        assert local(digest_at(week_name(day), PACE), PACE.zone).date() == day
        assert (day - today).days <= 14
