"""Strict sliding windows of 60 seconds, for each person and for the project. `desk.py` charges every call.

Numbers: PROVIDERS.md, sections 1 and 2 (G/workspace/gmail/api/reference/quota, G/workspace/calendar/api/guides/quota).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.emulators.google.faults import refusal, too_many
from tests.emulators.stand.faults import Fault
from tests.emulators.stand.windows import Windows

WINDOW = timedelta(seconds=60)
COSTS = {
    "gmail.users.history.list": 2, "gmail.users.messages.list": 5, "gmail.users.messages.get": 20,
    "gmail.users.messages.send": 100,
    # these four from the old table, which is not known to have changed
    "gmail.users.getProfile": 1, "gmail.users.labels.list": 1, "gmail.users.watch": 100, "gmail.users.stop": 50,
    "gmail.users.drafts.create": 10, "gmail.users.drafts.list": 5, "gmail.users.drafts.get": 5,
}  # fmt: skip


class Quota:
    """``limits`` in units a minute by service and whose; ``answers`` is "403-rate", "403-user-rate" or "429";
    ``form`` is how a 429 names the wait (see faults.too_many)."""

    def __init__(self) -> None:
        self.limits = {
            ("gmail", "person"): 6_000, ("gmail", "project"): 1_200_000,
            ("calendar", "person"): 600, ("calendar", "project"): 10_000,
        }  # fmt: skip
        self.answers = "403-user-rate"
        self.form = "seconds"
        self._windows = Windows(WINDOW)
        self.peak = self._windows.peak

    def charge(self, method: str, person: str, now: datetime) -> None:
        """Charges the call; Refusal (and no charge) when it does not fit into one of its windows."""
        service = method.split(".", 1)[0]
        cost = COSTS.get(method, 5 if service == "gmail" else 1)
        windows = {(service, person): self.limits.get((service, "person")),
                   (service, "project"): self.limits.get((service, "project"))}  # fmt: skip
        wait = self._windows.charge(windows, cost, now)
        if wait is not None:
            raise self._refused(service, now, wait)

    def _refused(self, service: str, now: datetime, wait: float) -> Exception:
        if self.answers == "429":
            return too_many(now, wait + 1, self.form)
        return refusal(Fault(kind=self.answers), service, now)
