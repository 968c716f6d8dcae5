"""Not now: until when somebody is left in peace. Pure; called by the pages and the command.

The choices are those of PRODUCT.md section 4, "Snooze".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from keepwarm.pace import Pace, digest_at
from keepwarm.texts import mark
from keepwarm.zones import local, week_name

CHOICES: dict[str, str] = {
    "tomorrow": mark("tomorrow"),
    "digest": mark("until the next weekly mail"),
    "two_weeks": mark("two weeks"),
    "month": mark("a month"),
    "three_months": mark("three months"),
}


def until(choice: str, now: datetime, pace: Pace) -> date:
    """The day on which they may be named again, by the owner's clock. Raises KeyError for what is no choice."""
    today = local(now, pace.zone).date()
    days: dict[str, date] = {
        "tomorrow": today + timedelta(days=1),
        "digest": _next_digest(now, pace),
        "two_weeks": today + timedelta(weeks=2),
        "month": today + relativedelta(months=1),
        "three_months": today + relativedelta(months=3),
    }
    return days[choice]


def _next_digest(now: datetime, pace: Pace) -> date:
    """The day of the first digest after today."""
    today = local(now, pace.zone).date()
    days = (local(digest_at(week_name(today + timedelta(weeks=n)), pace), pace.zone).date() for n in range(3))
    return next(day for day in days if day > today)
