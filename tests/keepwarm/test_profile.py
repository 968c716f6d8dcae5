"""The owner's profile and the card for a first talk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.contacts import organisation_key
from keepwarm.profile import (
    CHECKS,
    FIRST_WEEKS,
    Acquaintance,
    Profile,
    first_talk_card,
    is_wanted,
    safe_people,
    speaking_seconds,
    spoken_hint,
    written_hint,
)
from keepwarm.texts import Texts
from tests.make import NOW

EN = Texts.load("en")


def known(name: str, **more: object) -> Acquaintance:
    facts = {
        "circle": "warm",
        "close": False,
        "private": False,
        "sent": 3,
        "received": 3,
        "meetings": 0,
        "last_at": NOW,
    }
    return Acquaintance(contact_id=name.lower(), name=name, **(facts | more))  # type: ignore[arg-type]  # test data


def test_background_is_the_first_line_of_what_one_brings() -> None:
    mine = Profile(experience="Ten years of teaching.\nGroups of thirty", education="  Dutch literature ;\nLeiden")
    assert mine.background == "Ten years of teaching; Dutch literature"
    assert Profile().background == ""
    assert Profile(sectors=("museums", "care")).sector == "museums"


def test_safe_people_are_warm_and_answer() -> None:
    people = [
        known("Ann", sent=40, received=0),
        known("Bo", sent=5, received=6),
        known("Cas", circle="lukewarm", sent=90, received=90),
        known("Dee", meetings=4),
        known("Eva", private=True, sent=90, received=90),
        known("Fay", close=True, sent=1, received=1),
    ]
    found = safe_people(people, EN)
    assert [each.name for each in found] == ["Fay", "Dee", "Bo"]
    assert found[0].why == "Fay is one of the people closest to you."
    assert found[1].why == "You know Dee well and have met 4 times."
    assert found[2].why == "You know Bo well, and you write to each other."


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_card_says_what_to_do_where_nothing_is_there(lang: str) -> None:
    card = first_talk_card(Profile(), [], Texts.load(lang))
    assert card.introduction == ""
    assert card.hint
    assert card.people == ()
    assert [each.done for each in card.checks] == [False] * len(CHECKS)


def test_card_shows_the_introduction_in_the_language_of_the_page() -> None:
    mine = Profile(spoken={"en": "I am Sam.", "nl": "Ik ben Sam."}, checked=frozenset({"photo"}))
    assert first_talk_card(mine, [], Texts.load("nl")).introduction == "Ik ben Sam."
    card = first_talk_card(mine, [], EN)
    assert (card.introduction, card.hint) == ("I am Sam.", "")
    assert [each.key for each in card.checks if each.done] == ["photo"]


def test_long_introductions_get_a_kind_word() -> None:
    assert speaking_seconds("word " * 75) == 30
    assert spoken_hint("word " * 90, EN) == ""
    assert "about 60 seconds" in spoken_hint("word " * 150, EN)
    assert written_hint("one\ntwo\n", EN) == ""
    assert written_hint("one\ntwo\nthree", EN)


def test_card_goes_after_some_weeks_or_talks() -> None:
    assert is_wanted(since=NOW, talks=2, now=NOW + FIRST_WEEKS - timedelta(days=1))
    assert not is_wanted(since=NOW, talks=3, now=NOW)
    assert not is_wanted(since=NOW, talks=0, now=NOW + FIRST_WEEKS)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Lantern B.V.", "LANTERN", True),
        ("Lantern bv", "Lantern, Ltd.", True),
        ("Café Zürich", "cafe zurich", True),
        ("Lantern Group", "Lantern", False),
        ("SE", "se", True),
        ("O'Neill", "ONeill", True),
        ("  ", "--", True),
    ],
)
def test_spellings_of_one_organisation(one: str, other: str, same: bool) -> None:
    assert (organisation_key(one) == organisation_key(other)) is same


def test_a_name_that_is_only_a_form_of_company_stays_one() -> None:
    assert organisation_key("AB") == "ab"
    assert organisation_key("!") == ""
