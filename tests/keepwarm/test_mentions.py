"""A name is found however it is written, and stands for nobody else."""

from __future__ import annotations

import pytest

from keepwarm.mentions import Named

NOOR = Named(names=frozenset({"Noor de Graaff-Willemse"}), addresses=frozenset({"noor.w@example.net"}))
JAN = Named(names=frozenset({"Jan"}), addresses=frozenset())


@pytest.mark.parametrize(
    ("text", "full", "hinted"),
    [
        ("Lunch with Noor de Graaff-Willemse", True, True),
        ("NOOR  DE\nGRAAFF WILLEMSE's place", True, True),
        ("Nöor de Graaff‑Willemse", True, True),
        ("mail to <NOOR.W@example.net>.", True, True),
        ("eleanoor.w@example.net", False, False),
        ("x.noor.w@example.net, noor.w@example.network", False, True),
        ("Noor & Emre", False, True),
        ("The house of Willemse", False, True),
        ("Noordkaap, de Graafschap", False, False),
        ("", False, False),
    ],
)
def test_where_a_name_stands(text: str, full: bool, hinted: bool) -> None:
    assert (NOOR.named_in(text), NOOR.named_in_full_in(text), NOOR.hinted_in(text)) == (full, full, hinted)


def test_a_name_of_one_word_tells_of_them_alone_where_they_took_part() -> None:
    assert not JAN.named_in_full_in("Jan Pietersen")
    assert JAN.named_in("A word to Jan.")
    assert JAN.hinted_in("Tea with jan")
    assert not JAN.hinted_in("January")


def test_a_name_that_is_cut_where_it_is_shown_is_found_by_its_beginning() -> None:
    name = " ".join(["Maximiliana"] * 20)
    named = Named(names=frozenset({name}), addresses=frozenset())
    assert named.named_in(f"To {name[:140]}… today")
    assert not named.named_in("Maximiliana Maximiliana")


def test_nobody_is_named_by_nothing() -> None:
    nobody = Named(names=frozenset({"", "!?", "de"}), addresses=frozenset({""}))
    assert not nobody.named_in_full_in("de, de, de", "")
    assert not nobody.hinted_in("the deed", "!?")
