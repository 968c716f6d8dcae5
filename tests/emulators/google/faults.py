"""The faults that Google's services may have, and how each answers. `desk.py` asks here; the plan is `stand.faults`.

RELIABILITY.md, section 7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.emulators.google.values import Refusal, error_info, stamp
from tests.emulators.stand.faults import AFTER, Fault, Faults

REFUSALS = ("429", "403-rate", "403-user-rate", "403-quota", "403-scope", "403-disabled", "500", "503")
BEFORE = (*REFUSALS, "cut", "slow")  # `slow` then carries on
PAGES = ("empty-page", "short-page", "repeated-page-token")
OTHERS = ("doubled-id",)  # events.insert: an id that is taken is not noticed (the text of Event.id says so)
KINDS = (*BEFORE, *AFTER, *PAGES, *OTHERS)
RATES = ("429", "403-rate", "403-user-rate", "403-quota")
HARMLESS = ("429", "403-rate", "500", "503", "applied-then-500", "applied-then-cut", "cut", "truncated")


def plan() -> Faults:
    """Methods are named by their id, or "oauth.token", "gmail.batch", "*". Options: ``retry_after`` (seconds) and
    ``form`` for "429" (see `too_many`), ``seconds`` for "slow"."""
    return Faults(KINDS, HARMLESS)


def failed() -> Refusal:
    """What an effect that happened is answered with all the same."""
    return Refusal(500, "backendError", "Internal error encountered.")


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
