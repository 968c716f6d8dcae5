"""How an entry stands, cell by cell: the owner's word, moved on by what happened since."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.plan import STATES, STEPS, Entry, Happened, Standing, standing
from keepwarm.texts import Texts

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EN, NL = Texts.load("en"), Texts.load("nl")


def entry(**fields: object) -> Entry:
    values: dict[str, object] = {"contact_id": "c", "name": "Noor", "circle": "warm", "created_at": NOW - 200 * DAY}
    return Entry(id="e", **(values | fields))  # type: ignore[arg-type]


def ago(*days: float) -> tuple[datetime, ...]:
    return tuple(NOW - each * DAY for each in days)


def stands(one: Entry, happened: Happened, texts: Texts = EN) -> Standing:
    return standing(one, happened, NOW, "Europe/Amsterdam", texts)


@pytest.mark.parametrize(
    ("fields", "happened", "state", "step"),
    [
        ({}, {}, "to_approach", "approach"),
        ({}, {"sent": ago(2)}, "approached", "wait"),
        ({"finding": "not_qualified"}, {"talks": ago(3)}, "talked", "thank"),  # thanks come first
        ({"finding": "not_qualified"}, {"talks": ago(3), "sent": ago(2)}, "talked", "other_way"),
        ({"finding": "real_chance"}, {"talks": ago(3), "sent": ago(2)}, "talked", "answer"),
        ({"finding": "other_work"}, {"talks": ago(3), "sent": ago(2)}, "talked", "none"),
        ({"finding": "no_role", "said": "declined", "said_at": NOW}, {}, "declined", "none"),
        ({}, {"sent": ago(6.9)}, "approached", "wait"),
        ({}, {"sent": ago(7.1)}, "approached", "second_word"),
        ({}, {"sent": ago(20.9)}, "approached", "second_word"),
        ({}, {"sent": ago(21.1)}, "not_now", "rest"),  # a week, then two more without a second word
        ({}, {"sent": ago(20, 5)}, "approached", "wait"),
        ({}, {"sent": ago(30, 13.9)}, "approached", "wait"),
        ({}, {"sent": ago(30, 14.1)}, "not_now", "rest"),  # two weeks after the second word
        ({}, {"sent": ago(130, 103.9)}, "not_now", "rest"),
        ({}, {"sent": ago(130, 104.1)}, "to_approach", "approach"),  # ninety days of rest
        ({}, {"sent": ago(2, 1.9)}, "approached", "wait"),  # two mails of one afternoon are one attempt
        ({}, {"sent": ago(9), "received": ago(8)}, "approached", "answer"),
        ({}, {"sent": ago(9), "received": ago(10)}, "approached", "second_word"),  # they wrote before
        ({}, {"received": ago(3)}, "to_approach", "approach"),
        ({}, {"sent": ago(9), "next_talk_at": NOW + DAY}, "talk_planned", "prepare"),
        ({}, {"talks": ago(0.5)}, "talked", "thank"),
        ({}, {"talks": ago(40)}, "talked", "thank"),
        ({}, {"talks": ago(3), "sent": ago(2)}, "talked", "none"),  # they wrote since: nobody nags about thanks
        ({}, {"talks": ago(3), "sent": ago(9)}, "talked", "thank"),
        ({"created_at": NOW - DAY}, {"sent": ago(5), "talks": ago(4)}, "to_approach", "approach"),  # before it
        ({"said": "approached", "said_at": NOW - 8 * DAY}, {}, "approached", "second_word"),
        ({"said": "approached", "said_at": NOW - DAY}, {"sent": ago(30)}, "approached", "wait"),
        ({"said": "approached", "said_at": NOW - 3 * DAY}, {"received": ago(1)}, "approached", "answer"),
        ({"said": "to_approach", "said_at": NOW - DAY}, {"sent": ago(2), "talks": ago(5)}, "to_approach", "approach"),
        ({"said": "talked", "said_at": NOW - DAY / 2}, {}, "talked", "thank"),
        ({"said": "thanked", "said_at": NOW - DAY}, {"talks": ago(2)}, "thanked", "none"),
        ({"said": "thanked", "said_at": NOW - 9 * DAY}, {"talks": ago(2)}, "talked", "thank"),  # a further talk
        ({"said": "kept_up", "said_at": NOW - DAY}, {}, "kept_up", "none"),
        ({"said": "declined", "said_at": NOW - 9 * DAY}, {"next_talk_at": NOW + DAY}, "declined", "none"),
        ({"said": "not_now", "said_at": NOW - DAY}, {"sent": ago(0.1)}, "not_now", "rest"),
        ({"said": "not_now", "said_at": NOW, "rest_until": date(2026, 11, 24)}, {}, "not_now", "rest"),
        ({"said": "not_now", "said_at": NOW - DAY, "rest_until": date(2026, 11, 23)}, {}, "to_approach", "approach"),
        ({"contact_id": None, "role": "planner"}, {}, "to_approach", "approach"),
    ],
)  # fmt: skip
def test_cell(fields: dict[str, object], happened: dict[str, object], state: str, step: str) -> None:
    found = stands(entry(**fields), Happened(**happened))  # type: ignore[arg-type]
    assert (found.state, found.step) == (state, step)
    assert found.why.endswith(".")


def test_dates_are_those_of_the_method() -> None:
    assert stands(entry(), Happened(sent=ago(2))).due_at == NOW + 5 * DAY
    assert stands(entry(), Happened(sent=ago(20, 5))).due_at == NOW + 9 * DAY
    assert stands(entry(), Happened(sent=ago(30))).due_at == NOW - 30 * DAY + (7 + 14 + 90) * DAY
    assert stands(entry(), Happened(talks=ago(0.5))).due_at == NOW + DAY / 2


def test_it_says_why_in_both_languages() -> None:
    rests = entry(name="Noor Willemse")
    assert stands(rests, Happened(sent=ago(30, 15))).why == (
        "No answer so far. Leave it until 20 February 2027; somebody who knows Noor Willemse may help better."
    )
    assert "20 februari 2027" in stands(rests, Happened(sent=ago(30, 15)), NL).why


moments = st.lists(st.floats(min_value=-300, max_value=0).map(lambda days: NOW + days * DAY), max_size=5).map(
    lambda found: tuple(sorted(found))
)


@given(
    said=st.sampled_from(("", *STATES)),
    sent=moments,
    received=moments,
    talks=moments,
    ahead=st.none() | st.just(NOW + DAY),
    days=st.integers(0, 300),
)
def test_laws(said: str, sent: object, received: object, talks: object, ahead: object, days: int) -> None:
    """Always a known state and step with a sentence; the owner's no holds; nothing from before their word counts."""
    at = NOW - days * DAY
    one = entry(said=said, said_at=at if said else None, created_at=at)
    happened = Happened(sent=sent, received=received, talks=talks, next_talk_at=ahead)  # type: ignore[arg-type]
    found = stands(one, happened)
    assert found.state in STATES
    assert found.step in STEPS
    assert found.why
    if said == "declined":
        assert (found.state, found.step) == ("declined", "none")
    before = Happened(
        sent=tuple(each for each in happened.sent if each > at),
        received=happened.received,
        talks=tuple(each for each in happened.talks if each > at),
        next_talk_at=happened.next_talk_at,
    )
    assert found == stands(one, before)
