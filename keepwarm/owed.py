"""What the owner owes somebody: thanks after a talk, a promise, word to whoever introduced them.

METHOD.md sections 7 and 8; spans from PRODUCT.md section 4, "Thank-you". Pure; read by `keepwarm.store.owed`, said in
the digest and in one short mail on the day when something is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.texts import Texts, mark
from keepwarm.zones import local

THANKS = timedelta(hours=24)
THANKS_WARM = timedelta(days=5)  # among people who know each other well
PROMISE = timedelta(days=7)  # ours: a promise without a day is kept within the week
SOON = timedelta(hours=36)  # ours: named on the morning of the day before, or of the day
STALE = timedelta(days=14)  # ours: later than this nobody needs to hear of it any more

_SAYS = {
    "thanks": mark("You talked {ago}. A word of thanks by {day} does good."),
    "promise": mark("You promised, by {day}: {about}"),
    "introduction": mark("{name} introduced you to {about}. Say thanks while it is fresh."),
    "word": mark("You talked to {about}, thanks to {name}. Tell {name} how it went, by {day}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing owed. ``kind``: thanks, promise, introduction or word; ``ref``: the event, promise or introduction.

    ``about``: what was promised, or who was met. ``since``: when it came about.
    """

    kind: str
    contact_id: str
    name: str
    address: str = ""
    about: str = ""
    ref: str
    since: datetime
    due_at: datetime

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.ref}:{self.contact_id}"


def thanks_due(ended_at: datetime, circle: str) -> datetime:
    """By when thanks for a talk are due: within a day, among familiars within five."""
    return ended_at + (THANKS_WARM if circle == "warm" else THANKS)


def pressing(found: Sequence[Owed], now: datetime) -> list[Owed]:
    """What is due within a day and a half or was lately, the most pressing first."""
    return sorted(
        (each for each in found if now - STALE <= each.due_at <= now + SOON),
        key=lambda each: (each.due_at, each.key),
    )


def says(owed: Owed, now: datetime, zone: str, texts: Texts) -> str:
    """One sentence about it."""
    return texts.gettext(
        _SAYS[owed.kind],
        name=owed.name,
        about=owed.about,
        ago=texts.ago(now - owed.since),
        day=texts.day_and_date(local(owed.due_at, zone).date()),
    )
