"""What has served its time goes: sessions, tokens, links, invitations, tries, outcomes, quarantine.

Called by `workers.upkeep`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from keepwarm.store.database import Tx
from keepwarm.store.purses import forget_purses
from keepwarm.store.rows import changed
from keepwarm.store.tables import (
    failed_try,
    invitation,
    one_time_token,
    outbox,
    password_link,
    quarantine,
    session,
)

OUTBOX_STAYS = timedelta(days=365)  # ours: a year of what was sent
QUARANTINE_STAYS = timedelta(days=30)  # as long as people who were refused, PRODUCT.md section 4
TRIES_STAY = timedelta(days=1)  # ours: longer than any window of `service.throttle`
INVITATIONS_STAY = timedelta(days=30)  # ours: behind their end


def prune(tx: Tx, now: datetime) -> int:
    """How many rows went, over all owners."""
    forget_purses(tx, now)
    old = (
        delete(session).where(session.c.expires_at <= now),
        delete(one_time_token).where(one_time_token.c.expires_at <= now),
        delete(password_link).where(password_link.c.expires_at <= now - TRIES_STAY),
        delete(invitation).where(invitation.c.expires_at <= now - INVITATIONS_STAY),
        delete(failed_try).where(failed_try.c.at <= now - TRIES_STAY),
        delete(outbox).where(outbox.c.state.in_(("sent", "skipped")), outbox.c.settled_at <= now - OUTBOX_STAYS),
        delete(quarantine).where(quarantine.c.at <= now - QUARANTINE_STAYS),
    )
    return sum(changed(tx, statement) for statement in old)
