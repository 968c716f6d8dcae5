"""Sending a mail once more of which nobody knows whether it went out: only the owner can decide that, and only once.

Called by the pages that list what goes out, and by `service.pages.sent`, which does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keepwarm.store import Tx, outbox
from keepwarm.store.outbox import Intent, OutboxRow
from keepwarm.texts import mark

ONCE = mark("It is not certain whether it was sent. You had it sent once more.")
TOO_LATE = mark("It is not certain whether it was sent, and it is too late to send it again.")


def is_uncertain(row: OutboxRow) -> bool:
    """Whether nobody knows if this mail went out."""
    return row.state == "unknown" and row.kind in outbox.MAILS


def once_more(row: OutboxRow, now: datetime) -> Intent:
    """The same mail, asked for, with a key that it can have once."""
    return Intent(
        key=_key(row), kind=row.kind, subject_ref=row.subject_ref, payload=row.payload | {"asked": True},
        run_at=now, not_after=row.not_after, generation=row.generation, account_id=row.account_id,
    )  # fmt: skip


def why_not(tx: Tx, rows: Sequence[OutboxRow], now: datetime) -> dict[str, str]:
    """By id of the uncertain mails among these: why one cannot be sent once more, as a sentence; empty if it can."""
    return {each.id: _why_not(tx, each, now) for each in rows if is_uncertain(each)}


def _why_not(tx: Tx, row: OutboxRow, now: datetime) -> str:
    if outbox.row_by_key(tx, _key(row)) is not None:
        return ONCE
    return TOO_LATE if row.not_after is not None and now > row.not_after else ""


def _key(row: OutboxRow) -> str:
    return f"{row.key}:again"
