"""What a prepared list, a situation and a composed list are. Frozen values, used by the whole package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

TYPES = (
    "tips_and_names",
    "orientation",
    "sector_fit",
    "why_not",
    "real_chance",
    "vacancy",
    "present_self",
    "keep_up",
)
GOALS = ("explore_market", "learn_field", "learn_vacancy", "present_self")
REGISTERS: dict[str, tuple[str, str]] = {"en": ("informal", "formal"), "nl": ("je", "u")}

SLOTS = frozenset(
    {
        "name",  # the contact's, as one addresses them
        "organisation",
        "role",
        "sector",  # the owner's target sector
        "wanted_role",  # the role the owner looks for
        "background",  # the owner's education and experience in a few words
        "vacancy",  # the one opening
        "named_person",
        "previous_application",
        "help",  # what the contact did for the owner
        "introducer",
        "find_out",  # what the owner wants to learn from this person
        "progress",
        "last_note",
        "last_date",
        "promise_mine",
        "promise_theirs",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was said in the last talk, and on which local day."""

    on: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnList:
    """``hidden``: ids of prepared questions never asked. ``worded``: own words by id. ``added``: in order of asking."""

    hidden: frozenset[str] = frozenset()
    worded: Mapping[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hidden or self.worded or self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTalk:
    """The list of one talk as the owner wants it: ``added`` questions, ``hidden`` ids, own words by id as typed.

    ``order``: ids in the order of asking; empty as proposed. A prepared one named there is asked even if it stood under
    more; those not named come behind.
    """

    added: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    worded: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.hidden or self.worded or self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One talk with one contact, as far as it is known. Empty text: unknown; ``goal`` empty: none set."""

    type: str
    goal: str = ""
    circle: str = "cold"
    register: str = "informal"
    lang: str = "en"
    name: str = ""
    organisation: str = ""
    role: str = ""
    sector: str = ""
    wanted_role: str = ""
    background: str = ""
    vacancy: str = ""
    origins: tuple[str, ...] = ()
    introducer: str = ""
    last: Note | None = None
    promises_mine: tuple[str, ...] = ()
    promises_theirs: tuple[str, ...] = ()
    help: str = ""
    find_out: str = ""
    named_person: str = ""
    previous_application: str = ""
    progress: tuple[str, ...] = ()
    own: Mapping[str, OwnList] = field(default_factory=dict)  # what the owner changed, by type
    asked: tuple[str, ...] = ()  # questions for this talk alone
    talk: OwnTalk = field(default_factory=OwnTalk)  # what else the owner changed for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One question of a file. Conditions (empty: always) are on the situation; a needed slot is one in the text too.

    ``text`` and ``short`` by register. A higher ``priority`` is asked rather; ties keep the order of the file.
    """

    id: str
    text: Mapping[str, str]
    why: str
    slots: frozenset[str] = frozenset()
    goals: tuple[str, ...] = ()  # "none" among them: no goal is set
    circles: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    unless: frozenset[str] = frozenset()  # falls away where one of these slots is filled
    part: str = "core"  # core, extra, log, promises: see compose
    priority: int = 50
    closing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """One file: the questions of a type in one language. ``opening`` by register, with the best first; may be empty."""

    type: str
    lang: str
    title: str
    questions: tuple[Prepared, ...]
    opening: Mapping[str, str] = field(default_factory=dict)
    follow_on: tuple[tuple[str, str], ...] = ()  # (type, when to ask on), in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as the owner sees it. ``source``: talk, own, log, promises, plan, circle, goal or list."""

    id: str
    text: str
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOn:
    """Questions to ask on with at once, when the talk turns that way."""

    type: str
    when: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionList:
    """What goes into a brief: an opening line (may be empty), four to six questions in order of asking, the rest.

    Fewer than four only where a file holds fewer that fit, or the owner left some out for this talk.
    """

    type: str
    title: str
    opening: str
    shown: tuple[Question, ...]
    more: tuple[Question, ...] = ()
    follow_on: tuple[FollowOn, ...] = ()
    left_out: tuple[Question, ...] = ()  # for this talk alone
