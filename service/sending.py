"""A question list that the owner asks for now, as an intent of the outbox. Called by the pages."""

from __future__ import annotations

from datetime import datetime

from keepwarm.pace import BRIEF_DEADLINE
from keepwarm.store.outbox import Intent
from keepwarm.store.views import TalkRow


def asked_brief(talk: TalkRow, now: datetime) -> Intent:
    """Keyed by the minute, so that two clicks are one mail."""
    start = talk.event.start_at
    return Intent(
        key=f"brief:{talk.event.id}:{start.isoformat()}:asked:{now:%Y%m%dT%H%M}",
        kind="brief",
        subject_ref=str(talk.event.id),
        payload={"asked": True},
        run_at=now,
        not_after=start - BRIEF_DEADLINE,
        generation=talk.event.generation,
    )
