"""Checks compiled from the schemas of a discovery document: one closure for each schema and use, made once.

`contract.py` calls this. The dialect is described in ../shared/contracts/google/README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.stand.checks import Check, Wrong, listed
from tests.emulators.stand.values import Json

OFFSET = r"(Z|[+-]\d\d:\d\d)"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"
FORMATS = {
    "int64": re.compile(r"-?\d{1,19}"),
    "uint64": re.compile(r"\d{1,20}"),
    "byte": re.compile(r"[A-Za-z0-9+/_-]*={0,2}"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(MOMENT + OFFSET + "?"),  # an event may leave the offset to its timeZone
    "google-datetime": re.compile(MOMENT + OFFSET),
    "google-duration": re.compile(r"\d+(\.\d+)?s"),
    "google-fieldmask": re.compile(r"[A-Za-z0-9_.]+(,[A-Za-z0-9_.]+)*"),
}
RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How schemas are used: for an answer, or for the body of the method with this id and verb."""

    schemas: Json
    method: str = ""
    verb: str = ""
    made: dict[str, Check] = field(default_factory=dict)

    def named(self, name: str) -> Check:
        """The check of a schema by its bare name; what it refers to is compiled at its first value."""
        if name not in self.made:
            self.made[name] = self.check(self.schemas[name])
        return self.made[name]

    def check(self, schema: Json) -> Check:
        if "$ref" in schema:
            return lambda value, at, name=schema["$ref"]: self.named(name)(value, at)  # type: ignore[misc]
        kind = schema.get("type", "any")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return listed(self.check(schema["items"]))
        return scalar(schema)

    def _object(self, schema: Json) -> Check:
        known = {name: self.check(part) for name, part in schema.get("properties", {}).items()}
        read_only = {name for name, part in schema.get("properties", {}).items() if self._read_only(part)}
        required = {
            name for name, part in schema.get("properties", {}).items()
            if self.method and self.method in part.get("annotations", {}).get("required", ())
        }  # fmt: skip
        more = self.check(schema["additionalProperties"]) if "additionalProperties" in schema else None
        nulls = self.verb == "PATCH"  # null takes a field away

        def check(value: Any, at: str) -> None:
            if not isinstance(value, dict):
                raise Wrong(f"{at} is not an object")
            for name in required - value.keys():
                raise Wrong(f"{at}.{name} is required")
            for name, part in value.items():
                found = known.get(name, more)
                if found is None:
                    raise Wrong(f"{at}.{name} is unknown")
                if name in read_only:
                    raise Wrong(f"{at}.{name} is read-only")
                if part is not None or not nulls:
                    found(part, f"{at}.{name}")

        return check

    def _read_only(self, part: Json) -> bool:
        """Only what creates is held to it: an update may echo what was read."""
        if self.verb != "POST":
            return False
        return bool(part.get("readOnly")) or "Read-only" in part.get("description", "")


def scalar(schema: Json) -> Check:
    kind, form, enum = schema.get("type", "any"), schema.get("format", ""), frozenset(schema.get("enum", ()))
    pattern, low_high = FORMATS.get(form), RANGES.get(form)

    def check(value: Any, at: str) -> None:
        if kind == "any":
            return
        if kind == "string":
            _string(value, at, pattern, enum)
        elif kind == "boolean":
            if not isinstance(value, bool):
                raise Wrong(f"{at} is not a boolean")
        elif not isinstance(value, int) or isinstance(value, bool):
            raise Wrong(f"{at} is not an integer")
        elif low_high and not low_high[0] <= value <= low_high[1]:
            raise Wrong(f"{at} is out of range")

    return check


def _string(value: Any, at: str, pattern: re.Pattern[str] | None, enum: frozenset[str]) -> None:
    if not isinstance(value, str):
        raise Wrong(f"{at} is not a string")
    if enum and value not in enum:
        raise Wrong(f"{at} is none of the listed values")
    if pattern and not pattern.fullmatch(value):
        raise Wrong(f"{at} has the wrong format")
