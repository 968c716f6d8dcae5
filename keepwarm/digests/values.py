"""What a digest speaks of, and what it becomes. Frozen values; times are aware and UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from keepwarm.owed import Owed
from keepwarm.reconnect import PEOPLE, DigestPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody proposed; ``evidence`` is one sentence, ``doubt`` one more where they look like somebody else."""

    contact_id: str
    name: str
    address: str = ""
    organisation: str = ""
    evidence: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStep:
    """What comes next with somebody in the plan: ``step`` in a few words, ``why`` in a sentence."""

    contact_id: str
    name: str
    address: str = ""
    organisation: str = ""
    step: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A reason to write that somebody gives: a birthday (``on``), or other work than before (``after``, ``before``)."""

    contact_id: str
    name: str
    address: str = ""
    on: date | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTalk:
    """A coming talk. ``names``: the people, each with an address where there is one; ``type_label``: in words.

    ``contact_id``: whose page to open, None for none. ``event_id``: what its question list is asked for by.
    """

    event_id: str = ""
    title: str
    start_at: datetime
    zone: str
    names: tuple[str, ...] = ()
    type_label: str = ""
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """All that a digest speaks of, at ``now``. ``recently``: weeks since a contact was last suggested.

    ``people``: active ones to network with, the best of those who are due among them; ``new_people`` in the order to
    show them; ``steps`` of the plan that are due and ``owed`` what is, the most pressing first. ``occasions``: of those
    closest to the owner, of ``occasions_in_all``. ``watched``: one sentence about what is looked after.
    """

    now: datetime
    owner_name: str
    lang: str
    zone: str
    goal: str = ""
    people: tuple[DigestPerson, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    talks: tuple[DigestTalk, ...] = ()
    owed: tuple[Owed, ...] = ()
    steps: tuple[DigestStep, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    occasions_in_all: int = 0
    watched: str = ""
    recently: Mapping[str, int] = field(default_factory=dict)
    count: int = PEOPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person or talk. ``kind`` is person, promise, new or talk; ``lines`` are whole sentences, never empty ones.

    ``address``: a name is never shown without it where there is one (RELIABILITY.md E6). ``ref``: what an answer is
    about: the promise, the event, else the contact.
    """

    title: str
    address: str = ""
    lines: tuple[str, ...]
    contact_id: str | None = None
    kind: str
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``key`` names it for the layout; ``entries`` is never empty."""

    key: str
    title: str
    intro: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """``picked``: the contacts suggested, to be remembered for next week. ``sections`` is never empty."""

    title: str
    greeting: str
    sections: tuple[Section, ...]
    closing: str
    watched: str = ""
    picked: tuple[str, ...] = ()
