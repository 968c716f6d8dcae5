"""The sample network: invented people to look around in before anything of one's own is connected.

Reading order: ``network.toml`` (who they are and what went on, in both languages), `values` (what that is here),
`happenings` (mails, events and cards, counted back from a moment). Called by `keepwarm.store.samples`, which makes rows
of it by the ways real data takes.
"""

from __future__ import annotations

from keepwarm.sample.happenings import Uid, items, working_day
from keepwarm.sample.values import Ahead, Company, Introduced, Me, Network, Note, Person, Planned, Target, network

__all__ = [
    "Ahead", "Company", "Introduced", "Me", "Network", "Note", "Person", "Planned", "Target", "Uid", "items", "network",
    "working_day",
]  # fmt: skip
