"""OData's words in a request: ``$filter`` as a test of an item, ``$select``, ``$orderby``, ``$expand``, ``Prefer``.

As much of them as Outlook's services take; another form is Wrong, so that no test passes by chance. OASIS OData 4.01,
part 2, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.stand.checks import Wrong
from tests.emulators.stand.values import Json, instant

Test = Callable[[Json], bool]
WORDS = re.compile(r"\s*('(?:[^']|'')*'|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?|[\w@.][\w@./-]*|[():,])")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
}  # fmt: skip
CALLS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith, "endswith": str.endswith, "contains": str.__contains__,
}  # fmt: skip
CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``names`` are the properties it looks at."""

    test: Test
    names: frozenset[str]


def read(text: str) -> Filter:
    """Wrong where it cannot be read."""
    words = [found.group(1) for found in WORDS.finditer(text)]
    if "".join(words) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text):
        raise Wrong("$filter cannot be read")
    reader = _Reader(words)
    test = reader.either()
    if reader.words:
        raise Wrong(f"$filter goes on with {reader.words[0]}")
    return Filter(test=test, names=frozenset(reader.names))


class _Reader:
    """Uses its words up, from left to right."""

    def __init__(self, words: list[str]) -> None:
        self.words, self.names = words, set[str]()

    def next(self, wanted: str = "") -> str:
        if not self.words or (wanted and self.words[0] != wanted):
            raise Wrong(f"$filter lacks {wanted or 'a word'}")
        return self.words.pop(0)

    def either(self) -> Test:
        tests = [self.both()]
        while self.words[:1] == ["or"]:
            self.next()
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.words[:1] == ["and"]:
            self.next()
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def one(self) -> Test:
        word = self.next()
        if word == "not":
            inner = self.one()
            return lambda item: not inner(item)
        if word == "(":
            inner = self.either()
            self.next(")")
            return inner
        if word in CALLS:
            return self._call(CALLS[word])
        if word.endswith("/any"):
            return self._any(word.removesuffix("/any"))
        return self._compared(word)

    def _call(self, call: Callable[[str, str], bool]) -> Test:
        self.next("(")
        path = self._path(self.next())
        self.next(",")
        part = _literal(self.next())
        self.next(")")
        return lambda item: call(str(path(item) or "").lower(), str(part).lower())

    def _any(self, path: str) -> Test:
        found = self._path(path)
        self.next("(")
        self.next()  # the variable: paths inside begin with it
        self.next(":")
        inner = _Reader(self.words)
        test = inner.either()
        self.next(")")
        return lambda item: any(test({"": part}) for part in found(item) or ())

    def _compared(self, word: str) -> Test:
        path, compare = self._path(word), COMPARE.get(self.next())
        if compare is None:
            raise Wrong(f"$filter compares {word} with nothing")
        literal = self.next()
        value = _literal(literal)
        moment = bool(MOMENT.fullmatch(literal))

        def test(item: Json) -> bool:
            found = path(item)
            if found is None or value is None:
                return found is value if compare is COMPARE["eq"] else found is not value
            return compare(instant(found) if moment else found, value)

        return test

    def _path(self, word: str) -> Callable[[Json], Any]:
        first, *rest = word.split("/")
        self.names.add(first)

        def value(item: Any) -> Any:
            found = item[""] if "" in item else item.get(first)
            for name in rest:
                found = found.get(name) if isinstance(found, dict) else None
            return found

        return value


def _literal(word: str) -> Any:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    if MOMENT.fullmatch(word):
        return instant(word)
    if word in CONSTANTS:
        return CONSTANTS[word]
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    raise Wrong(f"$filter: {word} is no value")


def order(parts: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """The paths of ``$orderby`` and whether each goes downwards."""
    for part in parts:
        name, _, way = part.partition(" ")
        if way not in ("", "asc", "desc"):
            raise Wrong(f"$orderby: {part} has no such direction")
        yield name, way == "desc"


def expanded(part: str) -> tuple[str, Filter | None]:
    """The name in one part of ``$expand``, and the filter inside its brackets."""
    found = re.fullmatch(r"(\w+)(?:\(\$filter=(.*)\))?", part)
    if found is None:
        raise Wrong(f"$expand: {part} cannot be read")
    return found.group(1), read(found.group(2)) if found.group(2) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer:
    """What the header asks for; ``size`` is odata.maxpagesize, ``zone`` outlook.timezone."""

    immutable: bool = False
    zone: str = "UTC"
    size: int | None = None


def preferred(header: str) -> Prefer:
    """Wrong for a preference that Outlook does not know: the real one passes over it in silence."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", header))):
        name, _, value = part.partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    known = {"idtype", "outlook.timezone", "odata.maxpagesize", "outlook.body-content-type"}
    if unknown := found.keys() - known:
        raise Wrong(f"Prefer: {min(unknown)} is unknown")
    if found.get("idtype", "ImmutableId") != "ImmutableId" or not found.get("odata.maxpagesize", "1").isdigit():
        raise Wrong("Prefer: a value is unknown")
    size = found.get("odata.maxpagesize")
    return Prefer(
        immutable="idtype" in found, zone=found.get("outlook.timezone", "UTC"), size=int(size) if size else None
    )
