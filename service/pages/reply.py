"""The pages behind the links in mails: one thing each, without signing in (RELIABILITY.md G18).

Opening a link shows what it is about and changes nothing: mail scanners open links. Only a button acts, and what it did
can be taken back on the next page. The link itself is the proof, so these forms carry no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from keepwarm import snooze
from keepwarm.aftertalk import TEXT_LONGEST
from keepwarm.errors import NotFound, NotPossible
from keepwarm.foreign import one_line, shown
from keepwarm.mails import KINDS, STOPPABLE
from keepwarm.store import Tx, accounts, changes, contacts, held, notes, talks, views
from keepwarm.talks import NotATalk
from keepwarm.texts import mark
from service import answers, sending, talknotes
from service.answers import ABOUT_NEW, ABOUT_PERSON, ANSWERS, Answer
from service.desk import Desk, runtime
from service.sending import IN_VAIN, ON_ITS_WAY, TWICE, asked_brief
from service.wake import wake_outbox
from service.words import GOALS, TALK_TYPES
from workers import links, undoing
from workers.links import Signed

pages = Blueprint("reply", __name__)

SAID_LONGEST = 500
TOO_OLD = mark("This link is too old, or not complete. Nothing was changed: open Keepwarm and do it there.")
LAST = mark("Take back what you did last through this mail?")
OVER = mark("What this link was about is no longer there. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One visit: whose, and what the link is about."""

    desk: Desk
    token: str
    signed: Signed

    @property
    def ref(self) -> str:
        return self.signed.ref


@pages.get("/reply/<token>")
def show(token: str) -> ResponseReturnValue:
    """What the link is about, with its buttons; changes nothing."""
    reply = _reply(token)
    if reply is None:
        return _gone(TOO_OLD)
    done = request.args.get("done", "")
    if done:
        return _done_page(reply, done)
    try:
        return SHOWS[reply.signed.about](reply)
    except NotFound:
        return _gone(OVER)


@pages.post("/reply/<token>")
def act(token: str) -> ResponseReturnValue:
    """What a button asks for."""
    reply = _reply(token)
    if reply is None:
        return _gone(TOO_OLD)
    try:
        return ACTS[reply.signed.about](reply)
    except NotFound:
        return _gone(OVER)


def _reply(token: str) -> Reply | None:
    """The visit behind a token, in its owner's language; None for one that does not hold, or whose owner is gone."""
    engine = runtime()
    signed = links.read(engine, token)
    if signed is None:
        return None
    try:
        with engine.store.reading(signed.owner_id) as tx:
            owner = accounts.owner(tx)
    except NotFound:
        return None
    desk = Desk(runtime=engine, owner=owner, texts=engine.texts(owner.lang), now=engine.now())
    g.texts = desk.texts
    return Reply(desk=desk, token=token, signed=signed)


def _gone(why: str) -> ResponseReturnValue:
    return render_template("reply_done.html", says=g.texts(why), undo="", again=""), 410


def _page(reply: Reply, template: str, **values: object) -> str:
    return render_template(
        template, token=reply.token, zone=reply.desk.owner.zone, do=request.args.get("do", ""), **values
    )


def _then(reply: Reply, done: str, tx: Tx | None = None) -> Response:
    """On to the page that says so, so that a reload repeats nothing; with a link that takes back what ``tx`` did."""
    latest, desk, undo = changes.latest(tx) if tx else None, reply.desk, ""
    if latest is not None and latest.at >= desk.now:
        signed = Signed(owner_id=desk.owner.id, about="undo", ref=str(latest.id))
        undo = links.token(links.key_of(desk.runtime), signed, desk.now)
    return redirect(url_for("reply.show", token=reply.token, done=done, undo=undo or None), 303)


