"""Today: what is coming, who is due, how many people to judge; the first steps for somebody who has just begun."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from keepwarm.digests import OWED_AT_MOST
from keepwarm.owed import pressing, says
from keepwarm.store import accounts, contacts, duties, held, occasions, planning, plans, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.owed import owed
from service.desk import here
from service.pages.plan import parted
from service.people import person
from service.wake import refresh_accounts

pages = Blueprint("home", __name__)

DAYS = 7
STEPS_AT_MOST = 3  # ours: the page of the plan has the others
DUE_AT_MOST = 5  # PRODUCT.md section 4: five people a week


def _in_turn(row: ContactRow, soon: set[str], today: date) -> bool:
    """Neither left in peace nor met this week anyway."""
    return row.id not in soon and not (row.paused_until and row.paused_until > today)


@pages.get("/")
def today() -> ResponseReturnValue:
    desk = here()
    refresh_accounts(desk)
    with desk.reading() as tx:
        health = views.health(tx, desk.now)
        upcoming = views.upcoming(tx, now=desk.now, days=DAYS, stored=True)
        rows = contacts.contacts(tx, states=["active"], now=desk.now)
        batches = accounts.batches(tx)
        overdue = [duty for duty in duties.duties(tx, desk.now) if duty.overdue]
        at_now, known = views.world(tx, desk.now), views.known_people(tx)
        over = [each for each in held.held_talks(tx, at_now) if not each.noted]
        plan = next((each for each in plans.plans(tx) if not each.resting), None)
        owes = pressing(owed(tx, at_now), desk.now)
        birthdays, news = occasions.birthdays(tx, at_now, DAYS), occasions.new_roles(tx, at_now)
        steps = parted(planning.planned(tx, at_now, plan))["now"] if plan else []
    people = [person(row, at_now, known) for row in rows]
    soon = {each for talk in upcoming.talks for each in talk.contacts}
    late = [each for each in people if each.freshness.lateness >= 1 and _in_turn(each.row, soon, at_now.today)]
    due = sorted(late, key=lambda each: -each.freshness.lateness)
    return render_template(
        "home.html",
        to_judge=health.people.get("proposed", 0),
        active=len(rows),
        upcoming=upcoming,
        everybody={row.id: row for row in rows},
        due=due[:DUE_AT_MOST],
        due_count=len(due),
        over=over,
        owes=[(each, says(each, desk.now, desk.owner.zone, desk.texts)) for each in owes[:OWED_AT_MOST]],
        birthdays=birthdays,
        new_roles=news,
        plan=plan,
        steps=steps[:STEPS_AT_MOST],
        running=next((batch for batch in batches if not batch.finished_at and not batch.undone_at), None),
        overdue=overdue,
    )
