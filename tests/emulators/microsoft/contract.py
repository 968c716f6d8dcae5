"""The OpenAPI subset in ../shared/contracts/microsoft as checks: which method a request is, and whether it may be so.

`desk.py` asks for every request and every answer. The document is read once in a process. A method's name is its verb
and path, with parameters as ``{id}`` and without the brackets of functions: "GET /me/mailFolders/{id}/messages/delta".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.conftest import absent
from tests.emulators.microsoft.schema import Schemas
from tests.emulators.stand.checks import Check, Wrong
from tests.emulators.stand.values import Json

FILE = Path(__file__).parents[4] / "shared" / "contracts" / "microsoft" / "graph-v1.0-subset.openapi.json"
MOST = 1000  # $top of mails, M/graph/api/user-list-messages; taken for every list


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method. ``fields`` are the properties of what it gives, ``action`` says that its parameters may be spelt in
    either case, ``answers`` are the checks by status ("2XX" for any of them), None for an empty answer."""

    name: str
    verb: str
    pattern: re.Pattern[str]
    keys: tuple[str, ...]
    fixed: int
    query: Mapping[str, Json]
    request: Check | None
    action: frozenset[str]
    answers: Mapping[str, Check | None]
    fields: frozenset[str]

    @property
    def status(self) -> int:
        """Of a good answer."""
        found = next(status for status in self.answers if status.startswith("2"))
        return 200 if found == "2XX" else int(found)

    @property
    def delta(self) -> bool:
        return self.name.endswith("/delta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All methods, and the properties of every type by its full name."""

    methods: Mapping[tuple[str, int], tuple[Method, ...]]
    names: frozenset[str]
    schemas: Schemas

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method of a path as sent, and that path's values, decoded; None where there is no such method."""
        plain = plainly(path)
        for method in self.methods.get((verb, plain.count("/")), ()):
            if found := method.pattern.fullmatch(plain):
                return method, dict(zip(method.keys, map(unquote, found.groups()), strict=True))
        return None

    def fields(self, kind: str) -> frozenset[str]:
        """Of a type such as "microsoft.graph.eventMessage"; empty for an unknown one."""
        return frozenset(self.schemas.shape(self.schemas.named.get(kind, {})).properties)


def plainly(path: str) -> str:
    """One spelling of the several that OData has: ``/mailFolders('inbox')`` and ``/microsoft.graph.delta()``."""
    path = path.removeprefix("/v1.0")
    path = re.sub(r"\(('|%27)(.*?)('|%27)\)", r"/\2", path)
    return re.sub(r"(\(\))?$", "", path.replace("/microsoft.graph.", "/"))


def named(method: str) -> str:
    """A method's name as the desk spells it, from any near spelling of it."""
    return re.sub(r"\{[^}]*\}", "{id}", method).replace("()", "")


@cache
def contract() -> Contract:
    """Skips the test where ../shared is absent; in CI that fails."""
    if not FILE.is_file():
        absent("../shared/contracts/microsoft is not there")
    document = json.loads(FILE.read_text())
    schemas = Schemas(named=document["components"]["schemas"])
    found = [
        _method(document, schemas, path, verb.upper(), part)
        for path, item in document["paths"].items() for verb, part in item.items() if verb != "parameters"
    ]  # fmt: skip
    index: dict[tuple[str, int], list[Method]] = {}
    for method in sorted(found, key=lambda method: -method.fixed):
        index.setdefault((method.verb, method.name.count("/")), []).append(method)
    return Contract(
        methods={key: tuple(methods) for key, methods in index.items()},
        names=frozenset(method.name for method in found), schemas=schemas,
    )  # fmt: skip


def _method(document: Json, schemas: Schemas, path: str, verb: str, part: Json) -> Method:
    plain = path.replace("()", "")
    pieces = re.split(r"\{([^}]+)\}", plain)
    answers = {status: _content(document, schemas, answer) for status, answer in part["responses"].items()}
    body = part.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return Method(
        name=f"{verb} {named(path)}", verb=verb,
        pattern=re.compile("([^/]+)".join(map(re.escape, pieces[::2]))), keys=tuple(pieces[1::2]),
        fixed=sum(map(len, pieces[::2])), query=dict(_query(document, part)),
        request=schemas.check(body) if body else None,
        action=frozenset(body.get("properties", ())) if body and plain != "/$batch" else frozenset(),
        answers=answers, fields=_fields(document, schemas, part),
    )  # fmt: skip


def _query(document: Json, part: Json) -> Iterable[tuple[str, Json]]:
    for given in part.get("parameters", ()):
        found = _followed(document, given)
        if found["in"] == "query":
            yield found["name"], found


def _followed(document: Json, part: Json) -> Json:
    found: Any = document
    for piece in part.get("$ref", "#").split("/")[1:]:
        found = found[piece]
    return part if found is document else dict(found)


def _content(document: Json, schemas: Schemas, answer: Json) -> Check | None:
    found = _followed(document, answer).get("content", {}).get("application/json", {}).get("schema")
    return schemas.check(found) if found else None


def _fields(document: Json, schemas: Schemas, part: Json) -> frozenset[str]:
    """The properties of the type given, or listed."""
    good = next(answer for status, answer in part["responses"].items() if status.startswith("2"))
    schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    shape = schemas.shape(schema)
    if "value" in shape.properties:
        shape = schemas.shape(shape.properties["value"]["items"])
    return frozenset(shape.properties)


def arguments(method: Method, query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The query's values by name, typed; Wrong when the method does not take it so."""
    found: dict[str, Any] = {}
    for name, text in query:
        part = method.query.get(name)
        if part is None:
            raise Wrong(f"parameter {name} is unknown")
        if name in found:
            raise Wrong(f"parameter {name} is given twice")
        found[name] = _typed(part["schema"], text, name)
    for name in (name for name, part in method.query.items() if part.get("required") and name not in found):
        raise Wrong(f"parameter {name} is required")
    return found


def _typed(schema: Json, text: str, name: str) -> Any:
    kind = schema["type"]
    if kind == "array":
        return tuple(part.strip() for part in re.split(r",(?![^(]*\))", text))
    if kind == "boolean":
        if text not in ("true", "false"):
            raise Wrong(f"parameter {name} is neither true nor false")
        return text == "true"
    if kind == "integer":
        if not text.isascii() or not text.isdigit() or (name == "$top" and not 1 <= int(text) <= MOST):
            raise Wrong(f"parameter {name} is not a number in its range")
        return int(text)
    return text
