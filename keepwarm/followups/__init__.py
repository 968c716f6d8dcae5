"""Whom to get in touch with next, when, and the calendar event that becomes of it.

Called by `workers.prepare` and the pages. `planner` decides over values (`values`), without side effects: run twice on
the same world it changes nothing the second time. `events` turns a planned moment into an `OurEvent`.
"""

from keepwarm.followups.events import event_of, uid_of
from keepwarm.followups.planner import end_of, enough, plan, turn, waits
from keepwarm.followups.values import (
    LENGTH,
    OWED,
    WHY_REMOVED,
    Due,
    Existing,
    Move,
    Placement,
    Plan,
    Removal,
    State,
    Subject,
    subject_of,
)

__all__ = [
    "LENGTH",
    "OWED",
    "WHY_REMOVED",
    "Due",
    "Existing",
    "Move",
    "Placement",
    "Plan",
    "Removal",
    "State",
    "Subject",
    "end_of",
    "enough",
    "event_of",
    "plan",
    "subject_of",
    "turn",
    "uid_of",
    "waits",
]
