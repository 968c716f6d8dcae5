"""Messages to send oneself: right register and language, nothing left unfilled, two truly free moments."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.circles import CIRCLES
from keepwarm.messages import AHEAD, KINDS, TALK, WEEKS, Draft, Facts, advise, draft, free_moments
from keepwarm.messages.moments import APART
from keepwarm.pace import Pace, is_quiet, is_working_day
from keepwarm.questions.values import GOALS
from keepwarm.texts import Texts
from keepwarm.zones import local

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
PACE = Pace(zone="Europe/Amsterdam", country="NL")
EN, NL = Texts.load("en"), Texts.load("nl")
MOMENTS = (datetime(2026, 11, 25, 9, tzinfo=UTC), datetime(2026, 11, 27, 13, tzinfo=UTC))


def made(kind: str = "first", texts: Texts = EN, **fields: object) -> Draft:
    values: dict[str, object] = {
        "name": "Noor Willemse", "owner_name": "Sam Bakker", "moments": MOMENTS, "zone": "Europe/Amsterdam",
    }  # fmt: skip
    return draft(kind, Facts(**(values | fields)), NOW, texts)  # type: ignore[arg-type]


def test_a_first_word_to_a_stranger_says_who_why_how_long_and_when() -> None:
    found = made(
        goal="learn_field", sector="museums", shared="Emre", written="I plan exhibitions.", find_out="who decides?"
    )
    assert found.body == (
        "Dear Noor Willemse,\n\n"
        "We both know Emre, which is how I came to you.\n\n"
        "We have not met, so allow me to say who I am. I plan exhibitions.\n\n"
        "I would like to get to know museums from the inside, and you know it from your own work. "
        "What I would most like to learn: who decides?\n\n"
        "This is not an application: information is all that I ask for. "
        "Might you have about twenty minutes for me, in person or by telephone? "
        "I could come to you on Wednesday 25 November at 10:00 or Friday 27 November at 14:00; "
        "another time that suits you is fine as well.\n\n"
        "Kind regards,\nSam Bakker"
    )


def test_nobody_is_told_that_they_work_in_a_field_that_may_not_be_theirs() -> None:
    body = made(goal="learn_field", sector="museums", inside=False).body
    assert "get to know museums from the inside. You may know it, or somebody who works in it." in body
    assert "your own work" not in body


@pytest.mark.parametrize(("sector", "said"), [("onderwijs", "in de sector onderwijs,"), ("", "in dit vak,")])
def test_a_dutch_letter_puts_a_word_before_a_bare_sector(sector: str, said: str) -> None:
    body = made(texts=NL, goal="learn_field", sector=sector).body
    assert f"Ik wil graag van binnenuit weten hoe het eraan toegaat {said}" in body


def test_a_friend_is_addressed_as_one_in_dutch() -> None:
    found = made(texts=NL, circle="warm", register="je", goal="present_self", last_at=NOW - timedelta(days=300))
    assert found.body.startswith("Dag Noor,\n\nHet is even geleden, en ik hoop dat het goed met je gaat.\n\n")
    assert "om 10:00" in found.body
    assert found.body.endswith("Hartelijke groet,\nSam Bakker")
    assert not re.search(r"\b(u|uw)\b", found.body)


def test_no_small_talk_with_a_friend_of_last_week() -> None:
    assert "a while" not in made(circle="warm", register="informal", last_at=NOW - timedelta(days=7)).body


def test_thanks_name_the_day_and_ask_for_nothing() -> None:
    body = made("thank", talked_on=date(2026, 11, 20)).body
    assert "our conversation of 20 November" in body
    assert "?" not in body


def test_an_introduction_is_easy_to_refuse_and_to_pass_on() -> None:
    body = made("introduction", whom="Guus Gijs", goal="learn_field", sector="museums", written="I plan.").body
    assert "If I am not mistaken you know Guus Gijs." in body
    assert "pass on these lines:\nI plan." in body
    assert "If you would rather not, I understand" in body


texts_of = st.text(max_size=20).filter(lambda text: "{" not in text and "}" not in text)


@given(
    kind=st.sampled_from(KINDS),
    lang=st.sampled_from(("en", "nl")),
    formal=st.booleans(),
    circle=st.sampled_from(CIRCLES),
    goal=st.sampled_from(("", *GOALS)),
    moments=st.sampled_from(((), MOMENTS[:1], MOMENTS)),
    blanks=st.sets(st.sampled_from(("sector", "organisation", "owner_name", "written", "shared", "find_out"))),
)
def test_every_message_is_whole(
    kind: str, lang: str, formal: bool, circle: str, goal: str, moments: tuple[datetime, ...], blanks: set[str]
) -> None:
    """Nothing unfilled, no doubled blank, never two registers, no shouting; a first word asks for twenty minutes."""
    said = {
        "sector": "bees", "organisation": "Lantern", "owner_name": "Sam", "written": "I plan.", "shared": "Emre",
        "find_out": "who decides?",
    }  # fmt: skip
    values = {name: "" if name in blanks else text for name, text in said.items()}
    register = {"en": ("informal", "formal"), "nl": ("je", "u")}[lang][formal]
    found = made(
        kind, Texts.load(lang), circle=circle, goal=goal, moments=moments, register=register, whom="Guus", **values
    )
    for text in (found.subject, found.body):
        assert not re.search(r"[{}]|  |\bNone\b|!|^ | $|\n\n\n", text)
    if lang == "nl":
        assert not re.search(r"\b(u|uw)\b" if not formal else r"\b(je|jij|jou|jouw)\b", f"{found.subject} {found.body}")
    if kind == "first":
        assert ("twenty minutes" if lang == "en" else "twintig minuten") in found.body
    assert ("10:00" in found.body) == (len(moments) == 2 and kind in {"first", "second"})


@pytest.mark.parametrize(
    ("known", "channel"),
    [
        ({"circle": "warm", "seen_lately": True, "mail": True}, "in_person"),
        ({"circle": "warm", "mail": True}, "mail"),
        ({"circle": "cold", "seen_lately": True, "mail": True}, "mail"),
        ({"profile": True, "phone": True}, "social"),
        ({"phone": True}, "telephone"),
        ({}, ""),
        ({"chosen": "telephone", "mail": True}, "telephone"),
    ],
)
def test_the_channel(known: dict[str, object], channel: str) -> None:
    facts: dict[str, object] = {
        "name": "Noor", "circle": "cold", "chosen": "", "mail": False, "phone": False, "profile": False,
        "seen_lately": False,
    }  # fmt: skip
    found = advise(texts=EN, **(facts | known))  # type: ignore[arg-type]
    assert found.channel == channel
    assert found.why.endswith(".")


spans = st.lists(
    st.tuples(st.integers(0, 24 * 28), st.integers(1, 60)).map(
        lambda pair: (NOW + timedelta(hours=pair[0]), NOW + timedelta(hours=pair[0] + pair[1]))
    ),
    max_size=30,
)


turns = st.integers(0, 2**32 - 1)


@given(spans, turns)
def test_moments_are_free_apart_and_in_working_hours(busy: list[tuple[datetime, datetime]], turn: int) -> None:
    found = free_moments(NOW, PACE, busy, (), turn)
    days = [local(at, PACE.zone).date() for at in found]
    for at, day in zip(found, days, strict=True):
        assert all(end <= at or start >= at + TALK for start, end in busy)
        assert is_working_day(day, PACE)
        assert not is_quiet(at, PACE)
        assert AHEAD < (day - NOW.date()).days < 7 * WEEKS
    assert days == sorted(days)
    assert all(two - one >= APART for one, two in pairwise(days))
    assert found == free_moments(NOW, PACE, busy, (), turn), "the same when the page is loaded again"


@given(spans, turns)
def test_whose_turn_it_is_costs_nobody_a_moment(busy: list[tuple[datetime, datetime]], turn: int) -> None:
    assert len(free_moments(NOW, PACE, busy, (), turn)) == len(free_moments(NOW, PACE, busy, ()))


@given(turns, st.lists(st.integers(0, 20), min_size=10, max_size=10))
def test_no_moment_is_offered_to_more_than_two_of_ten_on_whatever_day(start: int, after: list[int]) -> None:
    offered = Counter(
        at for place, days in enumerate(after)
        for at in free_moments(NOW + timedelta(days=days), Pace(zone=PACE.zone), (), (), start + place)
    )  # fmt: skip
    assert max(offered.values()) <= 2


def test_five_people_of_one_week_are_offered_ten_moments() -> None:
    assert len({at for turn in range(5) for at in free_moments(NOW, PACE, (), (), turn)}) == 10


def test_an_empty_calendar_offers_a_morning_and_an_afternoon() -> None:
    one, two = (local(at, PACE.zone) for at in free_moments(NOW, PACE, (), (), turn=3))
    assert (one.date(), one.time()) == (date(2026, 11, 26), time(10))
    assert (two.date(), two.time()) == (date(2026, 11, 30), time(14))


def test_whoever_is_away_offers_what_comes_after() -> None:
    away = [(NOW, NOW + timedelta(days=14))]
    assert all(at >= NOW + timedelta(days=14) for turn in range(35) for at in free_moments(NOW, PACE, (), away, turn))
    assert free_moments(NOW, PACE, [(NOW, NOW + timedelta(days=60))], ()) == ()
