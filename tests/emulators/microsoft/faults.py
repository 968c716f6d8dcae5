"""The faults that Graph may have, and how each answers. `desk.py` asks here; the plan is `stand.faults`.

RELIABILITY.md, section 7; PROVIDERS.md, sections 4 (Throttling) and 13.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.emulators.microsoft.contract import named
from tests.emulators.microsoft.values import Refusal
from tests.emulators.stand.faults import AFTER as SHARED
from tests.emulators.stand.faults import Fault, Faults

RATES = ("429", "503")
PLAIN = {
    "400": (400, "ErrorInvalidRequest", "Your request can't be completed right now."),
    "401": (401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    "403": (403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    "404": (404, "ErrorItemNotFound", "The specified object was not found in the store."),
    "500": (500, "InternalServerError", "An internal server error occurred."),
    "502": (502, "BadGateway", "The gateway had a problem."),
    "504": (504, "GatewayTimeout", "The gateway did not get an answer in time."),
    "mailbox-down": (503, "ErrorMailboxStoreUnavailable", "The mailbox database is temporarily unavailable."),
    "sync-lost": (410, "syncStateNotFound", "The sync state generation is not found."),
}
REFUSALS = (*RATES, *PLAIN)
BEFORE = (*REFUSALS, "cut", "slow")  # `slow` then carries on
AFTER = (*SHARED, "applied-then-504")
PAGES = ("empty-page", "short-page", "repeated-link", "repeated-item", "replay")
OTHERS = ("doubled-transaction",)  # POST of an event: a transactionId that is taken is not noticed
KINDS = (*BEFORE, *AFTER, *PAGES, *OTHERS)
HARMLESS = ("429", "503", "500", "502", "504", "applied-then-500", "applied-then-504", "applied-then-cut", "cut",
            "truncated")  # fmt: skip


def plan() -> Faults:
    """Options: ``retry_after`` (seconds) and ``form`` ("seconds", "date", "none") for "429" and "503", ``seconds`` for
    "slow". Methods are named as in "GET /me/messages", or "oauth.token", "POST /$batch", "*"."""
    return Faults(KINDS, HARMLESS, named)


def refusal(fault: Fault, now: datetime) -> Refusal:
    """The error answer of a fault that refuses; for the kinds in `REFUSALS`."""
    if fault.kind in RATES:
        wait, form = float(fault.options.get("retry_after", 30)), str(fault.options.get("form", "seconds"))
        return throttled(now, wait, form, status=int(fault.kind))
    return Refusal(*PLAIN[fault.kind])


def throttled(now: datetime, seconds: float, form: str = "seconds", *, status: int = 429) -> Refusal:
    """429 or 503 that names the wait in seconds, as a date, or not at all."""
    headers = {
        "seconds": {"Retry-After": str(int(seconds))},
        "date": {"Retry-After": format_datetime(now + timedelta(seconds=seconds), usegmt=True)},
    }
    code = "ApplicationThrottled" if status == 429 else "serviceNotAvailable"
    return Refusal(status, code, "Application is over its quota.", headers=headers.get(form))


def failed(fault: Fault) -> Refusal:
    """What an effect that happened is answered with all the same."""
    return Refusal(*PLAIN["504" if fault.kind == "applied-then-504" else "500"])
