"""The discovery documents in ../shared/contracts/google as checks: which method a request is, and whether it may be so.

`desk.py` asks for every request and every answer. The documents are read once in a process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.conftest import absent
from tests.emulators.google.schema import MOMENT, OFFSET, Use, scalar
from tests.emulators.stand.checks import Check, Wrong
from tests.emulators.stand.values import Json

FOLDER = Path(__file__).parents[4] / "shared" / "contracts" / "google"
DOCUMENTS = ("gmail.v1", "calendar.v3", "people.v1", "pubsub.v1")
LIMITS = {"gmail.maxResults": 500, "calendar.maxResults": 2500, "people.pageSize": 1000}  # the parameters' descriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One query parameter; ``default`` is already typed, or None."""

    check: Check
    kind: str
    repeated: bool
    required: bool
    default: Any
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of one service; ``pattern`` fits the encoded path, ``fixed`` counts its literal characters."""

    id: str
    service: str
    verb: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    fixed: int
    scopes: frozenset[str]
    parameters: Mapping[str, Parameter]
    request: Check | None
    response: Check | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All methods; ``scopes`` are all that may be asked for."""

    methods: Mapping[tuple[str, str, int], tuple[Method, ...]] = field(repr=False)
    by_id: Mapping[str, Method]
    scopes: frozenset[str]

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method and its path's values, decoded; None when there is no such method."""
        pieces = path.lstrip("/").split("/")
        for method in self.methods.get((verb, pieces[0], len(pieces)), ()):
            if found := method.pattern.fullmatch(path):
                values = zip(method.names, found.groups(), strict=True)
                return method, {name: unquote(value) for name, value in values}
        return None


@cache
def contract() -> Contract:
    """Skips the test where ../shared is absent; in CI that fails."""
    if not FOLDER.is_dir():
        absent("../shared/contracts/google is not there")
    documents = [json.loads((FOLDER / f"{name}.json").read_text()) for name in DOCUMENTS]
    found = [method for document in documents for method in _methods(document)]
    index: dict[tuple[str, str, int], list[Method]] = {}
    for method in sorted(found, key=lambda method: -method.fixed):
        pieces = method.pattern.pattern.lstrip("/").split("/")
        count = method.pattern.pattern.replace("[^/]", "").count("/")
        index.setdefault((method.verb, pieces[0].replace("\\", ""), count), []).append(method)
    scopes = {scope for document in documents for scope in document["auth"]["oauth2"]["scopes"]}
    return Contract(
        methods={key: tuple(methods) for key, methods in index.items()},
        by_id={method.id: method for method in found},
        scopes=frozenset(scopes),
    )


def _methods(document: Json) -> Iterator[Method]:
    answers = Use(schemas=document["schemas"])
    for found in _walk(document):
        yield _method(document, found, answers)


def _walk(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _walk(inner)


def _method(document: Json, found: Json, answers: Use) -> Method:
    given = found.get("parameters", {})
    pattern, names = _pattern(f"/{document['servicePath']}{found['path']}", given)
    body = Use(schemas=document["schemas"], method=found["id"], verb=found["httpMethod"])
    queries = {name: part for name, part in {**document["parameters"], **given}.items() if part["location"] == "query"}
    return Method(
        id=found["id"],
        service=document["name"],
        verb=found["httpMethod"],
        pattern=re.compile(pattern),
        names=names,
        fixed=len(re.sub(r"\([^)]*\)", "", pattern)),
        scopes=frozenset(found.get("scopes", ())),
        parameters={name: _parameter(document["name"], name, part) for name, part in queries.items()},
        request=_lazily(body, found.get("request")),
        response=_lazily(answers, found.get("response")),
    )


def _lazily(use: Use, part: Json | None) -> Check | None:
    """Most methods are never called: a schema is compiled at its first value."""
    return use.check(part) if part else None


def _pattern(path: str, parameters: Json) -> tuple[str, tuple[str, ...]]:
    """A regular expression for the encoded path, and the names of its groups."""
    made, names = "", []
    for piece in re.split(r"(\{[^}]+\})", path):
        if not piece.startswith("{"):
            made += re.escape(piece)
            continue
        name = piece.strip("{+}")
        names.append(name)
        inner = parameters[name].get("pattern", "").strip("^$") if piece.startswith("{+") else ""
        made += f"({inner or '[^/]+'})"
    return made, tuple(names)


def _parameter(service: str, name: str, part: Json) -> Parameter:
    high = part.get("maximum") or LIMITS.get(f"{service}.{name}")
    default = part.get("default")
    strict = {**part, "format": ""} if part["type"] != "string" or part.get("format") == "date-time" else part
    moment = re.compile(MOMENT + OFFSET) if part.get("format") == "date-time" else None
    plain = scalar({**strict, "enum": part.get("enum", ())})

    def check(value: Any, at: str) -> None:
        plain(value, at)
        if moment and not moment.fullmatch(value):
            raise Wrong(f"{at} needs a moment with its offset")

    kind = part["type"]
    return Parameter(
        check=check,
        kind=kind,
        repeated=bool(part.get("repeated")),
        required=bool(part.get("required")),
        default=None if default is None else _typed(kind, default, name),
        low=int(part["minimum"]) if "minimum" in part else None,
        high=int(high) if high else None,
    )


def arguments(method: Method, query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The query's values by name, typed and with defaults; Wrong when the method does not take it so."""
    found: dict[str, Any] = {name: part.default for name, part in method.parameters.items() if part.default is not None}
    seen: set[str] = set()
    for name, text in query:
        part = method.parameters.get(name)
        if part is None:
            raise Wrong(f"parameter {name} is unknown")
        value = _argument(part, name, text)
        if part.repeated:
            found[name] = [*(found[name] if name in seen else ()), value]
        elif name in seen:
            raise Wrong(f"parameter {name} is given twice")
        else:
            found[name] = value
        seen.add(name)
    for name in (name for name, part in method.parameters.items() if part.required and name not in found):
        raise Wrong(f"parameter {name} is required")
    return found


def _argument(part: Parameter, name: str, text: str) -> Any:
    if part.repeated and "," in text and "=" not in text:
        raise Wrong(f"parameter {name} is joined by commas instead of repeated")
    value = _typed(part.kind, text, name)
    part.check(value, f"parameter {name}")
    if part.kind == "integer" and not (1 if part.low is None else part.low) <= value <= (part.high or value):
        raise Wrong(f"parameter {name} is out of range")
    return value


def _typed(kind: str, text: str, name: str) -> Any:
    if kind == "boolean":
        if text not in ("true", "false"):
            raise Wrong(f"parameter {name} is neither true nor false")
        return text == "true"
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise Wrong(f"parameter {name} is not an integer")
        return int(text)
    return text
