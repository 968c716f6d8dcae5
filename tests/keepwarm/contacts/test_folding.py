"""Words as a search compares them: accents, case and signs do not matter, beginnings do."""

from __future__ import annotations

import pytest

from keepwarm.contacts import asked_words, folded, search_text, sort_key


def finds(asked: str, *texts: str) -> bool:
    """As the store does: every word asked for begins some word kept."""
    kept = search_text(texts)
    return all(f" {word}" in kept for word in asked_words(asked))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("zoe", "Zoë"), ("lukasz", "Łukasz Nowak"), ("muller", "Jürgen Müller"), ("strasse", "Lange Straße 4"),
        ("STRASSE", "lange straße"), ("soren", "Søren Ødegård"), ("odegard", "Søren Ødegård"),
        ("yildiz", "Emre Yıldız"),
        ("aeble", "Æble"), ("oeuvre", "Œuvre"), ("thor", "Þór"), ("dordevic", "Đorđević"), ("nguyen", "Nguyễn"),
        ("vries wil", "Willem de Vries"), ("wil vri", "Willem de Vries"), ("obrien", "Sean O'Brien"),
        ("brien", "Sean O'Brien"), ("o'brien", "Sean O’Brien"), ("noor.wil@ex", "noor.willemse@example.net"),
        ("willemse", "noor.willemse@example.net"), ("anne-marie", "Anne Marie"), ("marie anne", "Anne-Marie"),
        ("小龙", "李小龙"), ("ﬁscher", "Fischer"), ("１２", "12 Steps"), ("ja\u200bn", "Jan"), ("jan", "J\u00adan"),
    ],
)  # fmt: skip
def test_what_is_typed_plainly_finds(asked: str, name: str) -> None:
    assert finds(asked, "something else", name)


@pytest.mark.parametrize(
    ("asked", "name"), [("oor", "Noor"), ("noora", "Noor"), ("noor bos", "Noor"), ("muller", "Mueller")]
)
def test_the_middle_of_a_word_and_other_words_do_not_find(asked: str, name: str) -> None:
    assert not finds(asked, name)


@pytest.mark.parametrize("asked", ["", "  ", "%", "_", "'", "…", "\x00"])
def test_signs_are_no_words(asked: str) -> None:
    assert asked_words(asked) == []


def test_a_search_is_bounded() -> None:
    assert len(asked_words(" ".join(f"w{n}" for n in range(500)))) == 8
    assert [len(each) for each in asked_words("a" * 10_000)] == [40]
    assert len(sort_key("n" * 10_000)) == 100


def test_every_word_is_kept_once() -> None:
    assert search_text(["Ann Ann", "ann@ann.example"]) == " ann example"


def test_people_stand_in_the_order_of_their_plain_names() -> None:
    names = ["Zoë", "Åsa", "bert", "Ångström", "Émile", "adam"]
    assert sorted(names, key=sort_key) == ["adam", "Ångström", "Åsa", "bert", "Émile", "Zoë"]
    assert folded("Ærø") == "aero"
