"""How long since, and when due: computed from touches and rhythm, never stored. Pure; explained in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """``state``: fresh, due, late (from 125 % of the rhythm), asleep (over twice the rhythm), new (never in touch), none (no rhythm).

    ``lateness`` is time since the last touch over the rhythm (1.0 is due); 0.0 without a rhythm.
    """

    state: str
    rhythm: timedelta | None
    last_at: datetime | None
    due_at: datetime | None
    lateness: float


def rhythm(*, circle: str, close: bool, goal: str | None, plan_active: bool, own_days: int | None) -> timedelta | None:
    """The wanted interval: the owner's own number, else PRODUCT.md section 4 by circle and goal; None for cold strangers."""
    raise NotImplementedError


def freshness(*, last_at: datetime | None, since: datetime, interval: timedelta | None, now: datetime) -> Freshness:
    """Freshness at ``now``; ``since`` (when accepted) stands in where there never was a touch."""
    raise NotImplementedError


def explain(texts: Texts, value: Freshness, *, circle: str, now: datetime) -> str:
    """One sentence saying why they are due when they are, e.g. "Warm, so every 3 months; you last spoke 4 months ago."."""
    raise NotImplementedError
