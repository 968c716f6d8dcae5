"""Talks ahead, each with its question list, those to look back on, and follow-ups moved or removed by hand."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.aftertalk import TEXT_LONGEST
from keepwarm.bounds import YEARS
from keepwarm.errors import NotFound, NotPossible
from keepwarm.followups import uid_of
from keepwarm.foreign import shown
from keepwarm.questions import FOR_ONE_TALK, LONGEST, prepare
from keepwarm.store import Tx, booking, contacts, follow_ups, held, talks, views
from keepwarm.store.views import TalkRow
from keepwarm.talks import NotATalk
from keepwarm.zones import local, to_utc
from service import sending
from service.desk import Desk, done, here, sorry, to
from service.pages.calendar import page_of
from service.refusing import refused
from service.sending import asked_brief
from service.wake import refresh_accounts, wake_outbox
from service.words import GOALS, TALK_TYPES
from workers import nextsteps

pages = Blueprint("coming", __name__)

DAYS = 60  # eight weeks of follow-ups, and a little more
NEXT = 5  # follow-ups beside the talks; the calendar has all
LATER = {"day": timedelta(days=1), "week": timedelta(days=7)}  # one tap moves a follow-up by so much


@pages.get("/coming")
def overview() -> ResponseReturnValue:
    desk = here()
    refresh_accounts(desk)
    with desk.reading() as tx:
        upcoming = views.upcoming(tx, now=desk.now, days=DAYS, stored=True)
        open_ones = [each for each in held.held_talks(tx, views.world(tx, desk.now, only=[])) if not each.noted]
        next_ones = upcoming.follow_ups[:NEXT]
        ids = {each for talk in upcoming.talks for each in talk.contacts}
        ids |= {each for talk in open_ones for each in talk.contacts} | {each.contact_id for each in next_ones}
        everybody = contacts.contact_rows(tx, sorted(ids), desk.now)
    return render_template(
        "coming.html", upcoming=upcoming, follow_ups=next_ones, more=len(upcoming.follow_ups) > NEXT,
        open_ones=open_ones, everybody=everybody,
    )  # fmt: skip


def coming_talk(desk: Desk, tx: Tx, event_id: str) -> TalkRow:
    """The coming talk; NotFound for an event that is none, is over, or is another owner's."""
    found = views.talk(tx, event_id, desk.now)
    if isinstance(found, NotATalk):
        raise NotFound("This event is not a talk.")
    return found


@pages.get("/coming/talk/<event_id>")
def talk(event_id: str) -> ResponseReturnValue:
    """One talk: who, when, why this list, and the question list as it would be sent now."""
    desk = here()
    with desk.reading() as tx:
        if _has_begun(desk, tx, event_id):
            return to("talks.after", event_id=event_id)
        found = coming_talk(desk, tx, event_id)
        people = contacts.contacts(tx, states=None, now=desk.now, ids=found.contacts)
        questions = prepare(views.situation(tx, found.contacts[0], desk.now, event_id=event_id))
    return render_template(
        "talk.html", talk=found, people=people, questions=questions, types=TALK_TYPES, goals=GOALS, longest=LONGEST,
        full=found.choice is not None and len(found.choice.questions) >= FOR_ONE_TALK,
        changed=bool(found.choice and found.choice.own), by_hand=booking.by_hand(found.event),
    )  # fmt: skip


def _has_begun(desk: Desk, tx: Tx, event_id: str) -> bool:
    """Whether it is a talk that began: then there is something to write down about it. NotFound for no event."""
    if views.event(tx, event_id).start_at > desk.now:
        return False
    held.held_talk(tx, event_id, desk.now)
    return True


@pages.post("/coming/talk/<event_id>/type")
def set_type(event_id: str) -> ResponseReturnValue:
    """Another type of list, or none at all for this talk."""
    desk, _ = here(), here().texts
    wanted = request.form.get("type", "")
    with desk.writing() as tx:
        found = coming_talk(desk, tx, event_id)
        if wanted == "none":
            talks.settle(tx, found.event.id, desk.now, no_brief=True)
        elif wanted in TALK_TYPES:
            talks.settle(tx, found.event.id, desk.now, type=wanted, no_brief=False)
        else:
            abort(400)
        done(tx, _("Saved."))
    return to("coming.talk", event_id=event_id)


