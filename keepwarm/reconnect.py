"""Whom to reconnect with this week, and what to say. Pure; called by `keepwarm.digests`.

The mix of a week: two warm, two lukewarm, one asleep (PRODUCT.md section 4: weaker ties bring the most, dormant ones
novelty and trust). Only people who are due, and nobody two weeks running while somebody else is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from keepwarm.freshness import DUE, Freshness
from keepwarm.openers import OPENERS, choose
from keepwarm.texts import Texts, mark

PEOPLE = 5
NOTE_LENGTH = 160  # characters of a note or promise that a mail repeats
RESTS = 1  # weeks in which somebody suggested is left in peace

_CHANNELS = {
    "in_person": mark("Meeting in person is nicest here."),
    "mail": mark("A short mail is enough."),
    "social": mark("A short message is enough."),
    "telephone": mark("A short call will do; write down beforehand what you want to ask."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise that is open; ``mine`` if the owner made it."""

    mine: bool
    text: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPerson:
    """An active contact as far as a digest needs them. ``last_note``: what was said last time, in the owner's words."""

    contact_id: str
    name: str
    address: str = ""
    organisation: str = ""
    circle: str
    goal: str = ""
    freshness: Freshness
    last_note: str = ""
    last_note_on: date | None = None
    promises: tuple[Promised, ...] = ()
    channel: str = ""  # in_person, mail, social, telephone; "" for none chosen
    sent: int = 0
    received: int = 0
    meetings: int = 0


def pick_people(
    people: Sequence[DigestPerson], count: int = PEOPLE, *, week_number: int, recently: Mapping[str, int]
) -> tuple[DigestPerson, ...]:
    """Whom this week is for: unique, at most ``count``, all of them due; warm, lukewarm, asleep, the latest first.

    ``recently``: weeks since somebody was last suggested. Where a kind falls short the others fill up. The order of
    ``people`` does not matter.
    """
    due = [each for each in people if each.freshness.rhythm is not None and each.freshness.lateness >= DUE]
    rested = [each for each in due if recently.get(each.contact_id, RESTS + 1) > RESTS]
    kinds = _by_kind(rested or due, week_number)
    picked = [each for kind, share in _mix(count).items() for each in kinds[kind][:share]]
    rest = sorted((each for kind in kinds.values() for each in kind if each not in picked), key=_by_lateness)
    chosen = {each.contact_id for each in [*picked, *rest][:count]}
    return tuple(each for kind in kinds.values() for each in kind if each.contact_id in chosen)


def _mix(count: int) -> dict[str, int]:
    """Two, two and one of five; of other numbers one asleep, and the odd one lukewarm."""
    others = max(0, count - 1)
    return {"warm": others // 2, "lukewarm": others - others // 2, "asleep": count - others}


def _by_kind(people: Sequence[DigestPerson], week_number: int) -> dict[str, list[DigestPerson]]:
    """Each kind in the order of choice."""
    kinds: dict[str, list[DigestPerson]] = {"warm": [], "lukewarm": [], "asleep": []}
    for each in sorted(people, key=_by_lateness):
        kinds[_kind(each)].append(each)
    kinds["asleep"].sort(key=_picks_itself if week_number % 2 == 0 else _further_away)
    return kinds


def _kind(person: DigestPerson) -> str:
    if person.freshness.state == "asleep":
        return "asleep"
    return "warm" if person.circle == "warm" else "lukewarm"


def _by_lateness(person: DigestPerson) -> tuple[float, int, str]:
    return (-person.freshness.lateness, -_touches(person), person.contact_id)


def _picks_itself(person: DigestPerson) -> tuple[int, float, str]:
    """Even weeks: the one whom the owner would pick, with whom there was most contact."""
    return (-_touches(person), *_by_lateness(person)[::2])


def _further_away(person: DigestPerson) -> tuple[bool, bool, float, str]:
    """Odd weeks: trusted, for it went both ways, and further away than one would pick (Levin et al. 2011)."""
    trusted = (person.sent > 0 and person.received > 0) or person.meetings > 0
    return (not trusted, person.circle == "warm", *_by_lateness(person)[::2])


def _touches(person: DigestPerson) -> int:
    return min(person.sent, person.received) + person.meetings


def suggestions(people: Sequence[DigestPerson], texts: Texts, *, week_number: int) -> tuple[str, ...]:
    """What to say to each, concretely: an open promise first, then what was said last time, else a kind opener.

    No two get the same opener while there is another; the same people get the same ones all week.
    """
    own = {each.contact_id: _of_promise(each, texts) or _of_note(each, texts) for each in people}
    others = [each for each in people if not own[each.contact_id]]
    chosen = choose([(each.contact_id, _opener_kind(each)) for each in others], week_number)
    for each, opener in zip(others, chosen, strict=True):
        own[each.contact_id] = texts.gettext(opener)
    return tuple(_with_channel(own[each.contact_id], each, texts) for each in people)


def _with_channel(said: str, person: DigestPerson, texts: Texts) -> str:
    channel = _CHANNELS.get(person.channel)
    return f"{said} {texts.gettext(channel)}" if channel else said


def _of_promise(person: DigestPerson, texts: Texts) -> str:
    """The owner's own promise first, the one due first."""
    promises = sorted(person.promises, key=lambda each: (not each.mine, each.due_on or date.max, each.text))
    if not promises:
        return ""
    first = promises[0]
    if first.mine:
        return texts.gettext("You promised: “{text}”. Keep it now, or say when it will come.", text=short(first.text))
    return texts.gettext("They promised: “{text}”. Ask kindly how it is going.", text=short(first.text))


def _of_note(person: DigestPerson, texts: Texts) -> str:
    if not person.last_note.strip():
        return ""
    note = short(person.last_note)
    if person.last_note_on is None:
        return texts.gettext("Last time it was about “{note}”. Ask how that went.", note=note)
    day = texts.date(person.last_note_on)
    return texts.gettext("Last time, on {date}, it was about “{note}”. Ask how that went.", date=day, note=note)


def _opener_kind(person: DigestPerson) -> str:
    kind = "asleep" if person.freshness.state == "asleep" else person.circle
    return kind if kind in OPENERS else "lukewarm"


def short(text: str) -> str:
    """On one line, without its final stop, cut at a word."""
    line = " ".join(text.split()).rstrip(".")
    if len(line) <= NOTE_LENGTH:
        return line
    return line[:NOTE_LENGTH].rpartition(" ")[0].rstrip(",;:") + " …"
