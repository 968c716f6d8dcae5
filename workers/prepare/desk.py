"""What preparing mails needs: one transaction, one moment, whose mails, and through which account they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keepwarm.pace import Pace
from keepwarm.store import Tx, accounts, outbox
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    tx: Tx
    now: datetime
    owner: Owner
    way_out: str | None

    @property
    def pace(self) -> Pace:
        return accounts.pace_of(self.owner)

    def wants(self, kind: str) -> bool:
        """Whether the owner still wants mails of this kind."""
        return kind not in self.owner.stopped

    def put(self, intent: Intent) -> int:
        """Note an intent; 1 if that is something new to do."""
        return int(outbox.put(self.tx, intent, self.now))
