"""The calendar of follow-ups: a month of talks, follow-ups, promises and birthdays, and how to subscribe to it."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from babel.dates import format_date
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.store.month import Entry, month
from keepwarm.zones import local
from service.desk import Desk, here
from service.feed import feed_path
from service.wake import refresh_accounts

pages = Blueprint("calendar", __name__)

FIRST, LAST = date(1970, 1, 1), date(2999, 12, 1)  # months that can be looked at


@pages.get("/calendar")
def overview() -> ResponseReturnValue:
    return page_of(request.args.get("month", ""))


def page_of(asked: str) -> str:
    """The page of a month given as "2026-12"; of this one for anything odd."""
    desk = here()
    refresh_accounts(desk)
    today = local(desk.now, desk.owner.zone).date()
    first = _asked(asked) or today.replace(day=1)
    with desk.reading() as tx:
        entries = month(tx, desk.now, first)
    return render_template(
        "calendar.html", title=format_date(first, "LLLL y", locale=desk.texts.lang), weeks=_weeks(first),
        days=_by_day(entries), first=first, today=today, earlier=_other(first, -1), later=_other(first, 1),
        live=("planned", "placed", "moved"), feed=feed_address(desk),
    )  # fmt: skip


def feed_address(desk: Desk) -> str:
    """Where calendar programs find the feed: under the public address, else where this page was asked for."""
    base = (desk.runtime.settings.public_url or request.host_url).rstrip("/")
    return f"{base}{feed_path(desk.runtime, desk.owner)}"


def _asked(text: str) -> date | None:
    """The first day of a month given as "2026-12"."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if FIRST <= found <= LAST and len(text) == 7 else None


def _other(first: date, months: int) -> str:
    """The month before or after; empty beyond what can be looked at."""
    day = first - timedelta(days=1) if months < 0 else first + timedelta(days=31)
    return f"{day:%Y-%m}" if FIRST <= day.replace(day=1) <= LAST else ""


def _weeks(first: date) -> list[list[date | None]]:
    """The weeks of the month from Monday on; None for a day of another month."""
    whole = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [[day if day.month == first.month else None for day in week] for week in whole]


def _by_day(entries: list[Entry]) -> dict[date, list[Entry]]:
    """In order of day."""
    found: dict[date, list[Entry]] = {}
    for each in entries:
        found.setdefault(each.on, []).append(each)
    return found
