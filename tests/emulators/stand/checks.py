"""What a check of a value against a contract is, for the compilers of schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any, str], None]  # the value and where it stands; raises Wrong


class Wrong(Exception):
    """A value does not fit its schema; the text says where and why."""


def listed(item: Check) -> Check:
    """Of a list whose every part fits ``item``."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, list):
            raise Wrong(f"{at} is not a list")
        for number, part in enumerate(value):
            item(part, f"{at}[{number}]")

    return check
