"""Warm, lukewarm, cold: how we know each other (METHOD.md section 3). Pure; the owner's word always wins."""

from __future__ import annotations

from collections.abc import Sequence

CIRCLES = ("warm", "lukewarm", "cold")


def propose(*, sent: int, received: int, small_meetings: int, meetings: int, brought_by_circle: str | None,
            origins: Sequence[str]) -> str:
    """The circle that the evidence suggests (PRODUCT.md, "Settled where sources differ")."""
    raise NotImplementedError