SAYS: dict[str, str] = {
    "noted": mark("Noted. It comes back before the next talk."),
    "nothing": mark("There was nothing to keep yet."),
    "settled": mark("Saved. Your questions follow it."),
    "sent": mark("The question list is on its way to you."),
    "waits": ON_ITS_WAY["brief"][2],
    "twice": TWICE,
    **IN_VAIN,
    "promise": mark("A promise kept."),
    "stopped": mark("You get no more of these mails. You can turn them on again here, or under Settings."),
    "again": mark("You get these mails again."),
    "undone": mark("Taken back."),
    "not_undone": mark("This cannot be taken back any more, because later changes build on it. Nothing was changed."),
}


def _done_page(reply: Reply, done: str) -> ResponseReturnValue:
    """What was done, in a sentence, and a button to take it back."""
    texts, undo = reply.desk.texts, request.args.get("undo", "")
    if done in ANSWERS and reply.signed.about in {"person", "new"}:
        with reply.desk.reading() as tx:
            row = contacts.contact_rows(tx, [reply.ref], reply.desk.now).get(reply.ref)
        says = answers.says(texts, done, row.name if row else "")
    elif done in SAYS:
        says = texts(SAYS[done])
    else:
        return _gone(OVER)
    back = reply.token if done == "stopped" else ""
    return render_template("reply_done.html", says=says, undo=undo, again=back)


# --- somebody -------------------------------------------------------------------------------------------------------


def _person(reply: Reply) -> ResponseReturnValue:
    with reply.desk.reading() as tx:
        row = contacts.contact(tx, reply.ref, reply.desk.now)
        at_now = views.world(tx, reply.desk.now, only=[reply.ref])
        evidence = views.evidence_of(at_now, row)
    choices = ABOUT_NEW if reply.signed.about == "new" else ABOUT_PERSON
    first = request.args.get("do", "")
    return _page(
        reply, "reply_person.html", row=row, evidence=evidence, first=first if first in choices else choices[0],
        choices=choices, words={key: each[0] for key, each in ANSWERS.items()}, later=snooze.CHOICES,
    )  # fmt: skip


def _answer_person(reply: Reply) -> ResponseReturnValue:
    do, form = request.form.get("do", ""), request.form
    if do not in (ABOUT_NEW if reply.signed.about == "new" else ABOUT_PERSON):
        return _gone(OVER)
    with reply.desk.writing() as tx:
        if contacts.contact(tx, reply.ref, reply.desk.now).state == "erased":
            raise NotFound("This person was erased.")
        answer = Answer(
            tx=tx, contact_id=reply.ref, now=reply.desk.now, said=one_line(form.get("said", ""), SAID_LONGEST),
            until=form.get("until", "digest"),
        )  # fmt: skip
        answers.carry_out(answer, do)
        return _then(reply, do, tx)


def _promise(reply: Reply) -> ResponseReturnValue:
    with reply.desk.reading() as tx:
        found = notes.promise(tx, reply.ref)
        row = contacts.contact(tx, found.contact_id, reply.desk.now)
    return _page(reply, "reply_promise.html", promise=found, row=row)


def _keep_promise(reply: Reply) -> ResponseReturnValue:
    with reply.desk.writing() as tx:
        notes.keep_promise(tx, notes.promise(tx, reply.ref).id, reply.desk.now)
        return _then(reply, "promise", tx)


# --- talks ----------------------------------------------------------------------------------------------------------


def _talk(reply: Reply) -> ResponseReturnValue:
    with reply.desk.reading() as tx:
        found = views.talk(tx, reply.ref, reply.desk.now)
        if isinstance(found, NotATalk):
            raise NotFound("This event is not a talk.")
        people = contacts.contacts(tx, states=None, now=reply.desk.now, ids=found.contacts)
    return _page(reply, "reply_talk.html", talk=found, people=people, types=TALK_TYPES, goals=GOALS)


