"""Whom to get in touch with next, when, and the calendar event that becomes of it.

Called by `workers.prepare` and the pages. `planner` decides over values (`values`), without side effects: run twice on
the same world it changes nothing the second time. `events` turns a planned moment into an `OurEvent`.
"""

from keepwarm.followups.events import event_of, uid_of
from keepwarm.followups.planner import plan
from keepwarm.followups.values import LENGTH, WHY_REMOVED, Due, Existing, Move, Placement, Plan, Removal, State

__all__ = [
    "LENGTH",
    "WHY_REMOVED",
    "Due",
    "Existing",
    "Move",
    "Placement",
    "Plan",
    "Removal",
    "State",
    "event_of",
    "plan",
    "uid_of",
]
