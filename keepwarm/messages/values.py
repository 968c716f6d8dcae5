"""What a message can use and what it becomes. Frozen values; times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

KINDS = ("first", "second", "thank", "introduction", "progress", "closing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What somebody did for the owner: ``kind`` is introduced (to ``whom``), kept (a promise), tips or talk."""

    kind: str
    on: date
    whom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message can use. Empty text: unknown.

    ``register``: je, u, informal or formal. ``written``: the owner's introduction in the language of the message.
    ``inside``: whether the sector is, or may well be, their own. ``shared``: whom both know. ``moments``: free ones,
    UTC, shown in ``zone``. ``talked_on``: the day of the last talk. ``whom``: who is to be met, for a request to be
    introduced.
    """

    name: str
    circle: str = "cold"
    register: str = "formal"
    goal: str = ""
    sector: str = ""
    inside: bool = True
    organisation: str = ""
    owner_name: str = ""
    written: str = ""
    shared: str = ""
    find_out: str = ""
    last_at: datetime | None = None
    talked_on: date | None = None
    moments: tuple[datetime, ...] = ()
    zone: str = "UTC"
    whom: str = ""
    help: Help | None = None
    news: str = ""  # what changed, in the owner's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """``channel``: a key of `keepwarm.plan.CHANNELS`; ``why``: one sentence."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How to get at somebody. Empty where unknown; ``phone`` as their card has it."""

    mail: str
    phone: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as plain text; ``subject`` for where it goes by mail."""

    kind: str
    subject: str
    body: str
