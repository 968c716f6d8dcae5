"""What somebody typed as a number or a day, within bounds."""

from __future__ import annotations

from datetime import date

import pytest

from keepwarm.bounds import FIRST_DAY, LAST_DAY, PACE, RHYTHM_DAYS, day_within
from keepwarm.pace import Pace
from service import typed


@pytest.mark.parametrize(
    ("text", "within", "found"),
    [
        ("0", RHYTHM_DAYS, 0), ("3650", RHYTHM_DAYS, 3650), ("0090", RHYTHM_DAYS, 90), (" 7 ", RHYTHM_DAYS, 7),
        ("3651", RHYTHM_DAYS, None), ("00009999999", RHYTHM_DAYS, None), ("0" * 9000, RHYTHM_DAYS, 0),
        ("9" * 9000, RHYTHM_DAYS, None), ("", RHYTHM_DAYS, None), ("-1", RHYTHM_DAYS, None), ("1e2", RHYTHM_DAYS, None),
        ("²", RHYTHM_DAYS, None), ("٣", RHYTHM_DAYS, None), ("0", range(1, 9), None), ("2147483648", typed.KEYS, None),
    ],
)  # fmt: skip
def test_a_number_is_one_within_its_bounds_or_none(text: str, within: range, found: int | None) -> None:
    assert typed.number(text, within) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" 2027-01-04 ", date(2027, 1, 4)), ("1900-01-01", FIRST_DAY), ("2200-12-31", LAST_DAY), ("2201-01-01", None),
        ("2999-01-01", None), ("0001-01-01", None), ("9999-12-31", None), ("tomorrow", None), ("", None),
    ],
)  # fmt: skip
def test_a_day_is_one_within_its_years_or_none(text: str, found: date | None) -> None:
    assert typed.day(text) == found


def test_days_beyond_are_the_nearest_that_is_not() -> None:
    assert [day_within(each) for each in (date.min, date(2026, 5, 1), date.max)] == [
        FIRST_DAY, date(2026, 5, 1), LAST_DAY,
    ]  # fmt: skip


def test_the_defaults_of_a_pace_are_within_its_bounds() -> None:
    assert all(getattr(Pace(), name) in bounds for name, bounds in PACE.items())
