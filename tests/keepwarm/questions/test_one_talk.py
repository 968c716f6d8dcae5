"""The list of one talk as its owner wants it: left out, said otherwise, put earlier, drawn up, added."""

from __future__ import annotations

import pytest

from keepwarm.questions import OwnTalk, Question, QuestionList, Situation, one_talk, prepare


def found(own: OwnTalk = OwnTalk()) -> QuestionList:  # noqa: B008 - frozen
    return prepare(
        Situation(
            type="orientation",
            circle="lukewarm",
            lang="en",
            name="Noor",
            sector="museums",
            wanted_role="curator",
            asked=own.added,
            talk=own,
        )
    )


def ids(questions: tuple[Question, ...]) -> list[str]:
    return [each.id for each in questions]


def test_left_out_is_gone_and_nothing_takes_its_place() -> None:
    first, *rest = ids(found().shown)
    own = one_talk.leave_out(OwnTalk(), first)
    after = found(own)
    assert ids(after.shown) == rest
    assert ids(after.left_out) == [first]
    assert ids(found(one_talk.ask_again(own, first)).shown) == [first, *rest]


def test_other_words_hold_for_this_talk_as_they_were_typed() -> None:
    first = found().shown[0]
    own = one_talk.word(OwnTalk(), first.id, "  What of {this},\n Noor? ")
    assert found(own).shown[0].text == "What of {this}, Noor?"
    assert found(own).shown[0].why == first.why
    assert one_talk.word(own, first.id, " ") == OwnTalk()


def test_moved_and_drawn_up() -> None:
    before = found()
    shown = ids(before.shown)
    own = one_talk.move(OwnTalk(), shown, shown[1], earlier=True)
    assert ids(found(own).shown) == [shown[1], shown[0], *shown[2:]]
    up = before.more[0].id
    drawn = found(one_talk.draw_up(own, ids(found(own).shown), up))
    assert ids(drawn.shown) == [shown[1], shown[0], *shown[2:-1], up, shown[-1]]
    assert up not in ids(drawn.more)


@pytest.mark.parametrize(("question", "earlier"), [("first", True), ("last", False), ("nothing", True)])
def test_a_move_over_the_edge_changes_nothing(question: str, earlier: bool) -> None:
    shown = ids(found().shown)
    named = {"first": shown[0], "last": shown[-1]}.get(question, question)
    assert one_talk.move(OwnTalk(), shown, named, earlier=earlier) == OwnTalk()


def test_added_ones_keep_their_places_when_one_goes() -> None:
    own = OwnTalk()
    for text in ("One?", "Two?", "Two?", "", "Three?"):
        own = one_talk.add(own, text)
    assert own.added == ("One?", "Two?", "Three?")
    own = one_talk.move(own, ids(found(own).shown), "talk_3", earlier=True)
    own = one_talk.leave_out(one_talk.word(own, "talk_3", "Third?"), "talk_1")
    assert [each.text for each in found(own).shown[:2]] == ["Third?", "Two?"]
    assert own.hidden == frozenset()


def test_no_more_than_ten_are_added() -> None:
    own = OwnTalk()
    for number in range(15):
        own = one_talk.add(own, f"Number {number}?")
    assert len(own.added) == 10
