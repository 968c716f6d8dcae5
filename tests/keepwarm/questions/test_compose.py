"""Which questions are asked of whom: the law that no two people get the same list, and what falls away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepwarm.circles import CIRCLES
from keepwarm.questions import GOALS, REGISTERS, TYPES, Note, QuestionList, Situation, prepare, short_list

WORDS = st.text("abcdefghij klm", min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)
MAYBE = st.one_of(st.just(""), WORDS)
NOTES = st.none() | st.builds(
    lambda days, text: Note(on=date(2026, 1, 1) + timedelta(days=days), text=text), st.integers(0, 600), WORDS
)
PROMISES = st.lists(WORDS, max_size=2).map(tuple)
LANGUAGE = st.sampled_from([(lang, register) for lang, pair in REGISTERS.items() for register in pair])


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    lang, register = draw(LANGUAGE)
    slots = ("organisation", "role", "sector", "background", "introducer", "help", "find_out", "named_person")
    return Situation(
        type=draw(st.sampled_from(TYPES)),
        goal=draw(st.sampled_from(("", *GOALS))),
        circle=draw(st.sampled_from(CIRCLES)),
        lang=lang,
        register=register,
        last=draw(NOTES),
        promises_mine=draw(PROMISES),
        promises_theirs=draw(PROMISES),
        progress=draw(PROMISES),
        **{name: draw(MAYBE) for name in slots},
    )


def shown(found: QuestionList) -> list[str]:
    return [each.text for each in found.shown]


OTHER = {
    "goal": st.sampled_from(("", *GOALS)),
    "circle": st.sampled_from(CIRCLES),
    "last": NOTES,
    "promises_mine": PROMISES,
    "promises_theirs": PROMISES,
}


@pytest.mark.parametrize("field", OTHER)
@given(data=st.data())
def test_one_difference_changes_what_is_shown(field: str, data: st.DataObject) -> None:
    one = data.draw(situations())
    value = data.draw(OTHER[field])
    assume(getattr(one, field) != value)
    other = replace(one, **{field: value})
    assert shown(prepare(one)) != shown(prepare(other))


@given(one=situations(), data=st.data())
def test_two_people_never_get_the_same_list(one: Situation, data: st.DataObject) -> None:
    changed = {name: data.draw(strategy) for name, strategy in OTHER.items()}
    other = replace(one, **changed)
    assume(one.goal != other.goal and one.circle != other.circle)
    assume(one.last != other.last and one.promises_mine != other.promises_mine)
    assert shown(prepare(one)) != shown(prepare(other))


@given(situations())
def test_four_to_six_are_shown_the_closing_last_and_the_type_recognisable(situation: Situation) -> None:
    found = prepare(situation)
    assert 4 <= len(found.shown) <= 6
    assert found.shown[-1].id == "closing"
    assert [each for each in found.shown[:-1] if each.source == "list"]
    assert all(each.text and each.why and "{" not in each.text for each in (*found.shown, *found.more))


BASE = Situation(type="tips_and_names", lang="nl", register="je", circle="warm", goal="explore_market", name="Noor")


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_blank_slot_takes_its_question_away(blank: str) -> None:
    ids = {each.id for found in (prepare(replace(BASE, named_person=blank)),) for each in (*found.shown, *found.more)}
    assert "ask_named_person" not in ids
    assert "ask_named_person" in {each.id for each in prepare(replace(BASE, named_person="Jan")).shown}


def test_log_and_promises_come_first_with_their_reason() -> None:
    situation = replace(BASE, last=Note(on=date(2026, 5, 3), text="haar nieuwe baan."), promises_mine=("boek sturen.",))
    first, second = prepare(situation).shown[:2]
    assert first.text == "Vorige keer (3 mei 2026) ging het over: haar nieuwe baan. Vraag hoe het daarmee staat."
    assert (first.source, first.why) == ("log", "Het staat in je notitie van 3 mei 2026.")
    assert second.text == "Je hebt beloofd: boek sturen. Doe het vooraf, of zeg wanneer het komt."
    assert second.source == "promises"


def test_what_is_not_shown_stands_under_more() -> None:
    found = prepare(replace(BASE, find_out="wat hier speelt", introducer="Piet", help="de brief"))
    assert [each.id for each in found.shown if each.source == "plan"] == ["find_out"]
    assert "thanks_for_help" in {each.id for each in found.more}


def test_a_long_note_is_cut_at_a_word() -> None:
    found = prepare(replace(BASE, last=Note(on=date(2026, 5, 3), text="woord " * 200)))
    assert len(found.shown[0].text) < 400
    assert "woord …" in found.shown[0].text


def test_braces_in_a_note_stay_what_they_are() -> None:
    found = prepare(replace(BASE, last=Note(on=date(2026, 5, 3), text="{name} {0}")))
    assert "{name} {0}" in found.shown[0].text


def test_the_register_follows_the_language() -> None:
    assert prepare(replace(BASE, lang="en", register="u")) == prepare(replace(BASE, lang="en", register="formal"))


def test_a_short_list_is_the_beginning() -> None:
    assert short_list(BASE) == prepare(BASE).shown[:3]
