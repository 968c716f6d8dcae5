"""Which calendar events are talks, and which kind of talk each is likely to be.

Called by `workers.prepare` and the pages. A talk is a coming event with an active contact taken as network: crowds,
team meetings, declined events and private people are none, each for a reason that can be told. ``propose_type`` follows
METHOD.md section 6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keepwarm.texts import Texts, mark
from keepwarm.types import CalendarEvent, Participant, Reply, Role

PEOPLE_AT_MOST = 8  # PRODUCT.md section 4, "Brief scope"; the owner is one of them
TEAM_OF = 2  # ours: a recurring event with more people is a team's, with two it is a standing talk

NOT_A_TALK: dict[str, str] = {
    "ours": mark("This is an entry that Keepwarm made."),
    "past": mark("It has already begun."),
    "cancelled": mark("It was cancelled."),
    "all_day": mark("It lasts all day and has no hour to prepare for."),
    "declined": mark("You declined it."),
    "crowd": mark("More than eight people take part."),
    "team_meeting": mark("It is a recurring meeting of a group."),
    "private": mark("The people you know in it are kept as private."),
    "they_declined": mark("The people you know in it have declined."),
    "nobody_known": mark("None of your contacts takes part."),
}

WHY_TYPE: dict[str, str] = {
    "not_qualified": mark("Last time it showed that you do not qualify yet: {name} may know what is missing."),
    "real_chance": mark("Last time it showed a real chance: {name} can tell how people are found for it."),
    "vacancy": mark("Your goal with {name} is one concrete opening."),
    "present_self": mark("Your goal with {name} is to make yourself known."),
    "tips": mark("{name} is close to you, and people who know you well are mostly glad to help you think."),
    "tips_first": mark("You know {name} well, and have set no goal yet: tips and names are a good start."),
    "sector_fit": mark("{name} has a say in who is hired, and you want to know whether {sector} suits you."),
    "orientation_field": mark("You want to know more about a field, and {name} knows it from the inside."),
    "orientation_outside": mark("You want to know more about {sector}: {name} may know it, or who works in it."),
    "orientation_market": mark("{name} can tell you about a part of the labour market that you know less well."),
    "orientation": mark("You have not spoken with {name} much yet: asking about their work is a good start."),
    "keep_up": mark("You have been in touch with {name} before and have set no goal: this is about keeping in touch."),
}

# Roles with a say in who is hired, in Dutch and English; a starting point that the owner can correct.
_EMPLOYER = re.compile(
    r"\b(owner|founder|co-?founder|partner|ceo|cto|cfo|coo|chair|president|director|manager|head of|team ?lead(er)?|"
    r"supervisor|recruiter|talent|hr|human resources|personnel|employer|principal|"
    r"eigenaar|oprichter|directeur|directrice|bestuurder|voorzitter|hoofd|leidinggevende|teamleider|afdelingshoofd|"
    r"bedrijfsleider|personeelszaken|p&o|werkgever|ondernemer|rector|zaakvoerder)\b"
    r"|\w+(manager|directeur|hoofd)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whose address it is: a contact of the owner. ``private`` people are never networked with."""

    contact_id: str
    active: bool = True
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A coming talk. ``contact_ids`` is unique, in the order of the event, never empty.

    ``automatic`` is false where the hour is uncertain (a guessed zone): shown, and no mail goes out by itself.
    """

    uid: str
    occurrence: str
    title: str
    start_at: datetime
    end_at: datetime
    zone: str
    contact_ids: tuple[str, ...]
    people: int
    automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NotATalk:
    """``reason`` is a key of ``NOT_A_TALK``."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFacts:
    """What is known about the person a talk is with. ``circle``, ``goal``: keys of METHOD.md; empty for none."""

    name: str
    circle: str = ""
    goal: str = ""
    talked_before: bool = False
    role: str = ""  # the contact's, as text
    sector: str = ""  # the owner's target sector
    inside: bool = True  # whether it is, or may well be, the contact's own
    origins: tuple[str, ...] = ()
    finding: str = ""  # what an earlier talk showed: keepwarm.plan.FINDINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A type of question list and the sentence that says why."""

    type: str
    why: str


