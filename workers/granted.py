"""The grant of an account as it is kept: renewed by one worker at a time, and never lost. Built by the runtime.

Two workers that find the same token dead renew it once (RELIABILITY.md C15): one takes the lease on the row, the other
waits for what comes of it. Where the provider says that the grant is dead, the row is read once more before that is
believed: somebody may have connected the account anew a moment ago.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from keepwarm.errors import AccessRevoked, TryAgainLater
from keepwarm.store import Store, accounts
from keepwarm.store.accounts import Sealed
from keepwarm.types import Grant
from workers.sealing import Keys

LEASE = timedelta(seconds=60)  # ours: longer than the exchange may take (`integrations.wire.http.SECONDS`)
LOOKS, REST = 100, 0.2  # how often, and seconds between, we look whether another worker is done
BUSY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The tokens of `integrations.base.Tokens`."""

    store: Store
    keys_file: Path
    owner_id: str
    account_id: str
    now: Callable[[], datetime]
    rest: Callable[[float], None] = time.sleep

    def current(self) -> Grant:
        """Raises AccessRevoked where the account was let go meanwhile."""
        return self._held()[1]

    def renewed(self, dead: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        for _ in range(LOOKS):
            held = self.current()
            if held != dead:
                return held
            until = self.now() + LEASE
            with self.store.transaction(self.owner_id) as tx:
                ours = accounts.lease_grant(tx, self.account_id, self.now(), until)
            if ours:
                return self._renew(dead, renew, until)
            self.rest(REST)
        raise TryAgainLater(BUSY)

    def _renew(self, dead: Grant, renew: Callable[[Grant], Grant], until: datetime) -> Grant:
        row, held = self._held()
        if held != dead:  # renewed between our look and our lease
            self._release(until)
            return held
        try:
            fresh = renew(dead)
        except BaseException as error:
            self._release(until)
            held = self.current()
            if isinstance(error, AccessRevoked) and held != dead:
                return held
            raise
        keys = Keys.of(self.keys_file)
        with self.store.transaction(self.owner_id) as tx:
            accounts.keep_renewed(tx, row, until, keys.seal(self.owner_id, self.account_id, fresh), keys.id, self.now())
        return fresh

    def _release(self, until: datetime) -> None:
        with self.store.transaction(self.owner_id) as tx:
            accounts.release_grant(tx, self.account_id, until)

    def _held(self) -> tuple[Sealed, Grant]:
        with self.store.reading(self.owner_id) as tx:
            sealed = accounts.grant(tx, self.account_id)
        if sealed is None:
            raise AccessRevoked("there is no grant any more")
        return sealed, Keys.of(self.keys_file).open(sealed)
