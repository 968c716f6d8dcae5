"""A plan of faults by method, and what is left of an answer after one.

A test adds to the plan (``town.faults.add``); the emulator's desk takes the next fault of each call. Which kinds there
are and how each answers is the emulator's. RELIABILITY.md, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from threading import Event, Lock
from typing import Any

from tests.emulators.stand.values import Answer

AFTER = ("applied-then-500", "applied-then-cut", "truncated")  # every provider has these


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of fault for the next ``times`` calls (None: for all), once ``after`` calls have passed."""

    kind: str
    times: int | None = 1
    after: int = 0
    person: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """The plan; ``struck`` lists method and kind of every fault that came to pass.

    ``kinds`` are all that there are, ``harmless`` those drawn at random; ``named`` gives a method's name as the desk
    spells it.
    """

    def __init__(
        self, kinds: Iterable[str], harmless: Iterable[str], named: Callable[[str], str] = lambda name: name
    ) -> None:
        self.struck: list[tuple[str, str]] = []
        self._kinds, self._harmless, self._named = frozenset(kinds), tuple(harmless), named
        self._planned: dict[str, list[Fault]] = defaultdict(list)
        self._random: tuple[Random, float, tuple[str, ...], dict[str, Any]] | None = None
        self._lock = Lock()

    def add(
        self,
        method: str,
        kind: str,
        times: int | None = 1,
        *,
        after: int = 0,
        person: str | None = None,
        **options: Any,
    ) -> None:
        """For a method, or "*" for every one. Options are those of the kind."""
        if kind not in self._kinds:
            raise ValueError(f"no such fault: {kind}")
        fault = Fault(kind=kind, times=times, after=after, person=person, options=options)
        self._planned[self._named(method)].append(fault)

    def random(self, seed: int, share: float, kinds: Iterable[str] | None = None, **options: Any) -> None:
        """From now on a ``share`` (0-1) of all calls fails, by one of ``kinds``; a seed gives the same row of draws."""
        self._random = (Random(seed), share, tuple(kinds or self._harmless), options)

    def clear(self) -> None:
        self._planned.clear()
        self._random = None

    def take(self, method: str, person: str | None) -> Fault | None:
        """The fault for this call, if any; it is used up."""
        with self._lock:
            found = self._due(method, person) or self._drawn()
            if found:
                self.struck.append((method, found.kind))
            return found

    def _due(self, method: str, person: str | None) -> Fault | None:
        for planned in (self._planned.get(method, ()), self._planned.get("*", ())):
            for fault in planned:
                if fault.times == 0 or (fault.person and fault.person != person):
                    continue
                if fault.after:
                    fault.after -= 1
                    return None
                fault.times = None if fault.times is None else fault.times - 1
                return fault
        return None

    def _drawn(self) -> Fault | None:
        if self._random is None:
            return None
        generator, share, kinds, options = self._random
        if generator.random() >= share:
            return None
        return Fault(kind=generator.choice(kinds), options=options)


def around(
    fault: Fault | None,
    onwards: Callable[[Fault | None], Answer],
    *,
    refuse: Callable[[Fault], None],
    failed: Callable[[Fault], Answer],
    closing: Event,
) -> Answer:
    """The answer of ``onwards`` with the fault before or after it. ``refuse`` raises for a kind that is an error
    answer, ``failed`` is the provider's own 5xx of an effect that happened."""
    if fault is None:
        return onwards(None)
    refuse(fault)
    if fault.kind == "cut":
        return Answer(closes="silent")
    if fault.kind == "slow":
        closing.wait(float(fault.options.get("seconds", 1)))
    answer = onwards(fault)
    if fault.kind == "truncated":
        return replace(answer, closes="halfway" if answer.body else "silent")
    if fault.kind == "applied-then-cut":
        return Answer(closes="silent")
    return failed(fault) if fault.kind.startswith("applied-then-") else answer


def sized(kind: str, size: int) -> int:
    """How many items a page of ``size`` holds under that kind of fault."""
    return {"empty-page": 0, "short-page": max(1, size // 2)}.get(kind, size)
