"""The owner's own profile, and the card for a first talk (METHOD.md sections 1 and 5).

Called by the pages, the command and `keepwarm.store.ahead`, whose question lists draw on it. Nothing in a profile is
obligatory: what is empty makes its question fall away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keepwarm.texts import Texts, mark

WORDS_A_SECOND = 2.5  # a calm speaker's pace, Dutch and English alike
HALF_A_MINUTE = 30  # seconds; METHOD.md section 1
WRITTEN_LINES = 2  # METHOD.md section 1
SAFE_PEOPLE = 3  # ours: enough for a first week
FIRST_WEEKS = timedelta(weeks=6)  # ours: how long somebody is new here
FIRST_TALKS = 3  # ours: after these, a card for the first one is in the way

CHECKS: Mapping[str, str] = {  # what others see of you before they answer: METHOD.md section 5
    "photo": mark("My photo is clear and fit for work."),
    "summary": mark("My summary makes somebody want to read on."),
    "complete": mark("Every part of my profile is filled in."),
    "references": mark("Others recommend me, in their own words."),
}

NERVES = mark("It feels odd to talk about yourself, and that wears off: most people like being asked what they know.")
NO_INTRODUCTION = mark("You have no introduction yet. In half a minute: who I am, what I can do, what I look for.")
TOO_LONG = mark("Spoken calmly, this takes about {seconds} seconds. Half a minute is easier to listen to.")
TOO_MANY_LINES = mark("This is more than two lines. What is shorter is read sooner.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All of it in the owner's words. ``spoken`` and ``written``: the self-introduction by language.

    ``checked``: keys of `CHECKS` that are in order.
    """

    role: str = ""  # the one they look for, in a few words
    wishes: str = ""
    education: str = ""
    experience: str = ""
    sectors: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    spoken: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    checked: frozenset[str] = frozenset()

    @property
    def background(self) -> str:
        """What the owner brings, in one line: the first of what they wrote of experience and education."""
        return "; ".join(first for each in (self.experience, self.education) if (first := _first_line(each)))

    @property
    def sector(self) -> str:
        """The sector that interests the owner most: the one they named first."""
        return next(iter(self.sectors), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """Somebody who may be safe to begin with. Counts are of mails each way and of meetings."""

    contact_id: str
    name: str
    circle: str
    close: bool
    private: bool
    sent: int
    received: int
    meetings: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePerson:
    """``why``: one sentence."""

    contact_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    key: str
    text: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTalkCard:
    """What helps before a first talk. ``introduction`` is empty where there is none yet; ``hint`` says what to do."""

    introduction: str
    hint: str
    checks: tuple[Check, ...]
    people: tuple[SafePerson, ...]
    line: str


def first_talk_card(profile: Profile, people: Sequence[Acquaintance], texts: Texts) -> FirstTalkCard:
    """The card in the language of ``texts``."""
    said = profile.spoken.get(texts.lang, "")
    return FirstTalkCard(
        introduction=said,
        hint=spoken_hint(said, texts) if said else texts(NO_INTRODUCTION),
        checks=checks(profile, texts),
        people=safe_people(people, texts),
        line=texts(NERVES),
    )


def is_wanted(*, since: datetime, talks: int, now: datetime) -> bool:
    """Whether the card helps: to somebody who has not been here long and has not had a few talks."""
    return now - since < FIRST_WEEKS and talks < FIRST_TALKS


def checks(profile: Profile, texts: Texts) -> tuple[Check, ...]:
    return tuple(Check(key=key, text=texts(text), done=key in profile.checked) for key, text in CHECKS.items())


def safe_people(people: Sequence[Acquaintance], texts: Texts) -> tuple[SafePerson, ...]:
    """Warm people whom one really is in touch with: with them a talk that goes otherwise than hoped does no harm."""
    warm = [each for each in people if each.circle == "warm" and not each.private]
    ranked = sorted(warm, key=lambda each: (not each.close, -_tie(each), each.name, each.contact_id))
    return tuple(
        SafePerson(contact_id=each.contact_id, name=each.name, why=_why(each, texts)) for each in ranked[:SAFE_PEOPLE]
    )


def spoken_hint(text: str, texts: Texts) -> str:
    """A kind word about a spoken introduction that takes much longer than half a minute; else empty."""
    seconds = speaking_seconds(text)
    return texts(TOO_LONG, seconds=seconds) if seconds > HALF_A_MINUTE * 1.5 else ""


def written_hint(text: str, texts: Texts) -> str:
    """The same about a written one of more than two lines."""
    return texts(TOO_MANY_LINES) if len(text.strip().splitlines()) > WRITTEN_LINES else ""


def speaking_seconds(text: str) -> int:
    """How long it takes to say, to five seconds."""
    return 5 * round(len(text.split()) / WORDS_A_SECOND / 5)


def _tie(each: Acquaintance) -> int:
    """How much goes both ways: a mailbox full of what only one side wrote is no tie."""
    return min(each.sent, each.received) + 3 * each.meetings


def _why(each: Acquaintance, texts: Texts) -> str:
    if each.close:
        return texts(mark("{name} is one of the people closest to you."), name=each.name)
    if each.meetings:
        return texts.ngettext(
            "You know {name} well and have met {number} time.",
            "You know {name} well and have met {number} times.",
            each.meetings,
            name=each.name,
        )
    return texts(mark("You know {name} well, and you write to each other."), name=each.name)


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "").strip(" .;")
