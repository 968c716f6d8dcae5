"""A contact as the pages and the command show it: evidence and freshness computed at the moment, in words.

Called by the views and by `service.cli`. Nothing here is stored; the engine reckons with the same freshness.
"""

from __future__ import annotations

from dataclasses import dataclass

from keepwarm.contacts import Familiar
from keepwarm.freshness import Freshness, explain
from keepwarm.store import views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``row`` as stored; ``evidence`` and ``freshness_words`` are one sentence each.

    ``doubt`` is one more where the name or an address looks like somebody else's, else empty.
    """

    row: ContactRow
    evidence: str
    freshness: Freshness
    freshness_words: str
    doubt: str


def person(row: ContactRow, at_now: World, known: Familiar) -> Person:
    value = views.fresh(at_now, row)
    words = explain(at_now.texts, value, circle=row.circle, now=at_now.now, goal=row.goal)
    return Person(
        row=row,
        evidence=views.evidence_of(at_now, row),
        freshness=value,
        freshness_words=words,
        doubt=views.doubt_of(row, known, at_now.texts),
    )
