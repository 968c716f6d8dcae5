"""Work for many of whom none may hinder the others. Called by `workers.upkeep`, `workers.expiring`, `workers.watch`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from workers import logs

T = TypeVar("T")


def for_each(them: Iterable[T], work: Callable[[T], object], *, task: str) -> bool:
    """Whether it went well for all; what did not is logged, and the next one has its turn."""
    well = True
    for each in them:
        try:
            work(each)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is about this one alone
            logs.line("failed", task=task, error=type(error).__name__, where=logs.where(error), loud=True)
            well = False
    return well
