"""Heat, bars, ways and the columns of time: numbers that are right and places that fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.freshness import freshness
from keepwarm.paths import Step, Way
from keepwarm.pictures import RINGS, History, bars, by_organisation, by_origin, chain, heat, last_months, last_weeks
from keepwarm.pictures.chain import FONT
from keepwarm.pictures.groups import Group, shares
from keepwarm.pictures.labels import width_of
from keepwarm.pictures.months import BOTTOM, LEFT, RIGHT, TOP
from keepwarm.pictures.values import LOOKS, look_of, ring_of, size_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ZONE = "Europe/Amsterdam"


# --- heat -----------------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.builds(
            History,
            ring=st.sampled_from(RINGS),
            rhythm=st.integers(1, 40),
            moments=st.lists(st.integers(0, 120), max_size=8).map(sorted),
        ),
        max_size=8,
    ),
    st.lists(st.integers(0, 120), min_size=1, max_size=6).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_heat_counts_as_the_product_reckons_freshness(people: list[History], moments: list[int]) -> None:
    start = NOW - timedelta(days=200)
    rows = {row.ring: row.cells for row in heat(people, moments)}
    for column, moment in enumerate(moments):
        for ring in RINGS:
            known = [each for each in people if each.ring == ring and any(at <= moment for at in each.moments)]
            fresh = [
                each
                for each in known
                if freshness(
                    last_at=start + timedelta(days=max(at for at in each.moments if at <= moment)), since=start,
                    interval=timedelta(days=each.rhythm), now=start + timedelta(days=moment),
                ).state == "fresh"
            ]  # fmt: skip
            assert (rows[ring][column].fresh, rows[ring][column].known) == (len(fresh), len(known))


def test_a_share_has_a_shade_and_nobody_has_none() -> None:
    histories = [History(ring="warm", rhythm=10, moments=[n]) for n in (1, 1, 95, 95, 95)]
    (early, late) = next(row.cells for row in heat(histories, [0, 100]) if row.ring == "warm")
    assert (early.share, early.shade) == (None, None)
    assert (late.share, late.shade) == (0.6, 3)


# --- columns --------------------------------------------------------------------------------------------------------


def test_months_begin_on_the_owners_clocks_and_end_now() -> None:
    spans = last_months(NOW, ZONE)
    assert [each.day for each in spans][::11] == [date(2025, 12, 1), date(2026, 11, 1)]
    assert spans[0].start == datetime(2025, 11, 30, 23, tzinfo=UTC)
    assert spans[5].start == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert spans[-1].end == NOW
    assert all(one.end == two.start for one, two in pairwise(spans))


def test_weeks_begin_on_mondays() -> None:
    spans = last_weeks(NOW, ZONE)
    assert {each.day.weekday() for each in spans} == {0}
    assert (len(spans), spans[-1].day) == (13, date(2026, 11, 23))


def test_the_first_minutes_of_a_month_belong_to_it() -> None:
    just = datetime(2026, 11, 30, 23, 5, tzinfo=UTC)  # 1 December in Amsterdam
    assert last_months(just, ZONE)[-1].day == date(2026, 12, 1)


# --- bars -----------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 3000), min_size=12, max_size=12), st.lists(st.integers(0, 3000), min_size=12, max_size=12)
)
@settings(max_examples=50, deadline=None)
def test_bars_stand_on_the_ground_within_the_picture_and_apart(one: list[int], two: list[int]) -> None:
    picture = bars(one, two)
    standing = sorted((each for row in picture.series for each in row), key=lambda each: each.x)
    for bar in standing:
        assert bar.y + bar.high == pytest.approx(BOTTOM)
        assert bar.y >= TOP - 0.1
        assert bar.x >= LEFT
        assert bar.x + bar.wide <= RIGHT
    assert all(a.x + a.wide <= b.x + 0.11 for a, b in pairwise(standing))
    assert 2 <= len(picture.lines) <= 7
    assert picture.lines[-1][0] >= max(*one, *two)
    tallest = max((each for row in picture.series for each in row), key=lambda each: each.value)
    assert all(each.high <= tallest.high for row in picture.series for each in row)


def test_the_lines_are_round_numbers() -> None:
    assert [value for value, _ in bars([0, 23], [4, 7]).lines] == [0, 5, 10, 15, 20, 25]
    assert [value for value, _ in bars([0], [0]).lines] == [0, 1]


# --- ways -----------------------------------------------------------------------------------------------------------


def way(*names: str, doubt: bool = False) -> Way:
    steps = tuple(Step(contact_id=name, name=name, doubt=doubt, why=f"why {name}") for name in names)
    return Way(steps=steps, strength=0.5)


def test_ways_share_their_ends_and_each_step_is_drawn_once() -> None:
    picture = chain(
        [way("Noor", "Femke"), way("Emre", "Bram", "Femke", doubt=True), way("Noor", "Bram", "Femke")], "me"
    )
    spots = {each.full: (each.x, each.y) for each in picture.nodes}
    assert set(spots) == {"me", "Noor", "Emre", "Bram", "Femke"}
    assert spots["me"][0] < spots["Noor"][0] == spots["Emre"][0] < spots["Bram"][0] < spots["Femke"][0]
    drawn = {(each.start, each.end): each.doubt for each in picture.edges}
    assert len(drawn) == len(picture.edges) == 6
    assert drawn[spots["Noor"], spots["Femke"]] is False
    assert drawn[spots["me"], spots["Emre"]] is True
    assert [each.full for each in picture.nodes if each.goal] == ["Femke"]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=2, unique=True), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_people_on_a_way_stand_apart_within_the_picture(found: list[list[str]]) -> None:
    picture = chain([way(*(f"{name} {name * 40}" for name in each), "Goal") for each in found], "me")
    spots = [(each.x, each.y) for each in picture.nodes]
    assert len(set(spots)) == len(spots)
    for each in picture.nodes:
        half = width_of(each.name, FONT) / 2
        assert each.x - half >= 0
        assert each.x + half <= picture.wide
        assert each.y >= 16
        assert each.y + 30 <= picture.high
    for one in picture.nodes:
        for two in picture.nodes:
            if one is not two and abs(one.y - two.y) < 20:
                assert abs(one.x - two.x) >= (width_of(one.name, FONT) + width_of(two.name, FONT)) / 2


# --- groups and values ----------------------------------------------------------------------------------------------


def test_small_groups_stand_together_and_spellings_are_one() -> None:
    of, groups = by_organisation({"1": "Lantern B.V.", "2": "LANTERN", "3": "Zoo", "4": "", "5": "Lantern B.V."})
    assert of == {"1": "lantern", "2": "lantern", "3": "*", "4": "", "5": "lantern"}
    assert [(each.name, each.count) for each in groups] == [("Lantern B.V.", 3), ("", 1), ("", 1)]


def test_groups_go_round_by_name_and_the_many_small_ones_last() -> None:
    of, groups = by_organisation({f"{n}": f"Firm {n % 12:02}" for n in range(12 * 2)} | {"x": "Alone"})
    assert [each.name for each in groups] == [f"Firm {n:02}" for n in range(9)] + [""]
    assert groups[-1].count == 7
    assert of["x"] == "*"


def test_how_we_met_says_more_than_where_we_were_found() -> None:
    of, _ = by_origin({"1": ["mail", "friends"], "2": ["mail"], "3": [], "4": ["friends"], "5": ["mail"]})
    assert of == {"1": "friends", "2": "mail", "3": "", "4": "friends", "5": "mail"}


@given(st.lists(st.integers(1, 150), min_size=1, max_size=11))
def test_sectors_fill_the_round(counts: list[int]) -> None:
    parts = list(shares([Group(key=str(n), name="", count=each) for n, each in enumerate(counts)]).values())
    assert parts[0][0] == 0
    assert sum(width for _, width in parts) == pytest.approx(1)
    assert all(a + wide == pytest.approx(b) for (a, wide), (b, _) in pairwise(parts))


def test_every_state_has_a_look_and_every_strength_a_size() -> None:
    states = ("fresh", "due", "late", "asleep", "new", "none")
    assert {look_of(each) for each in states} == set(LOOKS)
    assert [size_of(each) for each in (0, 1, 4, 5, 15, 40, 9999)] == [0, 1, 1, 2, 3, 4, 4]
    assert (ring_of("warm", close=True), ring_of("cold", close=False)) == ("close", "cold")
