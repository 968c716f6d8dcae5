"""People: the room with everybody in it, those to judge, likely pairs, one person, tags, and all that is held.

Reading order: `wishes` (what was asked for), `everybody` (the list), `many` (one word about several), `judge` (new),
`twice` (likely one and the same), `one` (the page about a person), `words` (what is said there), `correct` (put right
what was said), `tags`, `held`.
The endpoints of one blueprint lie in several files, so they are listed here.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from service.pages.people import correct, everybody, held, judge, many, one, tags, twice, words

View = Callable[..., ResponseReturnValue]
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")

ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("/contacts", "everybody", everybody.everybody, GET),
    ("/contacts", "add", everybody.add, POST),
    ("/contacts/many", "many", many.many, POST),
    ("/contacts/<contact_id>", "one", one.one, GET),
    ("/contacts/<contact_id>/edit", "edit", words.edit, POST),
    ("/contacts/<contact_id>/plan", "plan", words.plan, POST),
    ("/contacts/<contact_id>/note", "note", words.note, POST),
    ("/contacts/<contact_id>/promise/<promise_id>", "keep_promise", words.keep_promise, POST),
    ("/contacts/<contact_id>/promise/<promise_id>/correct", "correct_promise", correct.promise, BOTH),
    ("/contacts/<contact_id>/notes/<note_id>", "correct_note", correct.note, BOTH),
    ("/contacts/<contact_id>/answer", "answer", words.answer, POST),
    ("/contacts/<contact_id>/work", "take_over_work", words.take_over_work, POST),
    ("/contacts/<contact_id>/tag", "tag", tags.tag, POST),
    ("/contacts/<contact_id>/untag", "untag", tags.untag, POST),
    ("/contacts/<contact_id>/held", "held", held.held, GET),
    ("/contacts/<contact_id>/held.json", "held_json", held.as_json, GET),
    ("/contacts/<contact_id>/card.vcf", "card", held.as_card, GET),
    ("/contacts/<contact_id>/erase", "erase", held.erase, BOTH),
    ("/tags", "tags", tags.overview, GET),
    ("/tags/rename", "rename_tag", tags.rename, POST),
    ("/tags/remove", "remove_tag", tags.remove, POST),
    ("/twice", "twice", twice.pairs, GET),
    ("/twice/apart", "take_apart", twice.take_apart, POST),
)

pages = Blueprint("contacts", __name__)
for _rule, _name, _view, _methods in ROUTES:
    pages.add_url_rule(_rule, _name, _view, methods=list(_methods))

to_judge = Blueprint("judge", __name__)
to_judge.add_url_rule("/judge", "people", judge.people)
to_judge.add_url_rule("/judge", "decide", judge.decide, methods=["POST"])
to_judge.add_url_rule("/judge/alike", "alike", twice.settle, methods=["POST"])
