"""A plan of faults by method id, and the answers that they give.

A test adds to the plan (`town.faults.add`); `desk.py` takes the next fault of each call. RELIABILITY.md, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from threading import Lock
from typing import Any

from tests.emulators.google.values import Answer, Refusal, error_info, stamp

REFUSALS = ("429", "403-rate", "403-user-rate", "403-quota", "403-scope", "403-disabled", "500", "503")
BEFORE = (*REFUSALS, "cut", "slow")  # `slow` then carries on
AFTER = ("applied-then-500", "applied-then-cut", "truncated")
PAGES = ("empty-page", "short-page", "repeated-page-token")
OTHERS = ("doubled-id",)  # events.insert: an id that is taken is not noticed (the text of Event.id says so)
KINDS = (*BEFORE, *AFTER, *PAGES, *OTHERS)
RATES = ("429", "403-rate", "403-user-rate", "403-quota")
HARMLESS = ("429", "403-rate", "500", "503", "applied-then-500", "applied-then-cut", "cut", "truncated")


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of fault for the next ``times`` calls (None: for all), once ``after`` calls have passed."""

    kind: str
    times: int | None = 1
    after: int = 0
    person: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """The plan; ``struck`` lists method and kind of every fault that came to pass."""

    def __init__(self) -> None:
        self.struck: list[tuple[str, str]] = []
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
        """For a method id, "oauth.token", "gmail.batch", or "*". Options: ``retry_after`` (seconds) and ``form`` for
        "429" (see `too_many`), ``seconds`` for "slow"."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        self._planned[method].append(Fault(kind=kind, times=times, after=after, person=person, options=options))

    def random(self, seed: int, share: float, kinds: Iterable[str] = HARMLESS, **options: Any) -> None:
        """From now on a ``share`` (0-1) of all calls fails, by one of ``kinds``; a seed gives the same row of draws."""
        self._random = (Random(seed), share, tuple(kinds), options)

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


def refusal(fault: Fault, service: str, now: datetime) -> Refusal:
    """The error answer of a fault that refuses; for the kinds in `REFUSALS`."""
    if fault.kind == "429":
        return too_many(now, float(fault.options.get("retry_after", 30)), str(fault.options.get("form", "seconds")))
    status, reason, message, domain = {
        "403-rate": (403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
        "403-user-rate": (403, "userRateLimitExceeded", "User-rate limit exceeded", "usageLimits"),
        "403-quota": (403, "quotaExceeded", "Quota exceeded for quota metric 'Queries'", "usageLimits"),
        "403-scope": (403, "insufficientPermissions", "Request had insufficient authentication scopes.", "global"),
        "403-disabled": (403, "accessNotConfigured", f"{service} API has not been used or is disabled.", "usageLimits"),
        "500": (500, "backendError", "Internal error encountered.", "global"),
        "503": (503, "backendError", "The service is currently unavailable.", "global"),
    }[fault.kind]
    details = {
        "403-scope": [error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service)],
        "403-disabled": [error_info("SERVICE_DISABLED", service)],
    }.get(fault.kind)
    return Refusal(status, reason, message, domain=domain, details=details)


def too_many(now: datetime, seconds: float, form: str) -> Refusal:
    """429 that names the wait as ``form`` says: "seconds", "date" (both headers), "message" or "none"."""
    until = now + timedelta(seconds=seconds)
    headers = {
        "seconds": {"Retry-After": str(int(seconds))},
        "date": {"Retry-After": format_datetime(until, usegmt=True)},
    }
    message = f"User-rate limit exceeded.  Retry after {stamp(until)}" if form == "message" else "Too many requests"
    return Refusal(429, "rateLimitExceeded", message, domain="usageLimits", headers=headers.get(form))


def afterwards(fault: Fault, answer: Answer) -> Answer:
    """What the caller gets of an answer whose effect has happened."""
    if fault.kind == "applied-then-500":
        return Refusal(500, "backendError", "Internal error encountered.").answer()
    if fault.kind == "applied-then-cut":
        return Answer(closes="silent")
    if fault.kind == "truncated":
        return replace(answer, closes="halfway" if answer.body else "silent")
    return answer
