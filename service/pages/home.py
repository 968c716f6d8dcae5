"""Today: talks ahead with their questions, the people of this week, thanks and notes owed, new people; nothing else.

For somebody who has just begun: the first steps.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from keepwarm.digests import OWED_AT_MOST
from keepwarm.owed import pressing, says
from keepwarm.store import accounts, duties, held, views
from keepwarm.store.owed import owed
from service.ahead import ahead
from service.desk import here
from service.wake import refresh_accounts
from service.week import DAYS, this_week

pages = Blueprint("home", __name__)

ASKED_OF = 3  # talks whose questions unfold here; ours: the page Talks has the others
NOTES_AT_MOST = 3  # ours


@pages.get("/")
def today() -> ResponseReturnValue:
    desk = here()
    refresh_accounts(desk)
    with desk.reading() as tx:
        batches = accounts.batches(tx)
        overdue = [duty for duty in duties.duties(tx, desk.now) if duty.overdue]
        at_now = views.world(tx, desk.now)
        views.meet_spoken_of(at_now)
        talks = views.talks_until(tx, at_now, desk.now + timedelta(days=DAYS))
        week = this_week(tx, at_now, met={each for talk in talks for each in talk.contacts})
        owes = pressing(owed(tx, at_now), desk.now)[:OWED_AT_MOST]
        values = {
            "talks": ahead(tx, at_now, talks, asked_of=ASKED_OF),
            "over": [each for each in held.held_talks(tx, at_now) if not each.noted][:NOTES_AT_MOST],
            "to_judge": views.to_judge(tx),
            "active": len(at_now.people),
        }
    return render_template(
        "home.html",
        week=week,
        owes=[(each, says(each, desk.now, desk.owner.zone, desk.texts)) for each in owes],
        running=next((batch for batch in batches if not batch.finished_at and not batch.undone_at), None),
        overdue=overdue,
        everybody=at_now.people,
        **values,
    )