def talk_of(event: CalendarEvent, *, own: frozenset[str], known: Mapping[str, Known], now: datetime) -> Talk | NotATalk:
    """The talk that an event is, or why it is none. ``own`` and the keys of ``known``: addresses in lower case."""
    guests = [each for each in event.participants if not each.resource and each.address.address not in own]
    people = 1 + len({_person(each, known) for each in guests})
    reason = _event_reason(event, own, now) or _size_reason(event, people) or _guest_reason(guests, known)
    if reason:
        return NotATalk(reason=reason)
    return Talk(
        uid=event.uid,
        occurrence=event.occurrence,
        title=event.title,
        start_at=event.start_at,
        end_at=event.end_at,
        zone=event.zone,
        contact_ids=tuple(dict.fromkeys(known[each.address.address].contact_id for each in _coming(guests, known))),
        people=people,
        automatic=not event.zone_guessed,
    )


def _person(guest: Participant, known: Mapping[str, Known]) -> str:
    found = known.get(guest.address.address)
    return found.contact_id if found else guest.address.address


def _event_reason(event: CalendarEvent, own: frozenset[str], now: datetime) -> str:
    declined = any(each.reply is Reply.DECLINED for each in event.participants if each.address.address in own)
    table = (
        ("ours", event.ours),
        ("cancelled", event.cancelled),
        ("past", event.start_at <= now),
        ("all_day", event.all_day),
        ("declined", declined),
    )
    return next((reason for reason, holds in table if holds), "")


def _size_reason(event: CalendarEvent, people: int) -> str:
    if people > PEOPLE_AT_MOST or any(each.role is Role.LIST for each in event.participants):
        return "crowd"
    return "team_meeting" if event.recurring and people > TEAM_OF else ""


def _guest_reason(guests: list[Participant], known: Mapping[str, Known]) -> str:
    """Why none of the guests makes this a talk; empty if one does."""
    if _coming(guests, known):
        return ""
    active = [each for each in guests if (found := known.get(each.address.address)) and found.active]
    if not active:
        return "nobody_known"
    network = [each for each in active if not known[each.address.address].private]
    return "they_declined" if network else "private"


def _coming(guests: list[Participant], known: Mapping[str, Known]) -> list[Participant]:
    """Guests who are active contacts taken as network and have not declined, in whichever of their roles."""
    declined = {each.address.address for each in guests if each.reply is Reply.DECLINED}
    return [
        each
        for each in guests
        if (found := known.get(each.address.address))
        and found.active
        and not found.private
        and each.address.address not in declined
    ]


def is_employer(role: str) -> bool:
    """Whether a role, in words, has a say in who is hired."""
    return bool(_EMPLOYER.search(role))


# An earlier talk that showed this is asked on about.
_NEXT = {"not_qualified": "why_not", "real_chance": "real_chance"}


def propose_type(facts: TypeFacts, texts: Texts) -> Proposal:
    """The type of question list that fits, and why in a sentence; the owner's choice always wins over it."""
    kind, why = _kind(facts)
    return Proposal(type=kind, why=texts.gettext(WHY_TYPE[why], name=facts.name, sector=facts.sector))


def _kind(facts: TypeFacts) -> tuple[str, str]:
    """Type and key of ``WHY_TYPE``."""
    if facts.finding in _NEXT:
        return _NEXT[facts.finding], facts.finding
    if facts.goal == "learn_vacancy":
        return "vacancy", "vacancy"
    if facts.goal == "present_self":
        return "present_self", "present_self"
    if (
        facts.goal
        and facts.sector
        and facts.inside
        and is_employer(facts.role)
        and not (_warm(facts) and facts.goal == "explore_market")
    ):
        return "sector_fit", "sector_fit"
    if facts.goal == "learn_field" and facts.inside:
        return "orientation", "orientation_field"
    if facts.goal == "learn_field" and not _warm(facts):
        return "orientation", "orientation_outside"
    if facts.goal:
        return ("tips_and_names", "tips") if _warm(facts) else ("orientation", "orientation_market")
    if facts.talked_before and facts.circle != "cold":
        return "keep_up", "keep_up"
    return ("tips_and_names", "tips_first") if _warm(facts) else ("orientation", "orientation")


def _warm(facts: TypeFacts) -> bool:
    """The circle says so; where none is set, a family or friendship tie does."""
    return facts.circle == "warm" or (not facts.circle and not {"family", "friends"}.isdisjoint(facts.origins))
