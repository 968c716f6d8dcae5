"""Whom to add: the best reasons first, at most twenty, each with a sentence."""

from __future__ import annotations

import pytest

from keepwarm.plan import HELP, Candidate, proposals, proposed_help
from keepwarm.profile import Profile
from keepwarm.texts import Texts

EN = Texts.load("en")
MINE = Profile(role="exhibition planner", sectors=("museums",))


def one(name: str, **fields: object) -> Candidate:
    return Candidate(contact_id=name.lower(), name=name, circle=str(fields.pop("circle", "lukewarm")), **fields)  # type: ignore[arg-type]


def reasons(
    *people: Candidate, profile: Profile = MINE, targets: tuple[str, ...] = ("Lantern",)
) -> list[tuple[str, str]]:
    return [(each.name, each.reason) for each in proposals(people, profile, targets, EN)]


def test_reasons_in_their_order() -> None:
    assert reasons(
        one("Ann", circle="warm", strength=9),
        one("Bea", help=("names", "opening")),
        one("Cas", role="Director", organisation="City Museum"),
        one("Dan", role="curator", organisation_kind="museum"),
        one("Eva", interesting=True),
        one("Fay", organisation="Lantern B.V."),
        one("Gus", role="baker"),
        one("Hal", circle="warm"),  # nothing goes between them
    ) == [
        ("Fay", "target"), ("Eva", "interesting"), ("Dan", "field"), ("Cas", "hires"), ("Bea", "help"), ("Ann", "warm"),
    ]  # fmt: skip


def test_every_proposal_says_why() -> None:
    found = {
        each.name: each.why
        for each in proposals(
            [one("Fay", organisation="Lantern B.V."), one("Bea", help=("names", "opening"))], MINE, ["Lantern"], EN
        )
    }
    assert found == {
        "Fay": "Works at Lantern B.V., where you would like to be.",
        "Bea": "You noted: may know of an opening where they work and can name other people.",
    }


def test_twenty_at_most_those_first_with_whom_most_goes_both_ways() -> None:
    people = [one(f"P{number:02}", interesting=True, strength=number) for number in range(30)]
    assert reasons(*people)[:2] == [("P29", "interesting"), ("P28", "interesting")]
    assert len(reasons(*people)) == 20


@pytest.mark.parametrize(
    ("role", "organisation", "fits"),
    [
        ("", "Museum of the Lowlands", True),
        ("Museumdirecteur", "", True),
        ("Exhibition designer", "", True),
        ("Planner", "Roads", True),
        ("", "Muse Coffee", False),  # a shorter word is not the sector
        ("in de weg", "IT", False),
        ("", "", False),
    ],
)
def test_the_field_is_told_by_words(role: str, organisation: str, fits: bool) -> None:
    assert bool(reasons(one("Ann", role=role, organisation=organisation), targets=())) == fits


def test_an_empty_profile_finds_nobody_by_field() -> None:
    assert reasons(one("Ann", role="", organisation="Museum"), profile=Profile(), targets=("",)) == []


def test_help_is_proposed_from_role_and_place() -> None:
    assert proposed_help("baker", target=False) == ("eyes_open", "names")
    assert set(proposed_help("HR manager", target=True)) == {
        "eyes_open", "names", "about_organisation", "introduction", "opening",
    }  # fmt: skip
    assert set(proposed_help("HR manager", target=True)) <= HELP.keys()
