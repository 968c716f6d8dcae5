"""The owner's own version of a list: theirs comes first, what they left out never comes, and nothing prints a blank."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.errors import NotPossible
from keepwarm.questions import REGISTERS, TYPES, OwnList, Situation, checked, load_lists, prepare

BASE = {"name": "Noor", "organisation": "Lantern", "sector": "museums", "wanted_role": "curator", "lang": "en"}


def situation(**fields: object) -> Situation:
    return Situation(**({"type": "orientation", "circle": "lukewarm"} | BASE | fields))  # type: ignore[arg-type]


def texts(of: Situation) -> list[str]:
    return [each.text for each in prepare(of).shown]


def test_own_questions_come_first_and_the_closing_one_stays_last() -> None:
    own = {"orientation": OwnList(added=("What do you read about {organisation}?", "Who taught you most?"))}
    shown = prepare(situation(own=own)).shown
    assert [each.text for each in shown[:2]] == ["What do you read about Lantern?", "Who taught you most?"]
    assert shown[-1] == prepare(situation()).shown[-1]
    assert [each.source for each in shown[:2]] == ["own", "own"]


def test_a_question_for_one_talk_comes_before_all_and_keeps_its_braces() -> None:
    own = {"orientation": OwnList(added=("Mine",))}
    shown = texts(situation(own=own, asked=("What about {this} and {}?",)))
    assert shown[:2] == ["What about {this} and {}?", "Mine"]


def test_what_is_left_out_never_comes() -> None:
    first = prepare(situation()).shown[0]
    found = prepare(situation(own={"orientation": OwnList(hidden=frozenset({first.id}))}))
    assert first.id not in {each.id for each in (*found.shown, *found.more)}


def test_own_words_stand_in_place_of_the_prepared_ones() -> None:
    first = prepare(situation()).shown[0]
    found = prepare(situation(own={"orientation": OwnList(worded={first.id: "In my words, {name}?"})})).shown[0]
    assert (found.id, found.text, found.why) == (first.id, "In my words, Noor?", first.why)


def test_own_words_whose_place_is_empty_fall_away() -> None:
    first = prepare(situation()).shown[0]
    found = prepare(situation(own={"orientation": OwnList(worded={first.id: "About {vacancy}?"})}))
    assert first.id not in {each.id for each in (*found.shown, *found.more)}


def test_a_list_to_ask_on_with_is_the_owners_too() -> None:
    own = {"why_not": OwnList(added=("What would you do in my place?",))}
    found = prepare(situation(type="sector_fit", own=own))
    turn = next(each for each in found.follow_on if each.type == "why_not")
    assert "What would you do in my place?" in [each.text for each in turn.questions]


@given(
    type_=st.sampled_from(TYPES),
    lang=st.sampled_from([*REGISTERS]),
    added=st.lists(st.text("abc ?", min_size=1).filter(str.strip), max_size=20, unique=True),
    asked=st.lists(st.text(min_size=1, max_size=40), max_size=10, unique=True),
    hidden=st.sets(st.integers(0, 30)),
    circle=st.sampled_from(["warm", "lukewarm", "cold"]),
)
def test_laws(type_: str, lang: str, added: list[str], asked: list[str], hidden: set[int], circle: str) -> None:
    stored = load_lists(lang)[type_]
    gone = frozenset(each.id for number, each in enumerate(stored.questions) if number in hidden)
    own = {type_: OwnList(hidden=gone, added=tuple(added))}
    given_ = situation(type=type_, lang=lang, circle=circle, own=own, asked=tuple(asked))
    found = prepare(given_)
    everything = [*found.shown, *found.more]
    assert len(found.shown) <= 6
    assert len({each.id for each in everything}) == len(everything)
    assert gone.isdisjoint(each.id for each in everything)
    mine = [each for each in everything if each.source in {"own", "talk"}]
    assert len(mine) == len(added) + len(asked)
    assert everything[: min(len(mine), 5)] == mine[:5]


@pytest.mark.parametrize(
    "text",
    ["{", "}", "a { b", "{0}", "{}", "{name.__class__}", "{name!r}", "{name:>99}", "{foo}", "{name[0]}", " ", "\n", ""],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NotPossible, match="Nothing was changed"):
        checked(text)


def test_what_can_be_asked_is_kept_on_one_line() -> None:
    assert checked("  How is\n{name}?\u202e ") == "How is {name}?"
    assert len(checked("x" * 999)) <= 300
