"""Checks compiled from the schemas of the OpenAPI document: one closure for each schema, made at its first value.

`contract.py` calls this. Objects are open in the document; names are held to the properties all the same, as
../shared/contracts/microsoft/README.md asks, letting through names with ``@``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.stand.checks import Check, Wrong, listed
from tests.emulators.stand.values import Json

PLACE = "#/components/schemas/"
FREE = frozenset(("resourceData", "openTypeExtension", "extension"))  # titles of objects with names of their own
FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d:\d\d(\.\d{1,7})?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "base64url": re.compile(r"[A-Za-z0-9+/_-]*={0,2}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An object's schema with all that it inherits; ``more`` is the schema of further names, True for any."""

    properties: Json
    required: frozenset[str]
    kinds: Json
    more: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """All named schemas and the checks made so far."""

    named: Json
    made: dict[str, Check] = field(default_factory=dict)

    def of(self, name: str) -> Check:
        """The check of a schema by its reference."""
        if name not in self.made:
            self.made[name] = self.check(self.named[name.removeprefix(PLACE)], own=name)
        return self.made[name]

    def check(self, schema: Json, *, own: str = "") -> Check:
        if "$ref" in schema:
            return lambda value, at, name=schema["$ref"]: self.of(name)(value, at)  # type: ignore[misc]
        if "anyOf" in schema:  # the one form there is: a type, or null
            return _nullable(self.check(schema["anyOf"][0]))
        if "allOf" in schema or schema.get("type") == "object":
            return self._object(self.shape(schema), own)
        if schema.get("type") == "array":
            return _sized(schema, listed(self.check(schema["items"])))
        return _scalar(schema)

    def shape(self, schema: Json) -> Shape:
        """Of an object's schema; empty for every other."""
        if "$ref" in schema:
            return self.shape(self.named[schema["$ref"].removeprefix(PLACE)])
        parts = [self.shape(part) for part in schema.get("allOf", ())]
        more = schema.get("additionalProperties")
        if more is True and schema.get("x-ms-openType") and schema.get("title") not in FREE:
            more = None
        return Shape(
            properties={k: v for part in parts for k, v in part.properties.items()} | schema.get("properties", {}),
            required=frozenset(schema.get("required", ())).union(*(part.required for part in parts)),
            kinds={k: v for part in parts for k, v in part.kinds.items()}
            | schema.get("discriminator", {}).get("mapping", {}),
            more=more or next((part.more for part in parts if part.more), None),
        )

    def _object(self, shape: Shape, own: str) -> Check:
        known = {name: self.check(part) for name, part in shape.properties.items()}
        more = self.check(shape.more) if isinstance(shape.more, dict) else None

        def check(value: Any, at: str) -> None:
            if not isinstance(value, dict):
                raise Wrong(f"{at} is not an object")
            target = shape.kinds.get(str(value.get("@odata.type")))
            if target and target != own:
                return self.of(target)(value, at)
            for name in shape.required - value.keys():
                raise Wrong(f"{at}.{name} is required")
            for name, part in value.items():
                found = known.get(name, more)
                if found:
                    found(part, f"{at}.{name}")
                elif "@" not in name and not shape.more:
                    raise Wrong(f"{at}.{name} is unknown")
            return None

        return check


def _nullable(inner: Check) -> Check:
    return lambda value, at: None if value is None else inner(value, at)


def _sized(schema: Json, inner: Check) -> Check:
    low, high = schema.get("minItems", 0), schema.get("maxItems", 10**9)

    def check(value: Any, at: str) -> None:
        inner(value, at)
        if not low <= len(value) <= high:
            raise Wrong(f"{at} has {len(value)} parts")

    return check


def _scalar(schema: Json) -> Check:
    kind, nullable, enum = schema.get("type"), schema.get("nullable", False), schema.get("enum")
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else FORMATS.get(schema.get("format", ""))
    low, high = schema.get("minimum"), schema.get("maximum")
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str, "boolean": bool, "integer": int, "number": (int, float),
    }  # fmt: skip

    def check(value: Any, at: str) -> None:
        if kind is None or (value is None and nullable):
            return
        if not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean"):
            raise Wrong(f"{at} is not of the type {kind}")
        if enum and value not in enum:
            raise Wrong(f"{at} is none of the listed values")
        if pattern and not pattern.fullmatch(str(value)):
            raise Wrong(f"{at} has the wrong format")
        if (low is not None and value < low) or (high is not None and value > high):
            raise Wrong(f"{at} is out of range")

    return check
