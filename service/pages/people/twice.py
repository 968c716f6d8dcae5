"""Pairs that are likely one person, side by side with what they would be together; and joins to take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from keepwarm import contacts as who
from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Tx, contacts, joins, pairing
from keepwarm.store.contacts import Suggestion
from service import typed
from service.desk import done, here, say, sorry, to
from service.pages.people.everybody import room, shown
from service.pages.people.wishes import page_number
from service.people import Person

PAGE = 5  # pairs on a page; ours: one is three columns wide and a screen high


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """``keep`` is the one whose name stays; ``both`` what the two would be together."""

    id: str
    reason: str
    keep: Person
    other: Person
    both: pairing.Both


def pairs() -> ResponseReturnValue:
    desk, page = here(), page_number()
    with desk.reading() as tx:
        found = contacts.suggestions(tx, desk.now, limit=PAGE, offset=page * PAGE)
        people = {each.row.id: each for each in shown(desk, tx, [row.id for each in found for row in (each.a, each.b)])}
        alike = [_pair(tx, each, people, request.args.getlist("keep")) for each in found]
        joined, counts = joins.joins(tx, desk.now), room(tx)
    more = counts["pairs"] > (page + 1) * PAGE
    return render_template(
        "people/twice.html", alike=alike, joined=joined, page=page, more=more, tab="twice", **counts
    )  # fmt: skip


def _pair(tx: Tx, found: Suggestion, people: Mapping[str, Person], wanted: list[str]) -> Pair:
    first, second = found.a, found.b
    if second.id in wanted or (first.id not in wanted and pairing.weight(second) > pairing.weight(first)):
        first, second = second, first
    reason = who.likely_reason(here().texts, found.reason["key"], _values(found.reason))
    keep, other, both = people[first.id], people[second.id], pairing.both(tx, first, second)
    return Pair(id=found.id, reason=reason, keep=keep, other=other, both=both)


def _values(reason: dict[str, Any]) -> dict[str, str]:
    """The values of a stored reason, whichever way they lie in it."""
    inner = reason.get("values")
    found = inner if isinstance(inner, dict) else reason
    return {str(name): str(value) for name, value in found.items()}


def settle() -> ResponseReturnValue:
    """Join two that are one person, or settle that they are not."""
    desk, _ = here(), here().texts
    wanted = request.form.get("pair", "")
    with desk.writing() as tx:
        pair = next((each for each in contacts.suggestions(tx, desk.now) if each.id == wanted), None)
        if pair is None:
            sorry(_("This pair was settled already."))
        elif request.form.get("action") == "join":
            contacts.join(tx, *_order(request.form.get("keep", ""), pair.a.id, pair.b.id), desk.now)
            done(tx, _("Joined: all addresses, notes and meetings are with one person now."))
        else:
            contacts.decline_suggestion(tx, wanted, desk.now)
            done(tx, _("Noted: these are two people."))
    return to("contacts.twice")


def _order(keep: str, a: str, b: str) -> tuple[str, str]:
    return (b, a) if keep == b else (a, b)


def take_apart() -> ResponseReturnValue:
    """Take a join back; what was changed since stays."""
    desk, _ = here(), here().texts
    asked = typed.number(request.form.get("join", ""), typed.KEYS)
    if asked is None:
        raise NotFound("There is no such change.")
    try:
        with desk.writing() as tx:
            joins.take_apart(tx, asked, desk.now)
    except NotPossible as problem:
        sorry(_(str(problem)))
    else:
        say(_("They are two people again. What you changed since is kept with the one whose name stayed."))
    return to("contacts.twice")
