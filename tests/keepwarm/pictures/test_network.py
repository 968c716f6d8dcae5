"""The map's geometry for any network: dots in their rings and apart, names that never overlap, a picture that stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import cos, hypot, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.pictures import MOST, RINGS, Group, Network, Someone, by_organisation, network, rim_name
from keepwarm.pictures.frame import EDGE, frame_for
from keepwarm.pictures.labels import Box, cut, first_name, initials, width_of
from keepwarm.pictures.network import RIM, SIZES

WORDS = {"close": "closest", "warm": "warm", "lukewarm": "lukewarm", "cold": "cold"}
NAMES = ("Noor Willemse", "Emre", "Ἀλέξανδρος Παπαδόπουλος", "山田 太郎", "שרה לוי", "x" * 200, "", "Mw. W.M. Wammes")
PLACES = ("Harbour Museum", "Waterworks", "", "Lantern B.V.", "Zoo", "Kite Studio", "A", "B", "C", "D", "E", "F", "G")


@st.composite
def crowds(draw: st.DrawFn, most: int = MOST) -> list[tuple[Someone, str]]:
    """People with where they work; any number in any ring."""
    count = draw(st.integers(0, most))
    rings = draw(st.sampled_from([RINGS, ("close",), ("warm",), ("cold",), ("close", "cold")]))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(rings), st.sampled_from(NAMES), st.sampled_from(PLACES), st.integers(0, 60),
                st.integers(0, 5),
            ),
            min_size=count, max_size=count,
        )
    )  # fmt: skip
    return [
        (Someone(id=f"{n:03}", name=name, ring=ring, look="fresh", strength=strength, since=since), place)
        for n, (ring, name, place, strength, since) in enumerate(rows)
    ]


def drawn(crowd: list[tuple[Someone, str]]) -> Network:
    of, groups = by_organisation({each.id: place for each, place in crowd})
    return network([replace(each, group=of[each.id]) for each, _ in crowd], groups, WORDS)


@given(crowds())
@settings(max_examples=20, deadline=None)
def test_every_dot_lies_within_its_ring_and_none_touches_another(crowd: list[tuple[Someone, str]]) -> None:
    picture = drawn(crowd)
    rings = {each.key: each for each in picture.rings}
    assert len(picture.dots) == len(crowd)
    for dot in picture.dots:
        away = hypot(dot.x - 500, dot.y - 500)
        assert rings[dot.person.ring].inner < away - dot.r
        assert away + dot.r < rings[dot.person.ring].outer <= EDGE + 0.01
    for one, two in combinations(picture.dots, 2):
        assert hypot(one.x - two.x, one.y - two.y) > one.r + two.r


@given(crowds())
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("layer", ["wide", "phone"])
def test_no_name_meets_another_or_a_foreign_dot_or_leaves_the_picture(
    layer: str, crowd: list[tuple[Someone, str]]
) -> None:
    picture = drawn(crowd)
    named = [(dot, label) for dot in picture.dots if (label := getattr(dot, layer))]
    for dot, label in named:
        box = label.box
        assert label.text
        assert min(box.left, box.top) >= 0
        assert max(box.right, box.bottom) <= picture.size
        corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        assert max(hypot(x - 500, y - 500) for x, y in corners) <= EDGE + RIM + 0.2
        others = [each for each in picture.dots if each is not dot]
        assert not any(box.meets(_square(each.x, each.y, each.r - 0.2)) for each in others)
        assert label.inside is box.meets(_square(dot.x, dot.y, dot.r - 0.2))
    for (_, one), (_, two) in combinations(named, 2):
        assert not one.box.meets(two.box)


def _square(x: float, y: float, r: float) -> Box:
    return Box(left=x - r, top=y - r, right=x + r, bottom=y + r)


@given(crowds(), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_the_order_of_the_input_changes_nothing(crowd: list[tuple[Someone, str]], chance: object) -> None:
    shuffled = crowd[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert drawn(shuffled) == drawn(crowd)


@given(crowds(most=MOST - 1), st.sampled_from(RINGS), st.sampled_from(PLACES))
@settings(max_examples=20, deadline=None)
def test_whoever_comes_in_last_moves_nobody_while_the_frame_stands(
    crowd: list[tuple[Someone, str]], ring: str, place: str
) -> None:
    new = Someone(id="new", name="Last", ring=ring, look="new", since=9)
    before, after = drawn(crowd), drawn([*crowd, (new, place)])
    if (
        before.rings != after.rings
        or _edges(before) != _edges(after)
        or _groups(crowd) != _groups([*crowd, (new, place)])
    ):
        return
    spots = {each.person.id: (each.x, each.y) for each in after.dots}
    assert all(spots[each.person.id] == (each.x, each.y) for each in before.dots)


def _edges(picture: Network) -> list[object]:
    return [each.line for each in picture.sectors]


def _groups(crowd: list[tuple[Someone, str]]) -> list[str]:
    return [each.key for each in by_organisation({each.id: place for each, place in crowd})[1]]


def test_of_ten_who_come_in_few_move_anybody() -> None:
    """Not only allowed to stay: in an ordinary network the others do, until a ring or a sector needs more room."""
    crowd = [
        (Someone(id=f"{n:03}", name="Noor", ring=RINGS[n % 3], look="fresh", strength=n % 20, since=n), PLACES[n % 5])
        for n in range(100)
    ]
    before = {each.person.id: (each.x, each.y) for each in drawn(crowd).dots}
    times = 0
    for n in range(100, 110):
        crowd.append((Someone(id=f"{n:03}", name="New", ring="warm", look="new", since=n), "Zoo"))
        after = {each.person.id: (each.x, each.y) for each in drawn(crowd).dots}
        times += any(after[key] != spot for key, spot in before.items())
        before = after
    assert times <= 2


def test_people_of_one_organisation_sit_together() -> None:
    crowd = [
        (Someone(id=f"{n:03}", name="Noor", ring="warm", look="fresh", since=n), "Zoo" if n % 3 else "Harbour Museum")
        for n in range(60)
    ]
    picture = drawn(crowd)
    sides = {"Harbour Museum": (0, 0.36), "Zoo": (0.36, 1)}
    of = {each.id: place for each, place in crowd}
    outside = 0
    for dot in picture.dots:
        share = (_share(dot.x, dot.y) + 0.0) % 1
        start, end = sides[of[dot.person.id]]
        outside += not start - 0.04 <= share <= end + 0.04
    assert outside <= 3


def _share(x: float, y: float) -> float:
    """How far round from the top, clockwise, found by trying."""
    return min((n / 720 for n in range(720)), key=lambda s: hypot(
        x - 500 - 300 * cos(2 * pi * s - pi / 2), y - 500 - 300 * sin(2 * pi * s - pi / 2)))  # fmt: skip


def test_a_ring_without_people_is_left_out() -> None:
    picture = drawn([(Someone(id="1", name="Noor", ring="cold", look="new"), "")])
    assert [each.key for each in picture.rings] == ["cold"]
    assert picture.sectors == ()


def test_a_picture_refuses_more_people_than_it_holds() -> None:
    crowd = [Someone(id=str(n), name="x", ring="warm", look="new") for n in range(MOST + 1)]
    with pytest.raises(ValueError, match="at most 150"):
        network(crowd, [Group(key="", name="", count=151)], WORDS)


def test_larger_means_more_contact() -> None:
    frame = frame_for([Someone(id="1", name="Noor", ring="warm", look="new")])
    radii = [frame.dot(size) for size in range(5)]
    assert radii == sorted(set(radii))


def test_a_line_runs_from_who_brought_in_and_only_within_the_picture() -> None:
    one = Someone(id="1", name="Noor", ring="warm", look="fresh", brought_by="gone")
    two = Someone(id="2", name="Emre", ring="cold", look="new", brought_by="1")
    picture = network([one, two], [Group(key="", name="", count=2)], WORDS)
    spots = {each.person.id: (each.x, each.y) for each in picture.dots}
    assert [(each.start, each.end) for each in picture.lines] == [(spots["1"], spots["2"])]


def test_names_on_the_rim_are_no_longer_than_their_arc() -> None:
    crowd = [(Someone(id=f"{n}", name="N", ring="warm", look="new", since=n), PLACES[n % 13] * 9) for n in range(39)]
    picture = drawn(crowd)
    assert len(picture.sectors) > 5
    for sector in picture.sectors:
        for layer in ("wide", "phone"):
            text = rim_name(sector, "The Old Harbour Museum of Lanterns", layer)
            assert width_of(text, SIZES[layer]) <= sector.room


@pytest.mark.parametrize(
    ("name", "first", "letters"),
    [
        ("Noor van der Berg", "Noor", "NB"), ("emre", "emre", "E"), ("", "", ""), ("  ", "", ""),
        ("Wolfeschlegelsteinhausen B", "Wolfeschle…", "WB"), ("(Sales) Anna", "(Sales)", "A"), ("שרה לוי", "שרה", "של"),
    ],
)  # fmt: skip
def test_names_grow_short(name: str, first: str, letters: str) -> None:
    assert (first_name(name), initials(name)) == (first, letters)


def test_a_text_is_cut_visibly_or_left_away() -> None:
    assert cut("Harbour Museum", 10, 1000) == "Harbour Museum"
    assert cut("Harbour Museum", 10, 50) == "Harbou…"[: len(cut("Harbour Museum", 10, 50)) - 1] + "…"
    assert width_of(cut("Harbour Museum", 10, 50), 10) <= 50
    assert cut("Harbour Museum", 10, 12) == ""
