"""Every prepared list is whole: loaded, checked and rendered in every register."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from keepwarm.circles import CIRCLES
from keepwarm.questions import (
    GOALS,
    REGISTERS,
    TYPES,
    ListError,
    Note,
    Situation,
    load_lists,
    prepare,
    propose_register,
)
from keepwarm.questions.lists import PERSONAL, read_list

FILES = [(lang, name) for lang in REGISTERS for name in (*TYPES, PERSONAL)]
EVERY = [
    (lang, type_, register, goal, circle)
    for lang, registers in REGISTERS.items()
    for type_ in TYPES
    for register in registers
    for goal in ("", *GOALS)
    for circle in CIRCLES
]
FEW = {"why_not", "real_chance", "keep_up"}
ASKS_FOR_WORK = re.compile(r"vacature|solliciteren bij|vacanc|job opening|apply for|baan voor mij", re.IGNORECASE)
FULL = {
    "name": "Noor",
    "organisation": "Voorbeeld BV",
    "role": "planner",
    "sector": "logistics",
    "wanted_role": "adviser",
    "background": "ten years of teaching",
    "vacancy": "planner at Example",
    "introducer": "Piet",
    "last": Note(on=date(2026, 5, 3), text="the move"),
    "promises_mine": ("send the report",),
    "promises_theirs": ("ask Jan",),
    "help": "the letter",
    "find_out": "how teams are formed",
    "named_person": "Jan",
    "previous_application": "my letter to Example",
    "progress": ("two talks held",),
}


SUBJECTS = {  # METHOD.md section 6, subject by subject
    "tips_and_names": (
        {"other_people"}, {"advice_after_application"}, {"ask_named_person"}, {"open_application_sense"},
        {"more_organisations"},
    ),
    "orientation": ({"real_work", "real_work_role"}, {"field_news", "sector_news"}, {"my_chances"}, {"closing"}),
    "sector_fit": ({"role_exists", "role_exists_open"}, {"chance_background", "chance_open"}),
    "why_not": ({"gaps"}, {"schooling"}, {"gain_experience"}, {"similar_work"}),
    "real_chance": ({"how_often"}, {"how_found"}, {"which_departments"}, {"tasks"}, {"structure"}),
    "vacancy": (
        {"work_itself", "work_itself_named"}, {"team"}, {"why_open"}, {"selection", "what_counts"}, {"closing"},
    ),
    "present_self": ({"comes_across"}, {"who_should_know"}, {"where_looked_for"}, {"keep_posted"}),
    "keep_up": ({"their_news"}, {"thanks"}, {"my_progress"}, {"closing"}),
}  # fmt: skip


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("lang", REGISTERS)
def test_every_subject_of_the_method_is_asked_whatever_the_goal(type_: str, goal: str, lang: str) -> None:
    slots = {
        "named_person": "Jan",
        "previous_application": "my letter",
        "help": "the letter",
        "organisation": "Example",
    }
    found = prepare(Situation(type=type_, goal=goal, lang=lang, progress=("two talks held",), **slots))
    asked = {each.id for each in (*found.shown, *found.more)}
    assert not [subject for subject in SUBJECTS[type_] if not subject & asked]


@pytest.mark.parametrize("lang", REGISTERS)
def test_somebody_who_is_not_looking_for_work_is_given_no_question_about_it(lang: str) -> None:
    found = prepare(Situation(type="tips_and_names", lang=lang, circle="warm", organisation="Example"))
    assert not {"open_application_sense", "eyes_open"} & {each.id for each in (*found.shown, *found.more)}


@pytest.mark.parametrize(("lang", "name"), FILES)
def test_a_list_has_enough_distinct_questions(lang: str, name: str) -> None:
    found = load_lists(lang)[name]
    assert len(found.questions) >= (5 if name in FEW else 8)
    assert name == PERSONAL or sum(each.closing for each in found.questions) == 1
    for register in REGISTERS[lang]:
        texts = [each.text[register].casefold() for each in found.questions]
        assert len(set(texts)) == len(texts)
        assert all(text.endswith(("?", ".")) for text in texts)


@pytest.mark.parametrize("name", [*TYPES, PERSONAL])
def test_both_languages_hold_the_same_questions_under_the_same_conditions(name: str) -> None:
    def facts(lang: str) -> list[object]:
        return [replace(each, text={}, why="") for each in load_lists(lang)[name].questions]

    english, dutch = facts("en"), facts("nl")
    assert [replace(each, slots=frozenset()) for each in english] == [
        replace(each, slots=frozenset()) for each in dutch
    ]
    assert [each.slots for each in english] == [each.slots for each in dutch]


def test_no_question_stands_in_two_lists() -> None:
    for lang, registers in REGISTERS.items():
        for register in registers:
            texts = [each.text[register] for found in load_lists(lang).values() for each in found.questions]
            doubled = {text for text in texts if texts.count(text) > 1}
            assert not doubled


@pytest.mark.parametrize(("lang", "type_", "register", "goal", "circle"), EVERY)
@pytest.mark.parametrize("facts", [{}, FULL], ids=["bare", "full"])
def test_every_list_renders_in_every_register(
    lang: str, type_: str, register: str, goal: str, circle: str, facts: dict[str, object]
) -> None:
    situation = Situation(type=type_, lang=lang, register=register, goal=goal, circle=circle)
    found = prepare(replace(situation, **facts))
    every = (*found.shown, *found.more, *(each for on in found.follow_on for each in on.questions))
    lines = [found.opening, found.title, *(line for each in every for line in (each.text, each.why))]
    assert 4 <= len(found.shown) <= 6
    assert found.shown[-1].id == "closing"
    assert len({each.id for each in (*found.shown, *found.more)}) == len(found.shown) + len(found.more)
    assert not [line for line in lines if "{" in line or "!" in line or "  " in line or re.search(r" [.,?:;]", line)]
    assert all(each.why and each.source for each in every)
    if type_ in {"orientation", "sector_fit"}:
        assert not [each.text for each in (*found.shown, *found.more) if ASKS_FOR_WORK.search(each.text)]


@pytest.mark.parametrize(
    ("lang", "register", "wrong"),
    [("nl", "u", r"\b(je|jij|jou|jouw|jullie)\b"), ("nl", "je", r"\b(u|uw)\b")],
)
def test_a_register_is_never_mixed(lang: str, register: str, wrong: str) -> None:
    for name, found in load_lists(lang).items():
        lines = [(each.id, each.text[register]) for each in found.questions if each.part == "core"]
        lines += [("opening", found.opening[register])] if found.opening else []
        assert not [(name, *line) for line in lines if re.search(wrong, line[1], re.IGNORECASE)]


@pytest.mark.parametrize("lang", REGISTERS)
def test_a_talk_about_a_branch_says_openly_that_no_job_is_sought(lang: str) -> None:
    for register in REGISTERS[lang]:
        found = prepare(Situation(type="sector_fit", lang=lang, register=register))
        assert re.search(r"geen baan|not (looking for a job|seeking a position)", found.opening)
        assert [each.type for each in found.follow_on] == ["why_not", "real_chance"]


GOOD = """title = "T"
[[question]]
id = "a"
informal = "How is {role}?"
formal = "How is {role}, if I may ask?"
why = "Because."
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{role}", "{rol}"),
        ("Because.", ""),
        ("Because.", "Because!"),
        ("informal =", "familiar ="),
        ('why = "Because."\n', ""),
        ("ask?", "ask!"),
        ('why = "', 'goals = ["grow"]\nwhy = "'),
        ('why = "', 'circles = ["hot"]\nwhy = "'),
        ('why = "', 'part = "log2"\nwhy = "'),
        ('title = "T"', 'title = ""'),
        ('"Because."\n', '"Because."\n' + GOOD.partition("\n")[2]),
    ],
)
def test_a_faulty_list_is_refused(old: str, new: str) -> None:
    assert read_list(GOOD, type_="orientation", lang="en").questions[0].slots == {"role"}
    with pytest.raises(ListError):
        read_list(GOOD.replace(old, new, 1), type_="orientation", lang="en")


@pytest.mark.parametrize(
    ("circle", "lang", "type_", "expected"),
    [
        ("warm", "nl", "orientation", "je"),
        ("lukewarm", "nl", "orientation", "u"),
        ("lukewarm", "nl", "tips_and_names", "je"),
        ("cold", "nl", "tips_and_names", "u"),
        ("cold", "en", "sector_fit", "formal"),
        ("warm", "en", "keep_up", "informal"),
    ],
)
def test_a_register_is_proposed(circle: str, lang: str, type_: str, expected: str) -> None:
    assert propose_register(circle, lang, type_=type_) == expected
