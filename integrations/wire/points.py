"""Cursors of our own: texts, numbers and whether or not, as JSON. Called by ``points`` of google and microsoft."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TypeVar

from keepwarm.errors import CursorExpired

T = TypeVar("T")


def text_of(point: Any) -> str:
    """A dataclass; what is empty, nought or not so is left out."""
    return json.dumps({name: value for name, value in asdict(point).items() if value})


def point_of(kind: type[T], cursor: str) -> T:
    """The dataclass that a cursor holds, one without anything for none. Raises CursorExpired for one not of ours.

    Every field of it has a default, and a value of any other type is none of ours.
    """
    try:
        held, empty = json.loads(cursor) if cursor else {}, kind()
        point = kind(**held)
        if any(type(each) is not type(getattr(empty, name)) for name, each in held.items()):
            raise TypeError  # noqa: TRY301
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorExpired from error
    return point
