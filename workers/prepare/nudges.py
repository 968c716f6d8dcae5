"""What is due today, above all thanks, in one short mail on the morning of a working day.

At most one a day and five a week (PRODUCT.md section 4), never on the day of the digest, which says it too. Each thing
is named once: what the owner leaves stands in the next digest.
"""

from __future__ import annotations

from datetime import timedelta

from keepwarm.pace import Span, digest_at, is_quiet
from keepwarm.store import outbox, views
from keepwarm.store.outbox import Intent
from keepwarm.zones import local, to_utc, week_of
from workers.facts import owed_entries
from workers.prepare.desk import Desk

LASTS = timedelta(hours=6)  # as the digest
WEEK = timedelta(days=7)
NAMED = timedelta(days=30)  # how far back what was named is looked up: longer than anything stays due


def prepare(desk: Desk) -> int:
    today = local(desk.now, desk.owner.zone).date()
    run_at = to_utc(today, desk.pace.digest_time, desk.owner.zone)
    key = f"nudge:{desk.owner.id}:{today}"
    if not desk.wants("nudge") or not run_at <= desk.now <= run_at + LASTS or _not_today(desk):
        return 0
    if outbox.row_by_key(desk.tx, key) is not None:
        return 0
    earlier = outbox.recent(desk.tx, "nudge", desk.now - NAMED)
    lately = sum(each.run_at > desk.now - WEEK for each in earlier)
    if lately >= desk.pace.weekly_nudges or not desk.pace.daily_nudges:
        return 0
    named = frozenset(each for row in earlier for each in row.payload.get("owed", ()))
    found = owed_entries(desk.tx, desk.world, without=named)
    if not found:
        return 0
    return desk.put(
        Intent(
            key=key,
            kind="nudge",
            payload={"owed": list(found)},
            run_at=run_at,
            not_after=run_at + LASTS,
            account_id=desk.way_out,
        )
    )


def _not_today(desk: Desk) -> bool:
    """Days off, away, and the day of the digest."""
    spans: list[Span] = views.away(desk.tx, desk.now, desk.now + timedelta(hours=1))
    digest = digest_at(week_of(desk.now, desk.owner.zone), desk.pace)
    its_day = local(digest, desk.owner.zone).date() == local(desk.now, desk.owner.zone).date()
    return (its_day and desk.wants("digest")) or is_quiet(desk.now, desk.pace, spans)
