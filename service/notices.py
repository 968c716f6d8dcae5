"""How notices fared since this process began: taken, unknown, refused; and which networks send what proves nothing.

Called by `service.webhooks`; shown on the page Health. In memory and per process on purpose: a flood of forged notices
must not cost a row. A network's bucket only changes what an unproven request hears (429 instead of 401): a provider may
stand behind the same address as the flood, so what is proven passes always (RELIABILITY.md G12).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock

WINDOW = 60.0  # seconds
REFUSALS_AT_MOST = 60  # ours: of one network within WINDOW; a provider whose secret is wrong stays below it
NETWORKS_AT_MOST = 10_000


@dataclass(slots=True)
class Notices:
    """Counts. Safe for threads."""

    known: int = 0
    strange: int = 0  # proven, but about nothing of ours: a leftover
    turned_away: int = 0
    buckets: dict[str, tuple[float, int]] = field(default_factory=dict)  # network → begin of its window, refusals
    lock: Lock = field(default_factory=Lock)

    @property
    def any(self) -> bool:
        return bool(self.known or self.strange or self.turned_away)

    def taken(self, *, known: int, strange: int) -> None:
        with self.lock:
            self.known += known
            self.strange += strange

    def refused(self, address: str | None, at: float) -> bool:
        """Count one refusal; whether its network has had too many within the minute. ``at``: `Runtime.ticks`."""
        network = network_of(address or "")
        with self.lock:
            self.turned_away += 1
            if len(self.buckets) >= NETWORKS_AT_MOST and network not in self.buckets:
                self.buckets.clear()  # a flood from everywhere: counting by network says nothing any more
            began, count = self.buckets.get(network, (at, 0))
            if at - began > WINDOW:
                began, count = at, 0
            self.buckets[network] = (began, count + 1)
        return count >= REFUSALS_AT_MOST


def network_of(address: str) -> str:
    """What one sender commands: an IPv4 address, or the /64 of an IPv6 one; empty for a socket of this machine."""
    try:
        given = ip_address(address)
    except ValueError:
        return ""
    if given.version == 4:
        return str(given)
    return str(given.ipv4_mapped or int(given) >> 64)
