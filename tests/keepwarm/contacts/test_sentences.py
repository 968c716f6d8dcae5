"""The evidence in one sentence, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.contacts import evidence, likely_reason
from keepwarm.texts import LANGUAGES, Texts

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST, LAST = datetime(2024, 1, 5, 9, tzinfo=UTC), datetime(2025, 5, 2, 23, tzinfo=UTC)
PLAIN = {"sent": 0, "received": 0, "meetings": 0, "first_at": None, "last_at": None, "brought_by": "", "origins": ()}
DATED = {"first_at": FIRST, "last_at": LAST}


@pytest.mark.parametrize(
    ("change", "en", "nl"),
    [
        (
            DATED | {"sent": 14, "received": 9, "brought_by": "Jan de Vries"},
            "You wrote 14 times, they wrote 9 times, last on 3 May 2025; first seen in a mail from Jan de Vries.",
            (
                "Je schreef 14 keer, je kreeg 9 keer bericht, voor het laatst op 3 mei 2025; "
                "voor het eerst gezien in een mail van Jan de Vries."
            ),
        ),
        (
            {"sent": 1, "received": 1, "first_at": NOW, "last_at": NOW},
            "You wrote once, they wrote once, on 23 November.",
            "Je schreef één keer, je kreeg één keer bericht, op 23 november.",
        ),
        (
            DATED | {"received": 1},
            "They wrote once, last on 3 May 2025.",
            "Je kreeg één keer bericht, voor het laatst op 3 mei 2025.",
        ),
        (
            DATED | {"meetings": 2},
            "You met 2 times, last on 3 May 2025.",
            "Jullie hadden 2 keer een afspraak, voor het laatst op 3 mei 2025.",
        ),
        (
            {"origins": ("linkedin",), "known_since": date(2024, 5, 3)},
            "In your LinkedIn connections since 3 May 2024.",
            "Bij je connecties op LinkedIn sinds 3 mei 2024.",
        ),
        ({"origins": ("address_book", "family")}, "In your address book.", "In je adresboek."),
        (
            {"origins": ("facebook", "address_book")},
            "Among your Facebook friends and in your address book.",
            "Bij je vrienden op Facebook en in je adresboek.",
        ),
        ({}, "You have not been in touch yet.", "Jullie hebben nog geen contact gehad."),
        (
            {"origins": ("friends",)},
            "You know them, and have not been in touch by mail yet.",
            "Jullie kennen elkaar, maar hebben nog niet gemaild.",
        ),
    ],
)
def test_the_evidence_is_said_in_one_sentence(change: dict[str, object], en: str, nl: str) -> None:
    values = PLAIN | change | {"now": NOW, "zone": "Europe/Amsterdam"}
    assert evidence(Texts.load("en"), **values) == en  # type: ignore[arg-type] # a table of several types
    assert evidence(Texts.load("nl"), **values) == nl  # type: ignore[arg-type] # a table of several types


@given(
    counts=st.tuples(*[st.integers(0, 3)] * 3),
    dated=st.booleans(),
    origins=st.lists(st.sampled_from(["mail", "linkedin", "facebook", "address_book"]), unique=True),
    lang=st.sampled_from(LANGUAGES),
)
def test_it_is_always_a_whole_sentence(
    counts: tuple[int, int, int], dated: bool, origins: list[str], lang: str
) -> None:
    said = evidence(
        Texts.load(lang),
        sent=counts[0],
        received=counts[1],
        meetings=counts[2],
        first_at=FIRST if dated else None,
        last_at=LAST if dated else None,
        brought_by="",
        origins=origins,
        now=NOW,
        zone="UTC",
    )
    assert said[0].isupper()
    assert said.endswith(".")
    assert said.count(".") == 1
    assert "{" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "key", ["same_name", "same_name_organisation", "same_local_part", "same_address", "unheard of"]
)
def test_every_reason_is_a_sentence(lang: str, key: str) -> None:
    said = likely_reason(Texts.load(lang), key, {"name": "Noor Smit", "address": "noor@example.org"})
    assert said.endswith(".")
    assert "{" not in said
