"""Rhythm, due and the words for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.freshness import explain, freshness, rhythm, span
from keepwarm.texts import LANGUAGES, Texts

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PLAIN = {"circle": "warm", "close": False, "goal": None, "plan_active": False, "own_days": None}


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ({}, 91),
        ({"close": True}, 28),
        ({"circle": "lukewarm"}, 182),
        ({"circle": "lukewarm", "plan_active": True}, 91),
        ({"circle": "cold"}, None),
        ({"circle": "cold", "plan_active": True}, None),
        ({"goal": "learn_vacancy"}, 7),
        ({"goal": "learn_vacancy", "tries": 1}, 14),
        ({"goal": "learn_vacancy", "tries": 2}, 91),
        ({"goal": "learn_field"}, 42),
        ({"goal": "present_self", "circle": "cold"}, 42),
        ({"goal": "explore_market", "circle": "lukewarm"}, 91),
        ({"goal": "explore_market", "close": True}, 28),
        ({"own_days": 10, "close": True}, 10),
        ({"own_days": 0}, None),  # let go
    ],
)
def test_rhythm_follows_the_table(change: dict[str, object], days: int | None) -> None:
    found = rhythm(**(PLAIN | change))  # type: ignore[arg-type] # a table of values of several types
    assert found == (timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("ago", "state"),
    [(0, "fresh"), (99, "fresh"), (100, "due"), (124, "due"), (125, "late"), (200, "late"), (201, "asleep")],
)
def test_states_change_at_their_marks(ago: int, state: str) -> None:
    found = freshness(last_at=NOW - timedelta(days=ago), since=NOW, interval=timedelta(days=100), now=NOW)
    assert (found.state, found.lateness) == (state, ago / 100)
    assert found.due_at == NOW + timedelta(days=100 - ago)


@pytest.mark.parametrize(("ago", "state"), [(1, "new"), (100, "due"), (130, "late"), (900, "late")])
def test_somebody_never_in_touch_is_never_asleep(ago: int, state: str) -> None:
    since = NOW - timedelta(days=ago)
    assert freshness(last_at=None, since=since, interval=timedelta(days=100), now=NOW).state == state


def test_without_a_rhythm_nothing_is_due() -> None:
    found = freshness(last_at=NOW, since=NOW, interval=None, now=NOW)
    assert (found.state, found.due_at, found.lateness) == ("none", None, 0.0)


@pytest.mark.parametrize(
    ("lang", "days", "words"),
    [
        ("en", 7, "week"),
        ("en", 28, "4 weeks"),
        ("en", 91, "3 months"),
        ("en", 182, "6 months"),
        ("en", 10, "10 days"),
        ("nl", 7, "week"),
        ("nl", 42, "6 weken"),
        ("nl", 182, "6 maanden"),
        ("nl", 1, "dag"),
    ],
)
def test_intervals_are_said_in_the_fitting_unit(lang: str, days: int, words: str) -> None:
    assert span(Texts.load(lang), timedelta(days=days)) == words


def test_the_reason_is_said_in_words() -> None:
    found = freshness(last_at=NOW - timedelta(days=122), since=NOW, interval=timedelta(days=91), now=NOW)
    assert explain(Texts.load("en"), found, circle="warm", now=NOW).startswith(
        "Warm, so every 3 months; you were last in touch 4 months ago"
    )
    assert explain(Texts.load("nl"), found, circle="warm", now=NOW).startswith(
        "Warm, dus elke 3 maanden; jullie laatste contact was 4 maanden geleden"
    )


def test_a_goals_rhythm_is_told_from_the_owners_own() -> None:
    found = freshness(last_at=NOW - timedelta(days=60), since=NOW, interval=timedelta(days=42), now=NOW)
    assert explain(Texts.load("en"), found, circle="warm", goal="learn_field", now=NOW).startswith("Part of your plan")
    assert explain(Texts.load("en"), found, circle="warm", now=NOW).startswith("A rhythm of your own")
    assert explain(Texts.load("nl"), found, circle="cold", now=NOW).startswith("Je eigen ritme")


@given(
    ago=st.none() | st.integers(-5, 4000),
    days=st.none() | st.integers(1, 800),
    circle=st.sampled_from(["warm", "lukewarm", "cold"]),
    lang=st.sampled_from(LANGUAGES),
)
def test_explaining_is_always_one_kind_sentence(ago: int | None, days: int | None, circle: str, lang: str) -> None:
    interval = timedelta(days=days) if days else None
    last = NOW - timedelta(days=ago) if ago is not None else None
    found = freshness(last_at=last, since=NOW, interval=interval, now=NOW)
    said = explain(Texts.load(lang), found, circle=circle, now=NOW)
    assert said.endswith(".")
    assert said[0].isupper()
    assert "{" not in said
    assert "!" not in said
    assert found.lateness >= 0
