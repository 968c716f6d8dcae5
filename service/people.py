"""A contact as the pages and the command show it: evidence and freshness computed at the moment, in words.

Called by the views and by `service.cli`. Nothing here is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keepwarm import contacts as who
from keepwarm import freshness as fresh
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``row`` as stored; ``evidence`` and ``freshness_words`` are one sentence each."""

    row: ContactRow
    evidence: str
    freshness: fresh.Freshness
    freshness_words: str


def person(row: ContactRow, texts: Texts, owner: Owner, now: datetime) -> Person:
    evidence = who.evidence(
        texts,
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
        first_at=row.first_at,
        last_at=row.last_at,
        brought_by=row.brought_by,
        origins=row.origins,
        now=now,
        zone=owner.zone,
    )
    value = freshness_of(row, owner, now)
    words = fresh.explain(texts, value, circle=row.circle, now=now, goal=row.goal or owner.goal)
    return Person(row=row, evidence=evidence, freshness=value, freshness_words=words)


def freshness_of(row: ContactRow, owner: Owner, now: datetime) -> fresh.Freshness:
    """Freshness at ``now`` from touches and rhythm; nobody but an active contact has a rhythm."""
    goal = row.goal or owner.goal
    interval = fresh.rhythm(
        circle=row.circle, close=row.close, goal=goal, plan_active=row.goal is not None, own_days=row.rhythm_days
    )
    if row.state != "active" or row.private:
        interval = None
    return fresh.freshness(last_at=row.last_at, since=row.accepted_at or row.proposed_at, interval=interval, now=now)
