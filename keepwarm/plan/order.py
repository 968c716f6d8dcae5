"""The order of the plan: warm, then lukewarm naming whom one shares, cold through somebody. The owner's own wins.

Called by `keepwarm.store.planning`. METHOD.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from keepwarm.plan.values import Entry, Place
from keepwarm.texts import Texts, mark

_WHY = {
    "own": mark("You put it here yourself."),
    "warm": mark("{name} knows you, so this is a good place to begin."),
    "lukewarm_shared": mark("You both know {shared}: begin with that name."),
    "lukewarm": mark("You know each other a little. Say where you met."),
    "cold_shared": mark("Better through {shared} than straight away."),
    "cold": mark("You do not know each other yet. It goes easier once somebody introduces you."),
    "role_shared": mark("Ask {shared} who does this work there."),
    "role": mark("First find out who does this work. People who know you well are good to ask."),
}
_RANK = ("warm", "lukewarm_shared", "lukewarm", "cold_shared", "role_shared", "cold", "role")


def ordered(entries: Sequence[Entry], texts: Texts) -> list[Place]:
    """All entries in order. Those that the owner placed stand where they were put, the others fill in around them."""
    proposed = sorted((each for each in entries if not each.position), key=_key)
    for each in sorted((each for each in entries if each.position), key=lambda each: (each.position, each.id)):
        proposed.insert(each.position - 1, each)
    return [Place(entry=each, why=_why(each, texts)) for each in proposed]


def kind_of(entry: Entry) -> str:
    """Which of the reasons holds, by circle and by who is shared."""
    if entry.contact_id is None:
        return "role_shared" if entry.shared else "role"
    if entry.circle == "warm":
        return "warm"
    circle = "lukewarm" if entry.circle == "lukewarm" else "cold"
    return f"{circle}_shared" if entry.shared else circle


def _key(entry: Entry) -> tuple[int, bool, object, str]:
    return (_RANK.index(kind_of(entry)), not entry.interesting, entry.created_at, entry.id)


def _why(entry: Entry, texts: Texts) -> str:
    return texts(_WHY["own" if entry.position else kind_of(entry)], name=entry.name, shared=entry.shared)
