"""Talks ahead with whom they are and what to ask: for Today, and for the copy a phone keeps when it has no connection.

Called by `service.pages.home` and `service.pages.phone`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepwarm.questions import QuestionList, prepare
from keepwarm.store import Tx, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import TalkRow, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """``questions`` is None where the owner wants no list, or beyond the first few."""

    talk: TalkRow
    people: list[ContactRow]
    questions: QuestionList | None


def ahead(tx: Tx, at_now: World, talks: Sequence[TalkRow], *, asked_of: int) -> list[Ahead]:
    """``talks`` in their order; the first ``asked_of`` with their questions as they would be sent now."""
    known = at_now.people
    return [
        Ahead(
            talk=talk,
            people=[known[each] for each in talk.contacts if each in known],
            questions=_questions(tx, at_now, talk) if number < asked_of else None,
        )
        for number, talk in enumerate(talks)
    ]


def _questions(tx: Tx, at_now: World, talk: TalkRow) -> QuestionList | None:
    if talk.choice and talk.choice.no_brief:
        return None
    return prepare(views.situation(tx, talk.contacts[0], at_now.now, event_id=talk.event.id, at_now=at_now))