def _settle_talk(reply: Reply) -> ResponseReturnValue:
    """Send the list now, or set what the talk is for and what to read; no list at all."""
    form, desk = request.form, reply.desk
    with desk.writing() as tx:
        found = views.talk(tx, reply.ref, desk.now)
        if isinstance(found, NotATalk):
            raise NotFound("This event is not a talk.")
        if form.get("do") != "send":
            _settle(tx, found.event.id, desk.now)
            return _then(reply, "settled", tx)
        became = sending.put(tx, asked_brief(desk.runtime, tx, found, desk.now), desk.owner, desk.now)
    wake_outbox(desk.runtime, desk.owner.id)
    return _then(reply, became)


def _settle(tx: Tx, event_id: str, now: datetime) -> None:
    """What the form says of a talk."""
    form = request.form
    if form.get("type") == "none":
        talks.settle(tx, event_id, now, no_brief=True)
        return
    kind, goal = form.get("type", ""), form.get("goal", "")
    talks.settle(
        tx, event_id, now, no_brief=False,
        type=kind if kind in TALK_TYPES else None, goal=goal if goal in GOALS and goal else None,
        reading=shown(form.get("reading", "")).strip()[: TEXT_LONGEST],
    )  # fmt: skip


def _held(reply: Reply) -> ResponseReturnValue:
    with reply.desk.reading() as tx:
        found = held.held_talk(tx, reply.ref, reply.desk.now)
        people = contacts.contact_rows(tx, found.contacts, reply.desk.now)
    return _page(reply, "reply_held.html", talk=found, people=list(people.values()))


def _note_held(reply: Reply) -> ResponseReturnValue:
    said = talknotes.given(reply.desk)
    if not said:
        return _then(reply, "nothing")
    with reply.desk.writing() as tx:
        found = held.held_talk(tx, reply.ref, reply.desk.now)
        first, *others = found.contacts
        about = {"event_id": reply.ref, "at": found.event.start_at}
        notes.add_note(tx, first, reply.desk.now, others=others, **said | about)
        return _then(reply, "noted", tx)


# --- mails and second thoughts --------------------------------------------------------------------------------------


def _stop(reply: Reply) -> ResponseReturnValue:
    if reply.ref not in STOPPABLE:
        raise NotFound("This kind of mail cannot be stopped.")
    stopped = reply.ref in reply.desk.owner.stopped
    return _page(reply, "reply_stop.html", kind=reply.desk.texts(KINDS[reply.ref]), stopped=stopped)


def _stop_mails(reply: Reply) -> ResponseReturnValue:
    """Also what a mail program posts by itself (RFC 8058): whatever else is in the form, it means stop."""
    if reply.ref not in STOPPABLE:
        raise NotFound("This kind of mail cannot be stopped.")
    again = request.form.get("do") == "again"
    with reply.desk.writing() as tx:
        answers.stop(tx, reply.desk.owner, reply.ref, again=again)
    if "List-Unsubscribe" in request.form:  # RFC 8058 section 3.1: no redirect
        return reply.desk.texts(SAYS["stopped"]), 200, {"Content-Type": "text/plain; charset=utf-8"}
    return _then(reply, "again" if again else "stopped")


def _undo(reply: Reply) -> ResponseReturnValue:
    return render_template("reply_done.html", says=reply.desk.texts(LAST), undo=reply.token, again="")


def _take_back(reply: Reply) -> ResponseReturnValue:
    try:
        undoing.undo(reply.desk.runtime, reply.desk.owner.id, int(reply.ref))
    except (NotPossible, NotFound):
        return _then(reply, "not_undone")
    return _then(reply, "undone")


SHOWS: dict[str, Callable[[Reply], ResponseReturnValue]] = {
    "person": _person,
    "new": _person,
    "promise": _promise,
    "talk": _talk,
    "held": _held,
    "stop": _stop,
    "undo": _undo,
}
ACTS: dict[str, Callable[[Reply], ResponseReturnValue]] = {
    "person": _answer_person,
    "new": _answer_person,
    "promise": _keep_promise,
    "talk": _settle_talk,
    "held": _note_held,
    "stop": _stop_mails,
    "undo": _take_back,
}
