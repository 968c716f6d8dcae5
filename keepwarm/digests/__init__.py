"""The periodic mail: whom to thank and to reconnect with, new people, talks ahead; nothing if there is nothing to say.

Called by `workers.prepare` (is there anything to say, and about whom) and `workers.render` (the words). In reading
order: `values` (what it speaks of), `sections` (what it says).
"""

from keepwarm.digests.sections import OWED_AT_MOST, SECTIONS, digest, owed_entry, picked
from keepwarm.digests.values import (
    Digest,
    DigestFacts,
    DigestStep,
    DigestTalk,
    Entry,
    NewPerson,
    Occasion,
    Section,
)
from keepwarm.reconnect import DigestPerson, Promised, pick_people

__all__ = [
    "OWED_AT_MOST", "SECTIONS", "Digest", "DigestFacts", "DigestPerson", "DigestStep", "DigestTalk", "Entry",
    "NewPerson", "Occasion", "Promised", "Section", "digest", "owed_entry", "pick_people", "picked",
]  # fmt: skip
