"""Birthdays: the next one, leap days too, and nothing for what is no day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.birthdays import next_birthday

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("written", "today", "on"),
    [
        ("1980-11-25", TODAY, date(2026, 11, 25)),
        ("1980-11-24", TODAY, date(2027, 11, 24)),
        ("--12-01", TODAY, date(2026, 12, 1)),
        ("--01-01", date(2026, 12, 31), date(2027, 1, 1)),
        ("1996-02-29", date(2026, 2, 1), date(2026, 2, 28)),  # the month stays theirs
        ("1996-02-29", date(2028, 2, 1), date(2028, 2, 29)),
        ("1996-02-29", date(2027, 3, 1), date(2028, 2, 29)),
        ("1980-02-30", TODAY, None),
        ("1980-13-01", TODAY, None),
        ("25 November", TODAY, None),
        ("", TODAY, None),
    ],
)
def test_the_next_one(written: str, today: date, on: date | None) -> None:
    assert next_birthday(written, today) == on


@given(born=st.dates(date(1900, 1, 1)), today=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_it_lies_within_a_year_and_on_its_day(born: date, today: date) -> None:
    found = next_birthday(born.isoformat(), today)
    assert found is not None
    assert 0 <= (found - today).days <= 366
    assert (found.month, found.day) in {(born.month, born.day), (2, 28)}
