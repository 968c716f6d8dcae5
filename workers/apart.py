"""Work that must not hinder what comes after it. Called by `workers.upkeep`, `workers.expiring`, `workers.watch`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from workers import logs

T = TypeVar("T")


def alone(work: Callable[[], object], *, task: str) -> bool:
    """Whether it went well; what did not is logged, and whatever comes after it has its turn."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it was, it is about this alone
        logs.line("failed", task=task, error=type(error).__name__, where=logs.where(error), loud=True)
        return False
    return True


def for_each(them: Iterable[T], work: Callable[[T], object], *, task: str) -> bool:
    """Whether it went well for all."""
    went = [alone(partial(work, each), task=task) for each in them]
    return all(went)
