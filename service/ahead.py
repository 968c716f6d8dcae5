"""Talks ahead with whom they are and what to ask: for Today, and for the copy a phone keeps when it has no connection.

Called by `service.pages.home` and `service.pages.phone`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keepwarm.questions import QuestionList, prepare
from keepwarm.store import Tx, contacts, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import TalkRow
from service.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """``questions`` is None where the owner wants no list, or beyond the first few."""

    talk: TalkRow
    people: list[ContactRow]
    questions: QuestionList | None


def ahead(tx: Tx, desk: Desk, talks: Sequence[TalkRow], *, asked_of: int) -> list[Ahead]:
    """``talks`` in their order; the first ``asked_of`` with their questions as they would be sent now."""
    ids = sorted({each for talk in talks for each in talk.contacts})
    known: Mapping[str, ContactRow] = contacts.contact_rows(tx, ids, desk.now)
    return [
        Ahead(
            talk=talk,
            people=[known[each] for each in talk.contacts if each in known],
            questions=_questions(tx, desk, talk) if number < asked_of else None,
        )
        for number, talk in enumerate(talks)
    ]


def _questions(tx: Tx, desk: Desk, talk: TalkRow) -> QuestionList | None:
    if talk.choice and talk.choice.no_brief:
        return None
    return prepare(views.situation(tx, talk.contacts[0], desk.now, event_id=talk.event.id))
