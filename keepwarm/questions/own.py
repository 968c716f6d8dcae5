"""The owner's own version of a prepared list: what they left out, put in their own words, or added.

Kept as differences by the id of a question, never as a copy: a list that gets better with a later release gets better
for everybody. Pure; called by `compose`, and by the store and the pages when something is saved.
"""

from __future__ import annotations

from dataclasses import replace
from string import Formatter

from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.questions.values import REGISTERS, SLOTS, OwnList, Prepared, StoredList

LONGEST = 300  # characters of one question; ours
MOST = 20  # questions of one's own in a list; ours
FOR_ONE_TALK = 10  # ours
OWN = "own"  # the part of a question that the owner added


def checked(text: str) -> str:
    """A question as it can be kept: on one line, at most LONGEST, its places in braces ones that we fill.

    Raises NotPossible, with a sentence that says what to do.
    """
    line = one_line(text, LONGEST)
    if not line:
        raise NotPossible("A question needs words. Nothing was changed.")
    try:
        places = [(name, spec, turn) for _, name, spec, turn in Formatter().parse(line) if name is not None]
    except ValueError:
        places = [("", "", "")]
    if any(name not in SLOTS or spec or turn for name, spec, turn in places):
        raise NotPossible(
            "Braces hold a place that Keepwarm fills, such as {name} or {organisation}. Nothing was changed; write the"
            " question without braces, or with one of these."
        )
    return line


def applied(stored: StoredList, own: OwnList) -> StoredList:
    """The list as the owner wants it, their own questions first."""
    if not own:
        return stored
    added = tuple(_prepared(f"{OWN}_{number}", text, stored.lang) for number, text in enumerate(own.added, 1))
    kept = tuple(_worded(each, own, stored.lang) for each in stored.questions if each.id not in own.hidden)
    return replace(stored, questions=(*added, *kept))


def for_one_talk(text: str, number: int, lang: str) -> Prepared:
    """A question for one talk: as it was typed, braces and all."""
    return _prepared(f"talk_{number}", text.replace("{", "{{").replace("}", "}}"), lang)


def _prepared(key: str, text: str, lang: str) -> Prepared:
    return Prepared(id=key, text=dict.fromkeys(REGISTERS[lang], text), why="", slots=_slots(text), part=OWN)


def _worded(each: Prepared, own: OwnList, lang: str) -> Prepared:
    text = own.worded.get(each.id)
    if text is None:
        return each
    return replace(each, text=dict.fromkeys(REGISTERS[lang], text), slots=_slots(text) | _slots(each.why))


def _slots(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