@pages.post("/coming/talk/<event_id>/purpose")
def set_purpose(event_id: str) -> ResponseReturnValue:
    """What this talk is for, and what to read before it."""
    desk, _ = here(), here().texts
    goal = request.form.get("goal", "")
    reading = shown(request.form.get("reading", "")).strip()[:TEXT_LONGEST]
    with desk.writing() as tx:
        found = coming_talk(desk, tx, event_id)
        talks.settle(tx, found.event.id, desk.now, goal=goal if goal in GOALS and goal else None, reading=reading)
        done(tx, _("Saved. The question list follows it."))
    return to("coming.talk", event_id=event_id)


@pages.post("/coming/talk/<event_id>/send")
def send(event_id: str) -> ResponseReturnValue:
    """Send the question list to the owner now, through the outbox like every mail."""
    desk = here()
    with desk.reading() as tx:
        found = coming_talk(desk, tx, event_id)
    with desk.writing() as tx:
        sending.ask(desk, tx, "brief", asked_brief(desk.runtime, tx, found, desk.now))
    wake_outbox(desk.runtime, desk.owner.id)
    return to("coming.talk", event_id=event_id)


# --- follow-ups, moved or removed by the owner's own hand ------------------------------------------------------------


@pages.post("/coming/follow-up/<follow_up_id>/move")
def move(follow_up_id: str) -> ResponseReturnValue:
    """To the moment given, or with one tap a day or a week later at the same hour."""
    desk, _ = here(), here().texts
    with desk.reading() as tx:
        found = follow_ups.follow_up(tx, follow_up_id)
    if found.state not in nextsteps.LIVE:
        sorry(_(nextsteps.GONE))
        return _to_calendar(found.at)
    later = LATER.get(request.form.get("later", ""))
    at = _shifted(desk, found.at, later) if later else _wall(desk, request.form.get("at", ""))
    if at is None or at <= desk.now:
        return refused(_("Choose a day and hour that is still ahead."), partial(page_of, _month(found.at)))
    if not found.account_id:  # ours, which shows it at once
        with suppress(NotFound):  # not in the calendar yet
            desk.runtime.open_local(desk.owner.id).move_event(uid_of(found.id), at)
    with desk.writing() as tx:
        nextsteps.move(desk.runtime, tx, found.id, at)
        moment = desk.texts.moment(at, desk.owner.zone)
        done(tx, _("Moved to {moment}. It stays where you put it.", moment=moment))
    wake_outbox(desk.runtime, desk.owner.id)
    return _to_calendar(at)


def _to_calendar(at: datetime) -> ResponseReturnValue:
    """The month of that moment, where the follow-up is seen."""
    return to("calendar.overview", month=_month(at))


def _month(at: datetime) -> str:
    return f"{local(at, here().owner.zone):%Y-%m}"


def _shifted(desk: Desk, at: datetime, by: timedelta) -> datetime:
    """The same hour on the clocks of the owner, so much later, and in any case ahead of now."""
    wall = local(at, desk.owner.zone)
    day = max(wall.date(), local(desk.now, desk.owner.zone).date()) + by
    return to_utc(day, wall.time(), desk.owner.zone)


def _wall(desk: Desk, text: str) -> datetime | None:
    """A wall time of the owner's zone, as a form sends it, in UTC."""
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return None
    if wall.tzinfo is not None or wall.year not in YEARS:
        return None
    return to_utc(wall.date(), wall.time(), desk.owner.zone)


@pages.post("/coming/follow-up/<follow_up_id>/remove")
def remove(follow_up_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.reading() as tx:
        found = follow_ups.follow_up(tx, follow_up_id)
    try:
        with desk.writing() as tx:
            nextsteps.take_away(tx, found.id, desk.now)
            done(tx, _("Removed. It will not come back before you two have been in touch again."))
    except NotPossible as problem:
        sorry(_(str(problem)))
        return _to_calendar(found.at)
    if not found.account_id:  # ours, which shows it at once
        desk.runtime.open_local(desk.owner.id).delete_event("", uid_of(found.id))
    wake_outbox(desk.runtime, desk.owner.id)
    return _to_calendar(found.at)
