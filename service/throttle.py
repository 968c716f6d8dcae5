"""How often something that may be a guess is let through: slowed, never locked (OWASP "Authentication Cheat Sheet").

Called by `service.auth` and the page of devices. Counted in rows (`keepwarm.store.tries`), so that every web process
counts alike and a restart forgets nothing. A device from which somebody signed in before has a budget of its own, which
nobody else can use up (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.store import Tx, tries
from service.notices import network_of
from workers.runtime import Runtime

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)

# What is counted → how many tries within which time. Ours: one typist, one office, the whole world.
LIMITS: dict[str, tuple[int, timedelta]] = {
    "pair": (5, QUARTER),  # an address from one network
    "client": (30, QUARTER),  # one network
    "address": (50, QUARTER),  # an address, from wherever
    "device": (10, QUARTER),  # a device from which its owner signed in before
    "present": (10, QUARTER),  # the present password, by somebody who is signed in
    "asked": (3, HOUR),  # links to a new password for an address
    "asker": (10, HOUR),  # the same from one network
    "visit": (60, QUARTER),  # answers of a provider that come from one network
    "token": (30, QUARTER),  # one-time tokens that were none, from one network
}
OWN = frozenset({"pair", "device", "present"})  # forgotten once it went well; the others count for somebody else too

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try. ``wait``: how long until it may be made; zero: it may now, and counts until it is said to be none."""

    keys: Sequence[Key]
    wait: timedelta
    id: str = ""

    @property
    def minutes(self) -> int:
        """To wait, rounded up, at least one."""
        return max(1, -(-self.wait // timedelta(minutes=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    engine: Runtime

    def take(self, keys: Sequence[Key]) -> Try:
        """Count a try under these keys, unless one of them is used up: noted before it is made, so none slips by."""
        now = self.engine.now()
        with self.engine.store.system() as tx:
            wait = max((self._wait(tx, key, now) for key in keys), default=timedelta())
            noted = "" if wait else tries.note(tx, [self._hash(key) for key in keys], now)
        return Try(keys=keys, wait=wait, id=noted)

    def went_well(self, made: Try) -> None:
        """It was no guess."""
        own = [self._hash(key) for key in made.keys if key[0] in OWN]
        with self.engine.store.system() as tx:
            tries.forget(tx, made.id, own)

    def _wait(self, tx: Tx, key: Key, now: datetime) -> timedelta:
        most, window = LIMITS[key[0]]
        at = tries.nth_latest(tx, self._hash(key), most, now - window)
        return at + window - now if at else timedelta()

    def _hash(self, key: Key) -> str:
        return hmac.new(self.engine.key("throttle"), "\n".join(key).encode(errors="replace"), "sha256").hexdigest()


def by_address(address: str, client: str | None) -> list[Key]:
    """What a sign-in is counted under that comes from nowhere known."""
    network = network_of(client or "")
    return [("pair", f"{address}\n{network}"), ("client", network), ("address", address)]


def by_network(what: str, client: str | None) -> list[Key]:
    return [(what, network_of(client or ""))]
