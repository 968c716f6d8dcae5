"""How far numbers and days may go: what a form takes, goes out in an export and comes in again. Pure.

Called by `keepwarm.portable`, and by the pages through `service.typed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

YEARS = range(1900, 2201)  # what the readers of calendars take (RELIABILITY.md E6)
FIRST_DAY, LAST_DAY = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
RHYTHM_DAYS = range(3651)  # 0: let go; ours: ten years is no rhythm any more
PACE: Mapping[str, range] = {  # numbers of `keepwarm.pace.Pace`; ours
    "weekly_people": range(21),
    "daily_nudges": range(6),
    "weekly_nudges": range(21),
    "weekly_follow_ups": range(21),
    "backlog_weeks": range(1, 53),
    "digest_weekday": range(7),
}


def day_within(day: date) -> date:
    """The day, or the nearest that is within YEARS: "never again before 2999" means the same in 2200."""
    return min(max(day, FIRST_DAY), LAST_DAY)
