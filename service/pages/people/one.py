"""One person: what matters first, then how we know each other, what happened, what was said, and every address."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from keepwarm.circles import CIRCLES
from keepwarm.freshness import span
from keepwarm.plan import HELP, proposed_help
from keepwarm.questions import REGISTERS, prepare
from keepwarm.snooze import CHOICES
from keepwarm.store import Tx, contacts, follow_ups, likely, notes, occasions, plans, portrait, profiles, tagging, views
from keepwarm.store.contacts import ContactRow
from keepwarm.talks import NotATalk
from service.desk import Desk, here
from service.people import person
from service.words import GOALS, ORIGINS

PASSAGES = 200  # moments shown of somebody; ours: what an account of some years needs, on a page that stays light
NEWEST = 8  # of them unfolded; ours
YEAR = 366  # days


def one(contact_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        row = standing(tx, desk, contact_id)
        at_now = views.world(tx, desk.now, only=[contact_id])
        it = person(row, at_now, likely.known_like(tx, [row]))
        facts = _facts(tx, desk, row) | {
            "new_role": next(iter(occasions.new_roles(tx, at_now)), None),
            "birthday": next(iter(occasions.birthdays(tx, at_now, YEAR)), None),
        }
        networking = row.state == "active" and not row.private
        ahead = facts["meeting"][0] if facts["meeting"] else None
        if ahead and isinstance(views.talk(tx, ahead, desk.now), NotATalk):
            ahead = None
        asked = prepare(views.situation(tx, contact_id, desk.now, event_id=ahead)) if networking else None
    return render_template(
        "people/one.html", it=it, **facts, circles=CIRCLES, goals=GOALS, origins=ORIGINS, help=HELP, newest=NEWEST,
        registers=REGISTERS[row.lang or desk.owner.lang], questions=asked, later=CHOICES, networking=networking,
        rhythm=span(desk.texts, it.freshness.rhythm) if it.freshness.rhythm else "",
    )  # fmt: skip


def _facts(tx: Tx, desk: Desk, row: ContactRow) -> dict[str, Any]:
    via, onward = portrait.requests(tx, row.id)
    states = ["planned", "placed", "moved"]
    return {
        "passages": portrait.passages(tx, row.id, desk.now, PASSAGES),
        "addresses": portrait.held_addresses(tx, row.id),
        "brought": portrait.brought(tx, row.id),
        "asked_via": via,
        "asked_onward": onward,
        "meeting": portrait.next_meeting(tx, row.id, desk.now),
        "tags": tagging.tags_of(tx, [row.id]).get(row.id, []),
        "all_tags": tagging.tags(tx),
        "promises": notes.promises(tx, row.id),
        "plan": plans.plan_entry(tx, row.id),
        "likely_help": proposed_help(row.role, target=bool(profiles.targets_of(tx, row.organisation))),
        "follow_ups": follow_ups.follow_ups(tx, states=states, contact_id=row.id),
    }


def standing(tx: Tx, desk: Desk, contact_id: str) -> ContactRow:
    """The contact; 404 for one that is not this owner's or was erased."""
    row = contacts.contact(tx, contact_id, desk.now)
    if row.state == "erased":
        abort(404)
    return row
