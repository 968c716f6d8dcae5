"""The JSON forms of the command: a contract that scripts depend on, so names and kinds of value never change here.

Ids and addresses are text, times ISO 8601 with the offset of the owner's zone, missing values null.
"""

from __future__ import annotations

from typing import Any

from keepwarm.store.accounts import SourceCount
from keepwarm.store.contacts import ContactRow
from keepwarm.store.duties import Quarantined
from keepwarm.store.outbox import OutboxRow
from keepwarm.store.views import TalkRow, UpcomingFollowUp
from service import people
from service.cli.session import Session

Shape = dict[str, Any]


def source(count: SourceCount) -> Shape:
    return {
        "path": count.path,
        "kind": count.kind,
        "read": count.read,
        "stored": count.stored,
        "known": count.known,
        "skipped": count.skipped,
        "reasons": dict(count.reasons),
        "quarantined": count.quarantined,
    }


def contact(session: Session, row: ContactRow, person: people.Person) -> Shape:
    return {
        "id": row.id,
        "name": row.name or None,
        "addresses": list(row.addresses),
        "organisation": row.organisation or None,
        "circle": row.circle or None,
        "state": row.state,
        "sent": row.sent,
        "received": row.received,
        "meetings": row.meetings,
        "first_at": session.iso(row.first_at),
        "last_at": session.iso(row.last_at),
        "due_at": session.iso(person.freshness.due_at),
        "evidence": person.evidence,
    }


def talk(session: Session, row: TalkRow) -> Shape:
    return {
        "id": row.event.id,
        "title": row.event.title or None,
        "start_at": session.iso(row.event.start_at),
        "end_at": session.iso(row.event.end_at),
        "type": row.type,
        "contacts": list(row.contacts),
        "brief_at": session.iso(row.brief_at),
        "note_at": session.iso(row.note_at),
    }


def follow_up(session: Session, row: UpcomingFollowUp) -> Shape:
    return {
        "id": row.id,
        "contact": row.contact_id,
        "at": session.iso(row.at),
        "reason": row.reason,
        "state": row.state,
    }


def quarantined(session: Session, row: Quarantined) -> Shape:
    return {
        "id": str(row.id),
        "place": row.place,
        "position": row.position,
        "digest": row.digest,
        "reason": row.reason,
        "at": session.iso(row.at),
    }


def outbox(session: Session, row: OutboxRow) -> Shape:
    return {
        "id": row.id,
        "key": row.key,
        "kind": row.kind,
        "subject": row.subject_ref or None,
        "run_at": session.iso(row.run_at),
        "not_after": session.iso(row.not_after),
        "state": row.state,
        "reason": row.reason or None,
        "attempts": row.attempts,
        "settled_at": session.iso(row.settled_at),
    }
