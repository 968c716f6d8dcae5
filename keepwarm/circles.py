"""Warm, lukewarm, cold: how we know each other (METHOD.md section 3). Pure; the owner's word always wins."""

from __future__ import annotations

from collections.abc import Sequence

CIRCLES = ("warm", "lukewarm", "cold")

WARM_MAILS = 3  # each way; this and the next: PRODUCT.md, "Settled where sources differ"
WARM_SMALL_MEETINGS = 2  # of at most four people

# Origins that say by themselves how we know each other (METHOD.md sections 2 and 3: warm is whom one knows personally).
ORIGIN_CIRCLE = {"family": "warm", "friends": "warm"} | dict.fromkeys(
    (
        "acquaintances",
        "neighbours",
        "fellow_students",
        "teachers",
        "colleagues",
        "managers",
        "customers",
        "sports_clubs",
        "associations",
        "religious_community",
    ),
    "lukewarm",
)


def propose(
    *,
    sent: int,
    received: int,
    small_meetings: int,
    meetings: int,
    brought_by_circle: str | None,
    origins: Sequence[str],
) -> str:
    """The circle that the evidence suggests (PRODUCT.md, "Settled where sources differ").

    ``small_meetings`` are those of at most four people, and are among ``meetings``. A meeting is contact both ways.
    """
    told = {ORIGIN_CIRCLE.get(each) for each in origins}
    often = sent >= WARM_MAILS and received >= WARM_MAILS
    if often or small_meetings >= WARM_SMALL_MEETINGS or "warm" in told:
        return "warm"
    two_way = (sent > 0 and received > 0) or meetings > 0 or small_meetings > 0
    if two_way or brought_by_circle == "warm" or "lukewarm" in told:
        return "lukewarm"
    return "cold"
