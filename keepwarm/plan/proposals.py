"""Whom to add to the plan: people at interesting organisations or in the field, and those who can help.

Called by `keepwarm.store.planning`. At most twenty, each with the sentence that says why; nobody is added unasked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from keepwarm.contacts import organisation_key
from keepwarm.profile import Profile
from keepwarm.talks import is_employer
from keepwarm.texts import Texts, mark

MOST = 20
LETTERS = 4  # ours: shorter words ("in", "van", "IT") say too little about a field

HELP: dict[str, str] = {  # what people can do for the owner: METHOD.md section 2
    "opening": mark("may know of an opening where they work"),
    "eyes_open": mark("keeps their eyes open for you"),
    "leaver": mark("may know somebody who is about to leave a job"),
    "organisations": mark("knows organisations that would suit you"),
    "newcomers": mark("hears of organisations that grow or come to the region"),
    "names": mark("can name other people"),
    "about_organisation": mark("can tell you about the organisation"),
    "about_opening": mark("can tell you about an opening there"),
    "introduction": mark("can introduce you there"),
}
INSIDERS = frozenset({"about_organisation", "about_opening", "introduction"})

_WHY = {
    "target": mark("Works at {organisation}, where you would like to be."),
    "interesting": mark("You marked {name} as interesting."),
    "field": mark("Works in what you look for: {what}."),
    "hires": mark("Has a say in who is hired, as {what}."),
    "help": mark("You noted: {what}."),
    "warm": mark("Knows you well: good to ask for tips and names."),
}
REASONS = tuple(_WHY)  # the best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody in the network who is in no plan. ``help``: keys of `HELP` that the owner ticked."""

    contact_id: str
    name: str
    circle: str
    role: str = ""
    organisation: str = ""
    organisation_kind: str = ""
    interesting: bool = False
    help: tuple[str, ...] = ()
    strength: int = 0  # how much goes both ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """``reason``: which of the reasons it is, ``why``: the same as a sentence."""

    contact_id: str
    name: str
    reason: str
    why: str


def proposals(people: Sequence[Candidate], profile: Profile, targets: Collection[str], texts: Texts) -> list[Proposed]:
    """The best reasons first, within one those with whom most goes both ways. ``targets``: names of organisations."""
    keys = {organisation_key(name) for name in targets} - {""}
    found = [(each, *reason) for each in people if (reason := _reason(each, profile, keys, texts))]
    found.sort(key=lambda one: (REASONS.index(one[1]), -one[0].strength, one[0].name.casefold(), one[0].contact_id))
    best = found[:MOST]
    return [Proposed(contact_id=each.contact_id, name=each.name, reason=key, why=why) for each, key, why in best]


def proposed_help(role: str, *, target: bool) -> tuple[str, ...]:
    """What somebody can likely help with, by role and by whether they work where the owner would like to be."""
    inside = ("about_organisation", "introduction") if target else ()
    return ("eyes_open", "names", *inside, *(("opening",) if is_employer(role) else ()))


def _reason(each: Candidate, profile: Profile, keys: set[str], texts: Texts) -> tuple[str, str] | None:
    what = {
        "target": each.organisation if organisation_key(each.organisation) in keys else "",
        "interesting": each.name if each.interesting else "",
        "field": _in_field(each, profile),
        "help": texts.join([texts(HELP[key]) for key in HELP if key in each.help]),
        "warm": each.name if each.circle == "warm" and each.strength else "",
    }
    reason = next((key for key in REASONS if what.get(key)), None)
    if reason is None:
        return None
    if reason == "field" and is_employer(each.role):
        return "hires", texts(_WHY["hires"], what=", ".join(filter(None, (each.role, each.organisation))))
    return reason, texts(_WHY[reason], name=each.name, organisation=each.organisation, what=what[reason])


def in_field(text: str, profile: Profile) -> bool:
    """Whether a role or organisation speaks of the role or a sector of the owner's."""
    return _speaks(text, (profile.role, *profile.sectors))


@lru_cache(maxsize=16_384)
def _speaks(text: str, of: tuple[str, ...]) -> bool:
    wanted = frozenset().union(*map(_words, of))
    return any(_alike(mine, theirs) for mine in wanted for theirs in _words(text))


def _in_field(each: Candidate, profile: Profile) -> str:
    """The role or organisation of theirs that does so; empty if none does."""
    told = (each.role, each.organisation, each.organisation_kind)
    return next((text for text in told if in_field(text, profile)), "")


def _alike(mine: str, theirs: str) -> bool:
    """The same word, or one made with it: museum, museums, museumdirecteur, jeugdzorg for zorg."""
    if theirs.startswith(mine) or theirs.endswith(mine):
        return True
    return len(theirs) > LETTERS and (mine.startswith(theirs) or theirs.startswith(mine[:-1]))


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) >= LETTERS)
