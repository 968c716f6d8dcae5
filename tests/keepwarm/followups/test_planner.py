"""The planner's laws: within pace, calm, stable, and never against the user's word."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.followups import LENGTH, OWED, Due, Existing, Plan, Removal, State, enough, plan, turn, waits
from keepwarm.pace import Pace, is_working_day
from keepwarm.zones import local, to_utc, week_of

PACE = Pace(zone="Europe/Amsterdam", country="NL")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam
DAY, QUARTER_YEAR = timedelta(days=1), timedelta(days=90)
Span = tuple[datetime, datetime]


def person(name: str, *, due_in: float = -10, rhythm: timedelta = QUARTER_YEAR, cycle: str = "1") -> Due:
    return Due(contact_id=name, name=name, due_at=NOW + due_in * DAY, rhythm=rhythm, cycle=cycle)


def standing(name: str, at: datetime, state: State = State.PLACED, *, cycle: str = "1") -> Existing:
    return Existing(
        id=f"old-{name}", contact_id=name, cycle=cycle, at=at, state=state, moved_by_user=state is State.MOVED
    )


def applied(existing: list[Existing], done: Plan) -> list[Existing]:
    """The world after the plan was carried out."""
    moves = {each.id: each.at for each in done.move}
    gone = {each.id for each in done.remove}
    after = [
        replace(each, state=State.REMOVED)
        if each.id in gone
        else replace(each, at=moves.get(each.id, each.at), state=State.PLACED if each.id in moves else each.state)
        for each in existing
    ]
    return after + [
        Existing(id=each.id, contact_id=each.contact_id, cycle=each.cycle, at=each.at, state=State.PLACED)
        for each in done.place
    ]


def wall(at: datetime) -> str:
    return f"{local(at, PACE.zone):%a %d %b %H:%M}"


def at(day: date, clock: time) -> datetime:
    return to_utc(day, clock, PACE.zone)


TUESDAY = at(date(2026, 11, 24), time(9))


def test_the_latest_over_rhythm_comes_first() -> None:
    people = [
        person("a", due_in=-30),
        person("b", due_in=-20, rhythm=timedelta(days=28)),
        person("c", due_in=-1),
        person("d", due_in=-100),
    ]
    found = plan(people, [], [], NOW, PACE)
    assert [(each.contact_id, wall(each.at)) for each in found.place] == [
        ("d", "Mon 23 Nov 11:00"),
        ("b", "Mon 30 Nov 09:00"),
        ("a", "Mon 07 Dec 09:00"),
        ("c", "Mon 14 Dec 09:00"),
    ]
    assert all(each.end_at - each.at == LENGTH for each in found.place)


def test_one_who_is_not_yet_due_waits_for_the_day() -> None:
    found = plan([person("a", due_in=20), person("b", due_in=50), person("c", due_in=57)], [], [], NOW, PACE)
    assert [(each.contact_id, wall(each.at)) for each in found.place] == [
        ("a", "Mon 14 Dec 09:00"),  # due on a Sunday
        ("b", "Tue 12 Jan 09:00"),
    ]
    assert "c" not in {each.contact_id for each in found.place} | set(found.waiting)


def test_a_talk_ahead_makes_a_reminder_needless() -> None:
    soon = replace(person("a"), talk_ahead=True)
    planned = standing("a", NOW + 3 * DAY)
    assert plan([soon], [], [], NOW, PACE) == Plan()
    assert plan([soon], [planned], [], NOW, PACE).remove == (Removal(id=planned.id, why="talk_ahead"),)


def test_a_talk_ahead_leaves_what_the_user_moved_and_what_is_past() -> None:
    soon = replace(person("a"), talk_ahead=True)
    for each in (standing("a", NOW + 3 * DAY, State.MOVED), standing("a", NOW - DAY)):
        assert plan([soon], [each], [], NOW, PACE).keep == (each.id,)


def test_a_small_backlog_shares_the_weeks_evenly() -> None:
    found = plan([person(f"p{number}", due_in=-50) for number in range(10)], [], [], NOW, PACE)
    weeks = Counter(week_of(each.at, PACE.zone) for each in found.place)
    assert len(found.place) == 10
    assert max(weeks.values()) == 2


def test_a_backlog_is_spread_and_the_rest_waits() -> None:
    people = [person(f"p{number:02d}", due_in=-number - 1) for number in range(60)]
    found = plan(people, [], [], NOW, PACE)
    weeks = Counter(week_of(each.at, PACE.zone) for each in found.place)
    assert max(weeks.values()) == PACE.weekly_follow_ups
    assert len(weeks) >= PACE.backlog_weeks
    assert len(found.place) + len(found.waiting) == 60
    assert found.waiting[0] == f"p{59 - len(found.place):02d}"
    assert len(found.place) >= 8 * 3 - 3  # Christmas and New Year leave fewer days


def test_none_a_week_is_none_whatever_is_owed() -> None:
    people = [person("a"), person("b", cycle=f"{OWED}promise:7", due_in=3)]
    found = plan(people, [], [], NOW, replace(PACE, weekly_follow_ups=0))
    assert (found.place, sorted(found.waiting)) == ((), ["a", "b"])


def test_existing_ones_count_against_the_ceiling() -> None:
    existing = [standing(f"e{day}", TUESDAY + day * DAY, State.DONE if day else State.PLACED) for day in range(3)]
    found = plan([person("e0"), person("a")], existing, [], NOW, PACE)
    assert [wall(each.at) for each in found.place] == ["Mon 30 Nov 09:00"]


def test_what_had_its_time_this_week_counts_also_in_the_run_that_settles_it() -> None:
    """They were in touch an hour ago: the entry of this morning is done, and the week is no emptier for it."""
    this_morning = [standing(f"old{n}", NOW - timedelta(hours=1), cycle="before") for n in range(3)]
    people = [person(f"old{n}", cycle="since", due_in=80) for n in range(3)] + [person(f"p{n}") for n in range(9)]
    made = plan(people, this_morning, [], NOW, PACE)
    assert {each.why for each in made.remove} == {"in_touch"}
    assert not [each for each in made.place if week_of(each.at, PACE.zone) == week_of(NOW, PACE.zone)]


def test_several_a_day_only_where_days_run_out() -> None:
    pace = replace(PACE, backlog_weeks=1)
    away = [(at(date(2026, 11, 24), time(0)), at(date(2026, 11, 30), time(0)))]
    found = plan([person("a"), person("b"), person("c"), person("d")], [], [], NOW, pace, away)
    assert [wall(each.at) for each in found.place] == [
        "Mon 23 Nov 11:00",
        "Mon 23 Nov 11:15",
        "Mon 23 Nov 11:30",
    ]
    assert found.waiting == ("d",)


def test_it_is_placed_in_free_time() -> None:
    busy = [(NOW, at(date(2026, 11, 23), time(18))), (TUESDAY, TUESDAY + timedelta(minutes=50))]
    assert wall(plan([person("a")], [], busy, NOW, PACE).place[0].at) == "Tue 24 Nov 10:00"


@pytest.mark.parametrize("state", [State.PLANNED, State.PLACED, State.MOVED])
def test_real_contact_removes_it(state: State) -> None:
    found = plan([person("a", due_in=90, cycle="2")], [standing("a", TUESDAY, state)], [], NOW, PACE)
    assert found == Plan(remove=(Removal(id="old-a", why="in_touch"),))


def test_one_no_longer_followed_is_removed() -> None:
    assert plan([], [standing("a", TUESDAY)], [], NOW, PACE).remove == (Removal(id="old-a", why="not_active"),)


def test_a_double_is_removed_and_the_users_own_stays() -> None:
    ours, theirs = standing("a", TUESDAY), replace(standing("a", TUESDAY + DAY, State.MOVED), id="moved-a")
    found = plan([person("a")], [ours, theirs], [], NOW, PACE)
    assert (found.remove, found.keep) == ((Removal(id="old-a", why="double"),), ("moved-a",))


def test_what_the_user_moved_stays_even_in_a_busy_hour_of_a_sunday() -> None:
    sunday = at(date(2026, 11, 29), time(22))
    busy = [(sunday - DAY, sunday + DAY)]
    assert plan([person("a")], [standing("a", sunday, State.MOVED)], busy, NOW, PACE) == Plan(keep=("old-a",))


@pytest.mark.parametrize("state", [State.DELETED, State.DONE])
def test_what_was_deleted_or_done_is_not_remade_in_its_cycle(state: State) -> None:
    existing = [standing("a", TUESDAY, state)]
    assert plan([person("a")], existing, [], NOW, PACE) == Plan()
    assert [each.cycle for each in plan([person("a", cycle="2")], existing, [], NOW, PACE).place] == ["2"]


def test_what_we_removed_may_come_back_under_a_name_of_its_own() -> None:
    first = plan([person("a")], [], [], NOW, PACE).place[0]
    existing = [Existing(id=first.id, contact_id="a", cycle="1", at=first.at, state=State.REMOVED)]
    again = plan([person("a")], existing, [], NOW, PACE).place[0]
    assert again.id != first.id


def test_ours_makes_way_for_a_meeting() -> None:
    busy = [(TUESDAY - DAY, TUESDAY + timedelta(hours=1))]
    found = plan([person("a")], [standing("a", TUESDAY)], busy, NOW, PACE)
    assert [(each.id, wall(each.at)) for each in found.move] == [("old-a", "Tue 24 Nov 10:00")]


@pytest.mark.parametrize(("state", "moves"), [(State.PLANNED, True), (State.PLACED, False)])
def test_what_was_never_delivered_gets_a_new_day(state: State, moves: bool) -> None:
    found = plan([person("a")], [standing("a", NOW - 2 * DAY, state)], [], NOW, PACE)
    assert [wall(each.at) for each in found.move] == (["Mon 23 Nov 11:00"] if moves else [])
    assert found.keep == (() if moves else ("old-a",))


NAMES = [f"n{number}" for number in range(12)]
HOURS = st.integers(-400, 8 * 7 * 24).map(lambda hours: NOW + timedelta(hours=hours))
SPANS = st.lists(st.tuples(HOURS, st.integers(0, 200)), max_size=8).map(
    lambda pairs: [(start, start + timedelta(hours=hours)) for start, hours in pairs]
)
PEOPLE = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(
        lambda due, rhythm, cycle: (due, timedelta(days=rhythm), cycle),
        st.floats(-400, 70),
        st.integers(0, 200),
        st.sampled_from("12"),
    ),
).map(lambda facts: [person(name, due_in=due, rhythm=span, cycle=cycle) for name, (due, span, cycle) in facts.items()])
EXISTING = st.lists(
    st.builds(standing, st.sampled_from(NAMES), HOURS, st.sampled_from(State), cycle=st.sampled_from("12")), max_size=9
).map(lambda found: [replace(each, id=f"{each.id}-{number}") for number, each in enumerate(found)])


@given(people=PEOPLE, existing=EXISTING, busy=SPANS, away=SPANS, random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(people, existing, busy, away, random) -> None:
    found = plan(people, existing, busy, NOW, PACE, away)
    for each in (people, existing, busy, away):
        random.shuffle(each)
    assert plan(people, existing, busy, NOW, PACE, away) == found


@given(people=PEOPLE, existing=EXISTING, busy=SPANS, away=SPANS)
def test_a_second_run_changes_nothing(people, existing, busy, away) -> None:
    first = plan(people, existing, busy, NOW, PACE, away)
    second = plan(people, applied(existing, first), busy, NOW, PACE, away)
    assert (second.place, second.move, second.remove, second.waiting) == ((), (), (), first.waiting)


@given(people=PEOPLE, existing=EXISTING, busy=SPANS, away=SPANS)
def test_what_is_placed_keeps_every_rule(
    people: list[Due], existing: list[Existing], busy: list[Span], away: list[Span]
) -> None:
    found = plan(people, existing, busy, NOW, PACE, away)
    before = Counter(week_of(each.at, PACE.zone) for each in existing if each.state is not State.REMOVED)
    after = applied(existing, found)
    counted = (State.PLANNED, State.PLACED, State.MOVED, State.DONE)
    weeks = Counter(week_of(each.at, PACE.zone) for each in after if each.state in counted)
    for each in (*found.place, *found.move):
        here = local(each.at, PACE.zone)
        assert each.at >= NOW + timedelta(hours=1)
        assert is_working_day(here.date(), PACE)
        assert time(9) <= here.time() <= time(16, 45)
        assert not any(start < each.end_at and each.at < end for start, end in (*busy, *away) if start < end)
    for each in found.place:
        week = week_of(each.at, PACE.zone)
        assert weeks[week] <= max(PACE.weekly_follow_ups, before[week])
    live = [(each.contact_id, each.cycle) for each in after if each.state in counted[:3]]
    assert len(set(live)) == len(live)
    settled = {(each.contact_id, each.cycle) for each in existing if each.state in (State.DELETED, State.DONE)}
    assert not settled & {(each.contact_id, each.cycle) for each in found.place}
    assert not {each.id for each in found.move} & {each.id for each in existing if each.state is State.MOVED}
    wanted = [each for each in people if each.due_at <= NOW + timedelta(weeks=8)]
    assert len({each.contact_id for each in found.place} | set(found.waiting)) <= len(wanted)


@given(people=PEOPLE, existing=EXISTING, busy=SPANS, away=SPANS, ceiling=st.integers(0, 2), weeks=st.integers(1, 3))
def test_the_first_who_are_enough_make_the_plan_that_everybody_makes(
    people, existing, busy, away, ceiling, weeks
) -> None:
    pace = replace(PACE, weekly_follow_ups=ceiling, backlog_weeks=weeks)
    queue = sorted((each for each in people if waits(each, existing)), key=lambda each: turn(each, NOW))
    live = {each.contact_id for each in existing if each.state in (State.PLANNED, State.PLACED, State.MOVED)}
    chosen = {each.contact_id for each in queue[: enough(pace)]} | live
    few = plan([each for each in people if each.contact_id in chosen], existing, busy, NOW, pace, away)
    everybody = plan(people, existing, busy, NOW, pace, away)
    assert replace(few, waiting=()) == replace(everybody, waiting=())


def test_five_thousand_people_are_planned_in_a_moment() -> None:
    people = [person(f"p{number}", due_in=-(number % 300) - 1) for number in range(5000)]
    busy = [(NOW + hour * timedelta(hours=1), NOW + hour * timedelta(hours=1, minutes=20)) for hour in range(1000)]
    found = plan(people, [], busy, NOW, PACE)
    assert len(found.place) + len(found.waiting) == 5000


def test_a_ceiling_of_none_places_none_not_even_what_is_owed() -> None:
    owed = replace(person("b", cycle="owed:promise:1"), about="promise")
    done = plan([person("a"), owed], [], [], NOW, replace(PACE, weekly_follow_ups=0))
    assert done.place == ()
    assert done.waiting == ("b", "a")
