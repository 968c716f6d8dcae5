"""The prepared question lists: reading, checking, choosing a register. Called by `compose` and by the tests.

A file ``question_lists/<lang>/<type>.toml`` holds ``title``, optionally ``[opening]`` and ``[[follow_on]]``, and
``[[question]]`` tables: ``id``, the text per register, ``why``, and optionally ``goals``, ``circles``, ``origins``,
``types``, ``needs`` and ``unless`` (slots), ``priority``, ``closing``, ``part``. Slots in a text are needed by it.
``personal.toml`` holds what any talk may add: log, promises, plan, and one question per circle and goal.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from keepwarm.circles import CIRCLES
from keepwarm.questions.values import GOALS, REGISTERS, SLOTS, TYPES, Prepared, StoredList

PERSONAL = "personal"
PARTS = ("core", "extra", "log", "promises")
_KEYS = {"id", "why", "goals", "circles", "origins", "types", "needs", "unless", "priority", "closing", "part"}


class ListError(ValueError):
    """A prepared list is wrong; the message names file and question."""


@lru_cache(maxsize=len(REGISTERS))
def load_lists(lang: str) -> Mapping[str, StoredList]:
    """All prepared lists of a language by type, ``personal`` among them; checked, read once. Raises ListError."""
    folder = files("keepwarm") / "question_lists" / lang
    return {
        name: read_list((folder / f"{name}.toml").read_text(encoding="utf-8"), type_=name, lang=lang)
        for name in (*TYPES, PERSONAL)
    }


def read_list(text: str, *, type_: str, lang: str) -> StoredList:
    """One list out of the text of its file. Raises ListError for anything that would show as a blank or a surprise."""
    data = tomllib.loads(text)
    registers = REGISTERS[lang]
    questions = tuple(_question(raw, registers, f"{lang}/{type_}") for raw in data.get("question", ()))
    opening = {register: _clean(data["opening"][register]) for register in registers} if "opening" in data else {}
    found = StoredList(
        type=type_,
        lang=lang,
        title=data["title"],
        questions=questions,
        opening=opening,
        follow_on=tuple((each["type"], each["when"]) for each in data.get("follow_on", ())),
    )
    _check(found, f"{lang}/{type_}")
    return found


def _question(raw: Mapping[str, Any], registers: tuple[str, str], where: str) -> Prepared:
    name = f"{where}: {raw.get('id', '?')}"
    unknown = set(raw) - _KEYS - set(registers)
    missing = {"id", "why", *registers} - set(raw)
    if unknown or missing:
        raise ListError(f"{name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    text = {register: _clean(raw[register]) for register in registers}
    return Prepared(
        id=raw["id"],
        text=text,
        why=_clean(raw["why"]),
        slots=frozenset(raw.get("needs", ())).union(*map(slots_in, (*text.values(), raw["why"]))),
        goals=tuple(raw.get("goals", ())),
        circles=tuple(raw.get("circles", ())),
        origins=tuple(raw.get("origins", ())),
        types=tuple(raw.get("types", ())),
        unless=frozenset(raw.get("unless", ())),
        part=raw.get("part", "core"),
        priority=raw.get("priority", 50),
        closing=raw.get("closing", False),
    )


def _clean(text: str) -> str:
    return " ".join(text.split())


def slots_in(text: str) -> frozenset[str]:
    """Names in braces."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _check(found: StoredList, where: str) -> None:
    if sum(each.closing for each in found.questions) > 1:
        raise ListError(f"{where}: two closing questions")
    for kind, values in (("id", [each.id for each in found.questions]), ("text", _texts(found))):
        doubled = {value for value in values if values.count(value) > 1}
        if doubled:
            raise ListError(f"{where}: the same {kind} twice: {sorted(doubled)}")
    for each in found.questions:
        _check_question(each, f"{where}: {each.id}")
    if not all(type_ in TYPES for type_, _ in found.follow_on):
        raise ListError(f"{where}: follows on to an unknown type")
    if any("!" in line or not line for line in (*_texts(found), *found.opening.values(), found.title)):
        raise ListError(f"{where}: an empty line or an exclamation mark")


def _texts(found: StoredList) -> list[str]:
    return [text for each in found.questions for text in set(each.text.values())]


def _check_question(each: Prepared, where: str) -> None:
    known = (
        (each.slots | each.unless, SLOTS),
        (each.goals, {*GOALS, "none"}),
        (each.circles, set(CIRCLES)),
        (each.types, set(TYPES)),
        ((each.part,), set(PARTS)),
    )
    for used, allowed in known:
        if not set(used) <= allowed:
            raise ListError(f"{where}: unknown {sorted(set(used) - allowed)}")
    if not each.why or "!" in each.why:
        raise ListError(f"{where}: needs a reason, said calmly")


def propose_register(circle: str, lang: str, *, type_: str = "") -> str:
    """How to address somebody, to be confirmed by the owner: as a familiar in the warm circle, else formally.

    Tips, and keeping up with somebody known through others, are asked among familiars too.
    """
    familiar, formal = REGISTERS[lang]
    if circle == "warm" or (circle == "lukewarm" and type_ in {"tips_and_names", "keep_up"}):
        return familiar
    return formal
