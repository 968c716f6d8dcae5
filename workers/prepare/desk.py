"""What preparing mails needs: one transaction, one moment, whose mails, and through which account they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from keepwarm.pace import Pace
from keepwarm.store import Tx, accounts, outbox, views
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import Intent
from keepwarm.store.views import World


@dataclass(frozen=True, kw_only=True)
class Desk:
    tx: Tx
    now: datetime
    owner: Owner
    way_out: str | None

    @property
    def pace(self) -> Pace:
        return accounts.pace_of(self.owner)

    @cached_property
    def world(self) -> World:
        """What everything here looks at, read once."""
        return views.world(self.tx, self.now)

    def wants(self, kind: str) -> bool:
        """Whether the owner still wants mails of this kind."""
        return kind not in self.owner.stopped

    def put(self, intent: Intent) -> int:
        """Note an intent; 1 if that is something new to do."""
        return int(outbox.put(self.tx, intent, self.now))
