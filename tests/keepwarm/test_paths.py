"""Ties from evidence, never from crowds; ways over at most two others, the strongest first, honest about doubt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.paths import CROWD, OWN, WAYS, Person, Tie, Together, tie, told, ways
from keepwarm.texts import Texts

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EN = Texts.load("en")


def met(days: float = 10, people: int = 3) -> Together:
    return Together(meeting=True, people=people, at=NOW - days * DAY)


def mailed(days: float = 10, people: int = 3) -> Together:
    return Together(meeting=False, people=people, at=NOW - days * DAY)


def strength(*shared: Together, **evidence: object) -> float:
    found = tie(shared, NOW, **evidence)  # type: ignore[arg-type]
    return found.strength if found else 0.0


def test_recent_small_and_often_is_stronger() -> None:
    assert strength(met(10)) > strength(met(400)) > 0
    assert strength(met(people=3)) > strength(met(people=8))
    assert strength(met(), met(20)) > strength(met())
    assert strength(met()) > strength(mailed())


@pytest.mark.parametrize(
    "shared",
    [
        [met(people=CROWD + 1)] * 50,
        [mailed(people=40)] * 50,
        [met(people=2)],  # the owner and one: nobody else was there
        [met(-3)],  # yet to come
        [],
    ],
)
def test_crowds_and_the_future_tie_nobody(shared: list[Together]) -> None:
    assert tie(shared, NOW) is None


def test_bringing_in_and_one_organisation_count_alone() -> None:
    assert strength(brought_in=True) > strength(organisation="Lantern") > 0


def test_the_evidence_in_a_sentence() -> None:
    def said(*shared: Together, **evidence: object) -> str:
        found = tie(shared, NOW, **evidence)  # type: ignore[arg-type]
        assert found is not None
        return told(found, "Noor", "Pieter", NOW, EN)

    assert said(met(), mailed()) == "Noor and Pieter were in 1 meeting with you, 1 week ago."
    assert said(mailed(40), mailed(70)) == "Noor and Pieter were both in 2 mails, last 1 month ago."
    assert said(*[mailed(900)] * 9).endswith("That may be long past.")
    assert said(brought_in=True) == "Noor brought Pieter into your life."
    assert "whether they know each other is open" in said(organisation="Lantern")


PEOPLE = [
    Person(contact_id="w", name="Wil", circle="warm"),
    Person(contact_id="l", name="Lou", circle="lukewarm"),
    Person(contact_id="c", name="Cas", circle="cold"),
    Person(contact_id="g", name="Guus", circle="cold"),
    Person(contact_id="far", name="Far", circle="cold"),
]


def pair(a: str, b: str, s: float = 0.5) -> tuple[frozenset[str], Tie]:
    return frozenset((a, b)), Tie(strength=s, mails=1, last_at=NOW - DAY)


def test_the_best_way_first_over_two_others_at_most() -> None:
    ties = dict(
        [pair("w", "g"), pair("l", "g"), pair("w", "c", 0.9), pair("c", "g", 0.9), pair("c", "far"), pair("far", "g")]
    )
    found = ways(PEOPLE, ties, ["g"], NOW, EN)
    assert [[each.contact_id for each in way.steps] for way in found][:3] == [["w", "c", "g"], ["w", "g"], ["l", "g"]]
    assert all(len(way.steps) <= 3 for way in found)
    assert found[0].steps[0].why == "You know Wil well."
    assert found[0].strength == pytest.approx(0.9 * 0.9 * 0.9)


def test_no_way_is_no_way() -> None:
    assert ways(PEOPLE, {}, ["g"], NOW, EN) == []
    assert ways(PEOPLE, dict([pair("w", "c")]), ["g", "stranger"], NOW, EN) == []
    assert ways([each for each in PEOPLE if each.contact_id in "wg"], dict([pair("w", "g")]), "wg", NOW, EN) == []


def test_thin_evidence_is_doubted() -> None:
    (way,) = ways(PEOPLE[:1] + PEOPLE[3:4], dict([pair("w", "g", 0.1)]), ["g"], NOW, EN)
    assert [each.doubt for each in way.steps] == [False, True]
    (way,) = ways(PEOPLE[2:4], dict([pair("c", "g", 0.9)]), ["g"], NOW, EN)
    assert [each.doubt for each in way.steps] == [True, False]


ids = st.sampled_from([each.contact_id for each in PEOPLE])


@given(st.dictionaries(st.frozensets(ids, min_size=2, max_size=2), st.floats(0.05, 0.95), max_size=10), ids)
def test_laws(strengths: dict[frozenset[str], float], goal: str) -> None:
    """Ways begin with whom the owner knows, end at the goal, visit nobody twice, and are in order of strength."""
    ties = {each: Tie(strength=s, mails=1, last_at=NOW) for each, s in strengths.items()}
    found = ways(PEOPLE, ties, [goal], NOW, EN)
    circle = {each.contact_id: each.circle for each in PEOPLE}
    for way in found:
        names = [each.contact_id for each in way.steps]
        assert names[-1] == goal
        assert 2 <= len(names) <= 3
        assert len(set(names)) == len(names)
        expected = OWN[circle[names[0]]]
        for a, b in pairwise(names):
            expected *= strengths[frozenset((a, b))]
        assert way.strength == pytest.approx(expected)
    assert [each.strength for each in found] == sorted((each.strength for each in found), reverse=True)


@given(st.dictionaries(st.frozensets(ids, min_size=2, max_size=2), st.floats(0.05, 0.95)), st.sets(ids, min_size=1))
def test_the_ways_are_the_best_of_all_there_are(strengths: dict[frozenset[str], float], goals: set[str]) -> None:
    ties = {each: Tie(strength=s, mails=1, last_at=NOW) for each, s in strengths.items()}
    circle = {each.contact_id: each.circle for each in PEOPLE}
    every = [
        way for length in (2, 3) for way in permutations(circle, length) if way[-1] in goals and way[0] not in goals
    ]
    there = [way for way in every if all(frozenset(step) in ties for step in pairwise(way))]
    of_all = [prod((OWN[circle[way[0]]], *(strengths[frozenset(step)] for step in pairwise(way)))) for way in there]
    found = [each.strength for each in ways(PEOPLE, ties, goals, NOW, EN)]
    assert found == pytest.approx(sorted(of_all, reverse=True)[:WAYS])
