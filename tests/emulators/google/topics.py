"""Pub/Sub of the town's project: topics, subscriptions, messages under lease. `topics_api.py` shows it over HTTP, and
`pushes.py` delivers what a push subscription holds. PROVIDERS.md, section 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = timedelta(days=7)  # an unacknowledged message


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """``gmail_may_publish``: gmail-api-push@system.gserviceaccount.com has the publisher role."""

    name: str
    gmail_may_publish: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One published message; ``data`` are the bytes inside."""

    id: str
    data: bytes
    at: datetime


@dataclass(slots=True, kw_only=True)
class Subscription:
    """With a ``push`` address it delivers by itself, otherwise it is pulled from."""

    name: str
    topic: str
    push: str = ""
    audience: str = ""
    account: str = ""  # the service account of the push token
    deadline: int = 10  # seconds to acknowledge
    notes: dict[str, Note] = field(default_factory=dict)  # unacknowledged, oldest first
    leases: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # ack id -> message id and the lease's end
    given: int = 0

    def pull(self, most: int, now: datetime) -> list[tuple[str, Note]]:
        """Up to ``most`` messages that nobody holds, each with a new ack id."""
        self.notes = {id_: note for id_, note in self.notes.items() if now - note.at < KEPT}
        self.leases = {ack: lease for ack, lease in self.leases.items() if lease[1] > now}
        held = {id_ for id_, _ in self.leases.values()}
        found = []
        for note in [note for note in self.notes.values() if note.id not in held][:most]:
            self.given += 1
            ack = f"ack-{self.given:08d}"
            self.leases[ack] = (note.id, now + timedelta(seconds=self.deadline))
            found.append((ack, note))
        return found

    def acknowledge(self, ack: str, now: datetime) -> None:
        """Too late or unknown: nothing happens, and the message comes again."""
        id_, until = self.leases.pop(ack, ("", now))
        if until > now:
            self.notes.pop(id_, None)

    def extend(self, ack: str, seconds: int, now: datetime) -> None:
        """A new end of the lease; 0 seconds gives the message back."""
        if ack in self.leases:
            self.leases[ack] = (self.leases[ack][0], now + timedelta(seconds=seconds))
