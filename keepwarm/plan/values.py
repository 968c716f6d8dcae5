"""What the plan is made of (METHOD.md section 4). Frozen values; times are aware and UTC, days are dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from keepwarm.texts import mark

# In the order of METHOD.md section 4; the owner may say any of them, and what happened may move an entry on.
STATES = (
    "to_approach", "approached", "talk_planned", "talked", "thanked", "kept_up", "not_now", "declined",
)  # fmt: skip
AT_REST = frozenset({"not_now", "declined"})
# What a talk about a role or field can show (METHOD.md sections 4 and 6), as the owner notes it afterwards.
FINDINGS: dict[str, str] = {
    "no_role": mark("the work I look for does not exist there"),
    "other_work": mark("it does not exist there, but I am open to other work there"),
    "not_qualified": mark("I do not qualify yet"),
    "real_chance": mark("there is a real chance"),
}
CHANNELS = ("in_person", "mail", "social", "telephone")  # METHOD.md section 5; empty for no wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody to talk to, or a role at an organisation that has no name yet (``contact_id`` None).

    ``circle`` is empty without a contact. ``shared``: who the owner and this person both know, or who can introduce
    them; by name. ``position`` is the owner's own, counted from 1; 0 where they gave none. ``said`` is the owner's word
    on how it stands, empty where they leave it to what happened; ``rest_until`` goes with ``not_now``. ``finding``:
    what a talk showed (FINDINGS), or empty.
    """

    id: str
    contact_id: str | None = None
    name: str = ""
    circle: str = ""
    interesting: bool = False
    role: str = ""
    organisation: str = ""
    shared: str = ""
    position: int = 0
    said: str = ""
    said_at: datetime | None = None
    rest_until: date | None = None
    finding: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What went on with somebody, oldest first: mails by the owner, mails by them, talks held; and the next talk."""

    sent: tuple[datetime, ...] = ()
    received: tuple[datetime, ...] = ()
    talks: tuple[datetime, ...] = ()
    next_talk_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry stands. ``step``: what comes next, a key of `standing.STEPS`; ``due_at``: from when on, if ever.

    ``why`` is one sentence about what it rests on.
    """

    state: str
    step: str
    due_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry where it stands in the order, and the sentence that says why."""

    entry: Entry
    why: str
