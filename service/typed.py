"""Numbers and days that somebody typed into a form or an address, within the bounds of `keepwarm.bounds`.

Called by every page that takes one. What cannot be read is None, and the page says so or goes without.
"""

from __future__ import annotations

from datetime import date

from keepwarm.bounds import YEARS
from keepwarm.texts import mark

KEYS = range(1 << 31)  # numbers of rows: what an integer of either database holds
PAGES = range(100_000)  # of a list; ours: far more than any has
NO_NUMBER = mark("“{told}” is not a number from 0 to {most}.")
NO_DAY = mark("“{told}” is no day from 1900 to 2200, like 2027-01-04.")


def number(text: str, within: range) -> int | None:
    """The number, written in plain digits; leading zeros mean nothing."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    digits = digits.lstrip("0") or "0"
    found = int(digits) if len(digits) <= len(str(within[-1])) else -1
    return found if found in within else None


def day(text: str) -> date | None:
    """The day, written as 2027-01-04."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None
