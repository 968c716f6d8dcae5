"""Names as people type them after a talk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.aftertalk import MOST, NewName, new_names


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
