"""Cursors of our own: values of texts, as JSON. Called by ``points`` of google and microsoft."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TypeVar

from keepwarm.errors import CursorExpired

T = TypeVar("T")


def text_of(point: Any) -> str:
    """A dataclass of texts; those that are empty are left out."""
    return json.dumps({name: value for name, value in asdict(point).items() if value})


def point_of(kind: type[T], cursor: str) -> T:
    """The dataclass that a cursor holds, one without anything for none. Raises CursorExpired for one not of ours."""
    try:
        held = json.loads(cursor) if cursor else {}
        point = kind(**held)
        if not all(isinstance(each, str) for each in held.values()):
            raise TypeError  # noqa: TRY301
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorExpired from error
    return point
