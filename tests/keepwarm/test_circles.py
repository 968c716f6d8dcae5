"""Which circle the evidence proposes."""

from __future__ import annotations

import pytest

from keepwarm.circles import CIRCLES, propose

NOTHING = {"sent": 0, "received": 0, "small_meetings": 0, "meetings": 0, "brought_by_circle": None, "origins": ()}


@pytest.mark.parametrize(
    ("change", "circle"),
    [
        ({}, "cold"),
        ({"sent": 3, "received": 3}, "warm"),
        ({"sent": 30, "received": 2}, "lukewarm"),
        ({"sent": 1, "received": 1}, "lukewarm"),
        ({"sent": 9}, "cold"),
        ({"received": 9}, "cold"),
        ({"small_meetings": 2, "meetings": 2}, "warm"),
        ({"small_meetings": 1, "meetings": 1}, "lukewarm"),
        ({"meetings": 5}, "lukewarm"),
        ({"brought_by_circle": "warm"}, "lukewarm"),
        ({"brought_by_circle": "lukewarm"}, "cold"),
        ({"origins": ("linkedin",)}, "cold"),
        ({"origins": ("address_book", "family")}, "warm"),
        ({"origins": ("colleagues",)}, "lukewarm"),
    ],
)
def test_evidence_proposes_a_circle(change: dict[str, object], circle: str) -> None:
    assert propose(**(NOTHING | change)) == circle  # type: ignore[arg-type] # a table of values of several types
    assert circle in CIRCLES
