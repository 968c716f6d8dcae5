"""Who can introduce the owner to whom: ties between other people, and the ways that lead over them.

A tie rests on evidence that is there already: named together in mails, in the same meetings, one brought the other in,
the same organisation. Crowds tie nobody. Called by `keepwarm.store.ties` and shown by pages and command.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import pairwise, permutations
from math import exp, log

from keepwarm.texts import Texts, mark

CROWD = 8  # people: PRODUCT.md section 4; more tie nobody
HALF_LIFE = timedelta(days=365)  # ours: what lies a year back says half as much
BETWEEN = 2  # others at most on a way
WAYS = 5  # ours: more than these nobody tries
FAINT = 0.05  # ours: weaker ties lead nowhere
STRANGERS = 0.12  # ours: one organisation alone; whether they ever met is open
BROUGHT_IN = 0.6  # ours: whoever brought somebody in knew them
SURE = 0.35  # ours: from here on a step needs no word of doubt

# How surely somebody passes a wish on for the owner, by how they know each other.
OWN = {"warm": 0.9, "lukewarm": 0.5, "cold": 0.1}


Costs = Mapping[str, float]  # by contact id; they add up, where what is likely multiplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """One mail or meeting that both took part in. ``people``: all of them, the owner included."""

    meeting: bool
    people: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What speaks for two people knowing each other; ``strength`` from 0 to below 1."""

    strength: float
    mails: int = 0
    meetings: int = 0
    last_at: datetime | None = None
    brought_in: bool = False  # one of them brought the other in
    organisation: str = ""  # that both work for


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    contact_id: str
    name: str
    circle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one person to the next. ``doubt``: the evidence is thin. ``why``: one sentence."""

    contact_id: str
    name: str
    doubt: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From the owner to somebody; the last step is them. ``strength`` falls with every step."""

    steps: tuple[Step, ...]
    strength: float


_OWN_WHY = {
    "warm": mark("You know {name} well."),
    "lukewarm": mark("You know {name} a little."),
    "cold": mark("You hardly know {name} yourself."),
}
_BROUGHT_IN = mark("{a} brought {b} into your life.")
_SAME_PLACE = mark("{a} and {b} both work for {organisation}; whether they know each other is open.")
_LONG_AGO = mark("{told} That may be long past.")


def tie(shared: Iterable[Together], now: datetime, *, brought_in: bool = False, organisation: str = "") -> Tie | None:
    """What two people have in common; None where nothing speaks for it. Crowds and what is yet to come do not count.

    Each time counts by how few they were and how recent it was: a talk of three says more than a mail to eight.
    """
    counted = [each for each in shared if 2 < each.people <= CROWD and each.at <= now]
    weight = sum(_weight(each, now) for each in counted)
    strength = 1 - exp(-weight)
    for floor, holds in ((BROUGHT_IN, brought_in), (STRANGERS, bool(organisation))):
        strength = max(strength, floor) if holds else strength
    if strength < FAINT:
        return None
    return Tie(
        strength=min(strength, 0.95),
        mails=sum(not each.meeting for each in counted),
        meetings=sum(each.meeting for each in counted),
        last_at=max((each.at for each in counted), default=None),
        brought_in=brought_in,
        organisation=organisation,
    )


def _weight(each: Together, now: datetime) -> float:
    """A meeting of three of today weighs 1, a mail to three half of that."""
    fresh = 0.5 ** ((now - each.at) / HALF_LIFE)
    return float(fresh * (1.0 if each.meeting else 0.5) / (each.people - 2))


def ways(
    people: Sequence[Person], ties: Mapping[frozenset[str], Tie], goals: Collection[str], now: datetime, texts: Texts
) -> list[Way]:
    """The best ways to any of ``goals`` (contact ids) over at most two others, the strongest first; no direct ones.

    ``ties`` by pair of contact ids.
    """
    known = {each.contact_id: each for each in people}
    own = {each.contact_id: -log(OWN[each.circle]) for each in people if each.contact_id not in goals}
    beside: dict[str, dict[str, float]] = {}
    for pair, found in ties.items():
        for one, other in permutations(pair):
            beside.setdefault(one, {})[other] = -log(found.strength)
    best = nsmallest(WAYS, _ways(sorted(set(goals) & known.keys()), own, beside, known))
    return [Way(strength=exp(-cost), steps=tuple(_steps(way, known, ties, now, texts))) for cost, way in best]


def _ways(
    goals: Iterable[str], own: Costs, beside: Mapping[str, Costs], known: Collection[str]
) -> Iterator[tuple[float, list[str]]]:
    """Costs and contact ids of every way that can be among the best; over two others only by the best to the second."""
    nearest: dict[str, list[tuple[float, str]]] = {}
    for goal in goals:
        for one, last in beside.get(goal, {}).items():
            if one in own:
                yield own[one] + last, [one, goal]
            if one in known and one not in nearest:
                over = ((own[each] + cost, each) for each, cost in beside[one].items() if each in own)
                nearest[one] = nsmallest(WAYS, over)
            for cost, each in nearest.get(one, ()):
                yield cost + last, [each, one, goal]


def _steps(
    way: Sequence[str], known: Mapping[str, Person], ties: Mapping[frozenset[str], Tie], now: datetime, texts: Texts
) -> Iterable[Step]:
    first = known[way[0]]
    yield Step(
        contact_id=first.contact_id,
        name=first.name,
        doubt=first.circle == "cold",
        why=texts(_OWN_WHY[first.circle], name=first.name),
    )
    for before, after in pairwise(way):
        found = ties[frozenset((before, after))]
        yield Step(
            contact_id=after,
            name=known[after].name,
            doubt=found.strength < SURE,
            why=told(found, known[before].name, known[after].name, now, texts),
        )


def told(found: Tie, a: str, b: str, now: datetime, texts: Texts) -> str:
    """The evidence for a tie in a sentence, with a word of doubt where it is thin."""
    if found.meetings or found.mails:
        said = _counted(found, a, b, now, texts)
        return texts(_LONG_AGO, told=said) if found.last_at and now - found.last_at > 2 * HALF_LIFE else said
    if found.brought_in:
        return texts(_BROUGHT_IN, a=a, b=b)
    return texts(_SAME_PLACE, a=a, b=b, organisation=found.organisation)


def _counted(found: Tie, a: str, b: str, now: datetime, texts: Texts) -> str:
    ago = texts.ago(now - found.last_at) if found.last_at else ""
    if found.meetings:
        return texts.ngettext(
            "{a} and {b} were in {number} meeting with you, {ago}.",
            "{a} and {b} were in {number} meetings with you, last {ago}.",
            found.meetings, a=a, b=b, ago=ago,
        )  # fmt: skip
    return texts.ngettext(
        "{a} and {b} were both in {number} mail, {ago}.",
        "{a} and {b} were both in {number} mails, last {ago}.",
        found.mails, a=a, b=b, ago=ago,
    )  # fmt: skip
