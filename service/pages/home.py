"""Today: what is coming, who is due, how many people to judge; three calm steps for somebody who has just begun."""

from __future__ import annotations

from datetime import date
from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from keepwarm.digests import OWED_AT_MOST
from keepwarm.freshness import Freshness, explain
from keepwarm.owed import pressing, says
from keepwarm.store import accounts, contacts, duties, held, occasions, planning, plans, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.owed import owed
from keepwarm.store.views import World
from service.connecting import CONSENTING, INNER
from service.desk import here
from service.pages.consent import choices
from service.pages.plan import parted
from service.wake import refresh_accounts

pages = Blueprint("home", __name__)

DAYS = 7
STEPS_AT_MOST = 3  # ours: the page of the plan has the others
DUE_AT_MOST = 5  # PRODUCT.md section 4: five people a week


def _in_turn(row: ContactRow, soon: set[str], today: date) -> bool:
    """Neither left in peace nor met this week anyway."""
    return row.id not in soon and not (row.paused_until and row.paused_until > today)


def _why(at_now: World, row: ContactRow, value: Freshness) -> str:
    return explain(at_now.texts, value, circle=row.circle, now=at_now.now, goal=row.goal)


@pages.get("/")
def today() -> ResponseReturnValue:
    desk = here()
    refresh_accounts(desk)
    with desk.reading() as tx:
        counted = views.people_by_state(tx)
        at_now = views.world(tx, desk.now)
        upcoming = views.upcoming(tx, now=desk.now, days=DAYS, stored=True, at_now=at_now)
        batches = accounts.batches(tx)
        connected = any(each.provider not in INNER for each in accounts.accounts(tx))
        overdue = [duty for duty in duties.duties(tx, desk.now) if duty.overdue]
        over = [each for each in held.held_talks(tx, at_now) if not each.noted]
        plan = next((each for each in plans.plans(tx) if not each.resting), None)
        owes = pressing(owed(tx, at_now), desk.now)
        birthdays, news = occasions.birthdays(tx, at_now, DAYS), occasions.new_roles(tx, at_now)
        steps = parted(planning.planned(tx, at_now, plan))["now"] if plan else []
        soon = {each for talk in upcoming.talks for each in talk.contacts}
        everybody = contacts.contact_rows(tx, sorted(soon), desk.now)
        late = (each for each in views.latest(tx, at_now) if _in_turn(each[0], soon, at_now.today))
        due = list(islice(late, DUE_AT_MOST + 1))
    return render_template(
        "home.html",
        to_judge=counted.get("proposed", 0),
        active=counted.get("active", 0),
        upcoming=upcoming,
        everybody=everybody,
        due=[(row, _why(at_now, row, value)) for row, value in due[:DUE_AT_MOST]],
        more_due=len(due) > DUE_AT_MOST,
        over=over,
        owes=[(each, says(each, desk.now, desk.owner.zone, desk.texts)) for each in owes[:OWED_AT_MOST]],
        birthdays=birthdays,
        new_roles=news,
        plan=plan,
        steps=steps[:STEPS_AT_MOST],
        running=next((batch for batch in batches if not batch.finished_at and not batch.undone_at), None),
        any_files=connected or any(not batch.undone_at for batch in batches),
        overdue=overdue,
        ready=[CONSENTING[each] for each, can in choices(desk).items() if can] if not counted.get("active") else [],
    )
