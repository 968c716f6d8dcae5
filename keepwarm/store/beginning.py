"""When follow-ups begin: not before the first steps showed what they will be, so that no entry surprises anybody.

Called by `workers.prepare`, which plans nothing while they wait, and by the pages of the first steps, which say until
when. Whoever never began the first steps, or had follow-ups before, never waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from keepwarm.store.database import Tx
from keepwarm.store.owners import Owner
from keepwarm.store.rows import first, mine
from keepwarm.store.tables import contact, follow_up

FIRST = "first"  # in the owner's settings: how far they are in the first steps, there once they began
SHOWS = "rhythm"  # the step that shows what will be written
LONGEST = timedelta(days=7)  # ours: a step that nobody comes back to must not become a silent stop


def waits_until(tx: Tx, whose: Owner, now: datetime) -> datetime | None:
    """When follow-ups begin by themselves while the first steps are under way; None where nothing waits (any more).

    A week after the first person came into the network, whichever way; the step, or an end to all steps, is earlier.
    """
    steps = whose.settings.get(FIRST)
    if steps is None or steps.get("over") or SHOWS in steps.get("settled", ()) or _have_begun(tx):
        return None
    until = (_first_taken_in(tx) or now) + LONGEST
    return until if until > now else None


def _have_begun(tx: Tx) -> bool:
    return first(tx, select(follow_up.c.id).where(mine(tx, follow_up)).limit(1)) is not None


def _first_taken_in(tx: Tx) -> datetime | None:
    found = first(tx, select(func.min(contact.c.accepted_at).label("at")).where(mine(tx, contact)))
    return found["at"] if found else None
