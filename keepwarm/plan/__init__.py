"""Whom to talk to, in which order and why, and how it stands with each. METHOD.md section 4.

Reading order: `values`, `standing` (how an entry stands), `order` (who comes first), `proposals` (whom to add). Called
by `keepwarm.store.planning` alone; all of it is computed when asked for.
"""

from __future__ import annotations

from keepwarm.plan.order import ordered
from keepwarm.plan.proposals import (
    HELP,
    MOST,
    REASONS,
    Candidate,
    Proposed,
    in_field,
    proposals,
    proposed_help,
)
from keepwarm.plan.standing import STEPS, standing
from keepwarm.plan.values import AT_REST, CHANNELS, FINDINGS, STATES, Entry, Happened, Place, Standing

__all__ = [
    "AT_REST", "CHANNELS", "FINDINGS", "HELP", "MOST", "REASONS", "STATES", "STEPS", "Candidate", "Entry", "Happened",
    "Place", "Proposed", "Standing", "in_field", "ordered", "proposals", "proposed_help", "standing",
]  # fmt: skip
