"""How a request to be introduced stands, cell by cell, and whom to thank when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.introductions import Request, RequestStanding, request_standing
from keepwarm.plan import Happened
from keepwarm.texts import Texts

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EN = Texts.load("en")


def ago(*days: float) -> tuple[datetime, ...]:
    return tuple(NOW - each * DAY for each in days)


def stands(said: str, days: float, via: Happened = Happened(), whom: Happened = Happened()) -> RequestStanding:  # noqa: B008 - a frozen value
    return request_standing(Request(via="Noor", whom="Guus", said=said, said_at=NOW - days * DAY), via, whom, NOW, EN)


@pytest.mark.parametrize(
    ("said", "days", "via", "whom", "state", "step"),
    [
        ("asked", 3, {}, {}, "asked", "wait"),
        ("asked", 13.9, {}, {}, "asked", "wait"),
        ("asked", 14.1, {}, {}, "silent", "another_way"),
        ("asked", 30, {"received": ago(25)}, {}, "asked", "wait"),  # they wrote: the owner knows what
        ("asked", 30, {"received": ago(31)}, {}, "silent", "another_way"),
        ("agreed", 60, {}, {}, "agreed", "wait"),
        ("declined", 1, {}, {}, "declined", "another_way"),
        ("introduced", 1, {}, {}, "introduced", "thank"),
        ("introduced", 1, {"sent": ago(0.5)}, {}, "introduced", "wait"),
        ("introduced", 1, {"sent": ago(2)}, {}, "introduced", "thank"),  # before it came about
        ("introduced", 9, {"sent": ago(8)}, {"talks": ago(2)}, "introduced", "word"),
        ("introduced", 9, {"sent": ago(8, 1)}, {"talks": ago(2)}, "introduced", "none"),
        ("introduced", 9, {"sent": ago(8), "talks": ago(1)}, {"talks": ago(2)}, "introduced", "none"),
        ("introduced", 9, {}, {"talks": ago(2)}, "introduced", "word"),
        ("introduced", 9, {}, {"talks": ago(20)}, "introduced", "thank"),  # a talk from before says nothing
    ],
)
def test_cell(said: str, days: float, via: dict[str, object], whom: dict[str, object], state: str, step: str) -> None:
    found = stands(said, days, Happened(**via), Happened(**whom))  # type: ignore[arg-type]
    assert (found.state, found.step) == (state, step)
    assert "Noor" in found.why


def test_word_is_due_within_three_days_of_the_talk() -> None:
    assert stands("introduced", 9, whom=Happened(talks=ago(2))).due_at == NOW + DAY
    assert stands("introduced", 1).due_at == NOW - DAY
