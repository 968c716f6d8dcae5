"""The digest of a week once its hour has come; after a month with nothing to say, one line that all is well."""

from __future__ import annotations

from datetime import timedelta

from keepwarm.pace import digest_at
from keepwarm.store import outbox
from keepwarm.store.outbox import Intent
from keepwarm.zones import week_of
from workers.facts import digest_of
from workers.prepare.desk import Desk

DIGEST_LASTS = timedelta(hours=6)  # RELIABILITY.md section 4, point 6
SILENCE = timedelta(days=28)  # ours: four weeks without a mail, and one line says that all is well


def prepare(desk: Desk) -> int:
    """This week's digest if there is something to say; older weeks are not caught up with."""
    week = week_of(desk.now, desk.owner.zone)
    run_at = digest_at(week, desk.pace)
    if not run_at <= desk.now <= run_at + DIGEST_LASTS:
        return 0
    for kind in ("digest", "well"):
        if outbox.row_by_key(desk.tx, f"{kind}:{desk.owner.id}:{week}") is not None:
            return 0
    made = digest_of(desk.tx, desk.world) if desk.wants("digest") else None
    if made is None and not _long_silent(desk):
        return 0
    kind = "digest" if made else "well"
    return desk.put(
        Intent(
            key=f"{kind}:{desk.owner.id}:{week}",
            kind=kind,
            payload={"people": list(made.picked)} if made else {},
            run_at=run_at,
            not_after=run_at + DIGEST_LASTS,
            account_id=desk.way_out,
        )
    )


def _long_silent(desk: Desk) -> bool:
    """Whether no mail left for a month, to somebody who has been here that long and wants to know."""
    since = desk.now - SILENCE
    return desk.wants("well") and desk.owner.created_at <= since and not outbox.mailed_since(desk.tx, since)
