"""The question list of one talk: changed for it alone, printed on one page, read large on a phone during the talk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound
from keepwarm.questions import OwnTalk, QuestionList, one_talk, prepare
from keepwarm.store import contacts, talks, views
from keepwarm.talks import NotATalk
from service.desk import done, here, to
from service.pages.coming import coming_talk, talk
from service.refusing import refused

pages = Blueprint("talk_list", __name__)

Change = Callable[[OwnTalk, list[str], str, str], OwnTalk]  # own, ids as they are asked, question, text

CHANGES: dict[str, Change] = {
    "add": lambda own, _ids, _question, text: one_talk.add(own, text),
    "leave_out": lambda own, _ids, question, _text: one_talk.leave_out(own, question),
    "ask_again": lambda own, _ids, question, _text: one_talk.ask_again(own, question),
    "word": lambda own, _ids, question, text: one_talk.word(own, question, text),
    "earlier": lambda own, ids, question, _text: one_talk.move(own, ids, question, earlier=True),
    "later": lambda own, ids, question, _text: one_talk.move(own, ids, question, earlier=False),
    "draw_up": lambda own, ids, question, _text: one_talk.draw_up(own, ids, question),
    "as_proposed": lambda _own, _ids, _question, _text: OwnTalk(),
}


@pages.post("/coming/talk/<event_id>/questions")
def change(event_id: str) -> ResponseReturnValue:
    """One change to the list, for this talk alone."""
    desk, _, form = here(), here().texts, request.form
    carry_out, question = CHANGES.get(form.get("do", "")), form.get("question", "")
    problem = ""
    with desk.writing() as tx:
        found = coming_talk(desk, tx, event_id)
        own = found.choice.own if found.choice else OwnTalk()
        listed = prepare(views.situation(tx, found.contacts[0], desk.now, event_id=event_id))
        if carry_out is None or (question and question not in _known(listed)):
            problem = _("This question is not in the list any more. Nothing was changed.")
        else:
            new = carry_out(own, [each.id for each in listed.shown], question, form.get("text", ""))
            talks.settle(tx, event_id, desk.now, own=new)
            if new != own:
                done(tx, _("Saved for this talk."))
            elif form.get("do") == "add":
                problem = _("This question is in the list already, or the list is full. Nothing was changed.")
    return refused(problem, partial(talk, event_id)) if problem else _back(event_id)


def _known(found: QuestionList) -> set[str]:
    return {each.id for each in (*found.shown, *found.more, *found.left_out)}


def _back(event_id: str) -> ResponseReturnValue:
    return to("coming.talk", event_id=event_id, _anchor="questions")


@pages.get("/coming/talk/<event_id>/print")
def on_paper(event_id: str) -> ResponseReturnValue:
    """One page of paper: who, when, what for, the questions with room to write."""
    return render_template("talk_print.html", **_ready(event_id), all=request.args.get("all") == "yes")


@pages.get("/coming/talk/<event_id>/read")
def large(event_id: str) -> ResponseReturnValue:
    """For the phone on the table: large, each question can be ticked off; nothing of that is kept."""
    return render_template("talk_read.html", **_ready(event_id))


def _ready(event_id: str) -> dict[str, Any]:
    """The talk and its list, also while it goes on and after: as it stood the moment before it began."""
    desk = here()
    with desk.reading() as tx:
        event = views.event(tx, event_id)
        before = min(desk.now, event.start_at - timedelta(seconds=1))
        found = views.talk(tx, event_id, before)
        if isinstance(found, NotATalk):
            raise NotFound("This event is not a talk.")
        situation = views.situation(tx, found.contacts[0], before, event_id=event_id)
        people = list(contacts.contact_rows(tx, found.contacts, desk.now).values())
    return {
        "talk": found, "people": people, "situation": situation, "questions": prepare(situation),
        "begun": event.start_at <= desk.now,
    }  # fmt: skip
