"""What each kind of outbox row does: re-read the world, then either a call to make or a reason not to.

Used by `workers.deliver` alone. A new kind is one function and one line in ``EFFECTS``.
"""

from workers.effects import calendar, drafts, letters, mails
from workers.effects.values import Call, Effect, Skip

EFFECTS: dict[str, Effect] = {
    "booked": mails.booked,
    "brief": mails.brief,
    "note": mails.note,
    "after": mails.after,
    "nudge": mails.nudge,
    "digest": mails.digest,
    "well": mails.well,
    "alarm": mails.alarm,
    "sample": mails.sample,
    "access": letters.access,
    "draft": drafts.draft,
    "follow_up_put": calendar.put,
    "follow_up_remove": calendar.remove,
    "calendar_clear": calendar.clear,
}

__all__ = ["EFFECTS", "Call", "Skip"]
