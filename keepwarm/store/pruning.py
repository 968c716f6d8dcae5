"""What has served its time goes: expired sessions and tokens, outcomes, quarantine. Called by `workers.upkeep`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from keepwarm.store.database import Tx
from keepwarm.store.purses import forget_purses
from keepwarm.store.rows import changed
from keepwarm.store.tables import one_time_token, outbox, quarantine, session

OUTBOX_STAYS = timedelta(days=365)  # ours: a year of what was sent
QUARANTINE_STAYS = timedelta(days=30)  # as long as people who were refused, PRODUCT.md section 4


def prune(tx: Tx, now: datetime) -> int:
    """How many rows went, over all owners."""
    forget_purses(tx, now)
    old = (
        delete(session).where(session.c.expires_at <= now),
        delete(one_time_token).where(one_time_token.c.expires_at <= now),
        delete(outbox).where(outbox.c.state.in_(("sent", "skipped")), outbox.c.settled_at <= now - OUTBOX_STAYS),
        delete(quarantine).where(quarantine.c.at <= now - QUARANTINE_STAYS),
    )
    return sum(changed(tx, statement) for statement in old)
