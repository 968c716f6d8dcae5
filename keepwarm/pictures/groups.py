"""People side by side in a picture: by the organisation they work for, or by how we know each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keepwarm.contacts import organisation_key

SECTORS = 9  # beside the rest and those without; ours: more make slices too thin for their names
TOGETHER = 2  # people; ours: one alone is no group
REST, NONE = "*", ""
STEPS = (4, 6, 9, 14, 21, 32, 48, 72, 108, 162)  # half as much again each time; ours
FOUND = ("mail", "calendar", "address_book", "linkedin", "facebook")  # where we found them says less than how we met


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """``key`` is REST for all small ones together and NONE for people without; ``name`` is empty for these two."""

    key: str
    name: str
    count: int


def by_organisation(organisations: Mapping[str, str]) -> tuple[dict[str, str], list[Group]]:
    """The group of each person, and the groups as they go round. ``organisations``: by person, may be empty."""
    keys = {who: organisation_key(name) for who, name in organisations.items()}
    names: dict[str, Counter[str]] = {}
    for who, key in keys.items():
        names.setdefault(key, Counter())[organisations[who]] += 1
    return _grouped(keys, {key: min(found, key=lambda name: (-found[name], name)) for key, found in names.items()})


def by_origin(origins: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[Group]]:
    """The same by `main_origin`; the name of a group is its key."""
    keys = {who: main_origin(found) for who, found in origins.items()}
    return _grouped(keys, {key: key for key in keys.values()})


def main_origin(origins: Sequence[str]) -> str:
    """The origin that says most: how we met before where we were found; empty without any."""
    return next((each for each in origins if each not in FOUND), next(iter(origins), NONE))


def _grouped(keys: Mapping[str, str], names: Mapping[str, str]) -> tuple[dict[str, str], list[Group]]:
    """The largest groups in the order of their names, so that a new one moves nobody to the other side."""
    sizes = Counter(key for key in keys.values() if key != NONE)
    large = [key for key, count in sorted(sizes.items(), key=lambda each: (-each[1], each[0])) if count >= TOGETHER]
    shown = set(large[:SECTORS])
    of = {who: key if key in shown or key == NONE else REST for who, key in keys.items()}
    counts = Counter(of.values())
    in_order = sorted(shown, key=lambda key: (names[key].casefold(), key))
    named = [Group(key=key, name=names[key], count=counts[key]) for key in in_order]
    return of, [*named, *(Group(key=key, name="", count=counts[key]) for key in (REST, NONE) if counts[key])]


def shares(groups: Iterable[Group]) -> dict[str, tuple[float, float]]:
    """Where each group begins and how wide it is, as shares of the round.

    A width grows in steps, so that one person more seldom moves the others.
    """
    widths = {each.key: next((step for step in STEPS if step >= each.count), each.count) for each in groups}
    whole, start, found = sum(widths.values()), 0.0, {}
    for key, width in widths.items():
        found[key] = (start, width / whole)
        start += width / whole
    return found
