"""Rhythm and limits: three switches, how many people, which day; and exactly what will be written, and where."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from integrations.base import CalendarWriter, MailSender
from keepwarm.followups.events import TITLES
from keepwarm.pace import Pace
from keepwarm.store import accounts, beginning, views
from keepwarm.store.accounts import Owner
from keepwarm.store.beginning import SHOWS
from service.desk import Desk, here, say, to
from service.pages.first.way import pages, settle, shown

DAYS = 60  # eight weeks of the planner, and a little more, as on the page of what is coming
FIRST = 8  # entries shown unfolded; ours
PEOPLE = (3, 5, 7)  # PRODUCT.md section 4, "Digest"
WRITTEN = ("placed", "moved")  # states of an entry that stands in the calendar
EVENINGS = ("18:00", "19:00", "20:00", "21:00")
# switch → the kinds of mail that it stops
MAILS: dict[str, tuple[str, ...]] = {"digest": ("digest",), "brief": ("brief", "note")}


@pages.get("/rhythm")
def rhythm() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        ahead = views.upcoming(tx, now=desk.now, days=DAYS, stored=False).follow_ups
        waits_until = beginning.waits_until(tx, desk.owner, desk.now)
        held = {each.id: each.name for each in accounts.accounts(tx)}
        calendar, mailbox = (desk.runtime.way_out(tx, each) for each in (CalendarWriter, MailSender))
    pace = accounts.pace_of(desk.owner)
    standing = {each.id for each in ahead if each.state in WRITTEN}
    return shown(
        "rhythm", waits_until=waits_until, standing=standing, pace=pace,
        ahead=ahead, first=FIRST, people=PEOPLE, evenings=EVENINGS, title=TITLES[""],
        switched=switches(desk.owner, pace), calendar=held.get(calendar or "", ""), mailbox=held.get(mailbox or "", ""),
    )  # fmt: skip


def switches(owner: Owner, pace: Pace) -> dict[str, bool]:
    found = {name: owner.stopped.isdisjoint(kinds) for name, kinds in MAILS.items()}
    return {**found, "calendar": pace.weekly_follow_ups > 0}


@pages.post("/rhythm")
def save_rhythm() -> ResponseReturnValue:
    """Keep it. With ``look`` only to see what it changes; after anything else the calendar no longer waits."""
    desk = here()
    with desk.writing() as tx:
        accounts.update_owner(tx, settings=_told(desk))
        if not request.form.get("look"):
            settle(tx, SHOWS)
    if request.form.get("look"):
        say(desk.texts("Saved. Below is what it comes to now."))
        return to("first.rhythm", _anchor="entries")
    return to("first.done")


def _told(desk: Desk) -> dict[str, Any]:
    form, owner = request.form, desk.owner
    off = {kind for name, kinds in MAILS.items() if not form.get(name) for kind in kinds}
    every = {kind for kinds in MAILS.values() for kind in kinds}
    found: dict[str, Any] = {"stopped": sorted((owner.stopped - every) | off) or None}
    number, day, quiet = form.get("people", ""), form.get("day", ""), form.get("quiet", "")
    if number in {str(each) for each in PEOPLE}:
        found["weekly_people"] = int(number)
    if day in {str(each) for each in range(7)}:
        found["digest_weekday"] = int(day)
    if quiet in EVENINGS:
        found["quiet_from"] = quiet
    many = owner.settings.get("weekly_follow_ups") or None  # None: as many as we propose
    return {**found, "weekly_follow_ups": many if form.get("calendar") else 0}
