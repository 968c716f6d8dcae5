"""Names as people type them after a talk."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.aftertalk import MOST, NewName, moment_of, new_names
from keepwarm.errors import NotPossible


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Guus Gijs", [("Guus Gijs", "", "")]),
        ("- Guus Gijs, Lantern", [("Guus Gijs", "", "Lantern")]),
        ("Guus Gijs <Guus@Example.org>", [("Guus Gijs", "guus@example.org", "")]),
        ("Guus Gijs, Lantern, guus@example.org", [("Guus Gijs", "guus@example.org", "Lantern")]),
        ("guus@example.org", [("guus@example.org", "guus@example.org", "")]),
        ("Guus Gijs; Ann Aas\n\n  \nBea", [("Guus Gijs", "", ""), ("Ann Aas", "", ""), ("Bea", "", "")]),
        ("Guus\nguus, Lantern", [("guus", "", "Lantern")]),  # said twice: what was said last
        ("", []),
        (" , ;\n-", []),
    ],
)
def test_names(text: str, found: list[tuple[str, str, str]]) -> None:
    assert new_names(text) == [NewName(name=name, address=address, about=about) for name, address, about in found]


@given(st.text(max_size=400))
def test_whatever_is_typed_gives_whole_names(text: str) -> None:
    found = new_names(text)
    assert len(found) <= MOST
    for each in found:
        assert each.name
        assert "\n" not in f"{each.name}{each.about}{each.address}"
        assert each.address == each.address.lower()


LATE = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # half past midnight of 1 December in Amsterdam


@pytest.mark.parametrize(
    ("day", "at"),
    [(date(2026, 12, 1), LATE), (date(2026, 11, 30), datetime(2026, 11, 30, 11, tzinfo=UTC))],
)
def test_a_talk_of_a_day_was_at_noon_or_is_of_now(day: date, at: datetime) -> None:
    assert moment_of(day, LATE, "Europe/Amsterdam") == at


def test_a_talk_of_a_day_still_ahead_is_none() -> None:
    with pytest.raises(NotPossible):
        moment_of(date(2026, 12, 2), LATE, "Europe/Amsterdam")
