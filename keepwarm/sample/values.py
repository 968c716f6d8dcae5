"""What `network.toml` holds, in one language. Days count back from the moment the sample is made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from keepwarm.texts import LANGUAGES

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Whose network it is: the fields of `keepwarm.profile.Profile`, a goal and a name."""

    name: str
    goal: str
    words: str
    role: str
    wishes: str
    education: str
    experience: str
    sectors: tuple[str, ...]
    regions: tuple[str, ...]
    spoken: str
    written: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``sent`` and ``received``: mails each way, the last ``days`` ago; ``met``: days ago. ``by``: who brought them in.

    ``state``: active, private, ignored or proposed. ``birthday``: in so many days; None where nobody knows it.
    """

    name: str
    at: str
    organisation: str = ""
    role: str = ""
    kind: str = ""
    circle: str = ""
    state: str = "active"
    close: bool = False
    interesting: bool = False
    origins: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    by: str = ""
    sent: int = 0
    received: int = 0
    days: int = 0
    met: tuple[int, ...] = ()
    birthday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A meeting of several, by which they know one another."""

    title: str
    days: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was said in a talk ``days`` ago; ``mine`` is due in ``mine_in`` days."""

    who: str
    days: int
    said: str
    tips: str = ""
    finding: str = ""
    mine: str = ""
    mine_in: int = 7
    theirs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A talk on the working day that is so many ahead, at this hour of the owner's clock."""

    who: tuple[str, ...]
    days: int
    hour: int
    title: str
    place: str
    reading: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An entry of the plan: somebody, or a role at an organisation. ``said``: the owner's word on it, may be empty."""

    days: int
    who: str = ""
    find_out: str = ""
    sector: str = ""
    via: str = ""
    said: str = ""
    role: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    via: str
    whom: str
    days: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everything in one language."""

    lang: str
    me: Me
    targets: tuple[Target, ...]
    people: tuple[Person, ...]
    company: tuple[Company, ...]
    notes: tuple[Note, ...]
    ahead: tuple[Ahead, ...]
    plan: tuple[Planned, ...]
    introductions: tuple[Introduced, ...]


_OTHERWISE = {"in": "days", "at": "hour"}  # words of the file that are none in Python, in [[ahead]]


@lru_cache(maxsize=len(LANGUAGES))
def network(lang: str) -> Network:
    """The sample in this language, English for one it has not."""
    lang = lang if lang in LANGUAGES else "en"
    told = tomllib.loads((files("keepwarm.sample") / "network.toml").read_text(encoding="utf-8"))
    ahead = [{_OTHERWISE.get(name, name): each for name, each in row.items()} for row in told["ahead"]]
    return Network(
        lang=lang,
        me=_value(Me, told["me"], lang),
        targets=_values(Target, told["targets"], lang),
        people=_values(Person, told["people"], lang),
        company=_values(Company, told["company"], lang),
        notes=_values(Note, told["notes"], lang),
        ahead=_values(Ahead, ahead, lang),
        plan=_values(Planned, told["plan"], lang),
        introductions=_values(Introduced, told["introductions"], lang),
    )


def _values(kind: type[T], rows: Sequence[Mapping[str, Any]], lang: str) -> tuple[T, ...]:
    return tuple(_value(kind, row, lang) for row in rows)


def _value(kind: type[T], row: Mapping[str, Any], lang: str) -> T:
    if unknown := row.keys() - {each.name for each in fields(kind)}:  # type: ignore[arg-type]  # dataclasses only
        raise ValueError(f"not in {kind.__name__}: {sorted(unknown)}")
    return kind(**{name: _said(each, lang) for name, each in row.items()})


def _said(each: Any, lang: str) -> Any:
    """A text in this language; a list as a tuple; anything else as it is."""
    found = each[lang] if isinstance(each, dict) else each
    return tuple(found) if isinstance(found, list) else found
