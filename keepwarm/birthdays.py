"""Birthdays, as address books write them. Pure; called by `keepwarm.store.occasions`."""

from __future__ import annotations

import re
from datetime import date, timedelta

_WRITTEN = re.compile(r"(\d{4}|-)-?(\d{2})-(\d{2})")


def next_birthday(written: str, today: date) -> date | None:
    """The next one from ``today`` on, "YYYY-MM-DD" or "--MM-DD"; None for what is no day.

    Whoever was born on 29 February has it on the 28th in other years: the month stays theirs.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    month, day = int(found[2]), int(found[3])
    days = (_in(year, month, day) for year in (today.year, today.year + 1))
    return next((each for each in days if each and each >= today), None)


def _in(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1) - timedelta(days=1) if (month, day) == (2, 29) else None
