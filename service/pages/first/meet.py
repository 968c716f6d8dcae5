"""The first thing of value while the rest is read: the next meeting with its questions, and the people found."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, request
from flask.typing import ResponseReturnValue

from keepwarm.foreign import one_line
from keepwarm.questions import FOR_ONE_TALK, LONGEST, prepare
from keepwarm.store import Tx, accounts, contacts, firstlook, likely, talks, views
from keepwarm.store.firstlook import Meeting
from keepwarm.talks import NotATalk
from service import sending
from service.connecting import INNER
from service.desk import Desk, done, here, say, sorry, to
from service.pages.first.way import pages, shown
from service.people import person
from service.refusing import refused
from service.sending import asked_brief
from service.unread import Unread, lately
from service.wake import refresh_accounts, wake_outbox

BEST = 3  # people shown as a first impression; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was read so far. ``troubles``: why something cannot be read, as sentences; ``refused``: files of no use."""

    reading: bool
    mails: int
    events: int
    people: int
    troubles: list[str]
    refused: list[Unread]
    anything: bool


@pages.get("/meet")
def meet() -> ResponseReturnValue:
    desk = here()
    refresh_accounts(desk)
    with desk.reading() as tx:
        counts = _counts(tx, desk)
        rows = contacts.contacts(tx, states=["proposed"], now=desk.now, limit=BEST)
        at_now, known = views.world(tx, desk.now, only=[]), likely.known_like(tx, rows)
        meeting = firstlook.next_meeting(tx, desk.now)
        asked = firstlook.questions_for(tx, meeting, desk.now) if meeting else None
    people = [person(row, at_now, known) for row in rows]
    return shown(
        "meet", counts=counts, people=people, meeting=meeting, asked=asked, found=prepare(asked) if asked else None
    )


def _counts(tx: Tx, desk: Desk) -> Counts:
    health = views.health(tx, desk.now)
    batches = [each for each in accounts.batches(tx) if not each.undone_at]
    held = [each for each in accounts.accounts(tx) if each.provider not in INNER]
    errors = [desk.texts(each.last_error) for each in health.streams if each.last_error]
    return Counts(
        reading=firstlook.being_read(tx) or any(not each.finished_at for each in batches),
        mails=health.mails,
        events=health.events,
        people=health.people.get("proposed", 0) + health.people.get("active", 0),
        troubles=list(dict.fromkeys(errors)),
        refused=lately(tx, desk.texts, batches),
        anything=bool(held) or any(not each.barren for each in batches),
    )


def _meeting(tx: Tx, desk: Desk, event_id: str) -> Meeting:
    return firstlook.meeting_of(tx, event_id, desk.now) or abort(404)


@pages.post("/meet/<event_id>/ask")
def ask(event_id: str) -> ResponseReturnValue:
    """One more question for this talk, or one less."""
    desk, _ = here(), here().texts
    text, gone = one_line(request.form.get("text", ""), LONGEST), request.form.get("remove", "")
    with desk.writing() as tx:
        meeting = _meeting(tx, desk, event_id)
        choice = talks.talk_choice(tx, meeting.event.id)
        asked = list(choice.questions) if choice else []
        full = not gone and len(asked) >= FOR_ONE_TALK
        if gone:
            asked = [each for number, each in enumerate(asked, 1) if str(number) != gone]
        elif text and text not in asked and not full:
            asked.append(text)
        talks.settle(tx, meeting.event.id, desk.now, questions=asked)
    if full:
        return refused(_("Ten questions of your own is the most one talk holds."), meet)
    say(_("Saved."))
    return to("first.meet")


@pages.post("/meet/<event_id>/send")
def send(event_id: str) -> ResponseReturnValue:
    """The question list by mail, now; whom the talk is with comes into the network with it."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        meeting = _meeting(tx, desk, event_id)
        if vain := sending.in_vain(desk.owner, sending.latest(meeting.event), desk.now):
            sorry(_(sending.IN_VAIN[vain]))
            return to("first.meet")
        if not meeting.taken:
            firstlook.take_in(tx, meeting, desk.now)
            done(tx, _("Now in your network: {names}.", names=_.join(meeting.names)))
        talk = views.talk(tx, event_id, desk.now)
        if isinstance(talk, NotATalk):
            sorry(_("This meeting cannot be prepared any more. Nothing was sent."))
            return to("first.meet")
        sending.ask(desk, tx, "brief", asked_brief(desk.runtime, tx, talk, desk.now))
    wake_outbox(desk.runtime, desk.owner.id)
    return to("first.meet")
