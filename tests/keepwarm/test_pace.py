"""Quiet hours, working days, the digest's hour and the two moments before a talk."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.pace import (
    BRIEF_DEADLINE,
    NOTE_DEADLINE,
    Pace,
    brief_times,
    digest_at,
    is_quiet,
    is_working_day,
    next_open,
    previous_working_day,
)
from keepwarm.zones import local, to_utc, week_name, week_of

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
NL = Pace(zone="Europe/Amsterdam", country="NL")
FORTY = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))[::12][:40]


def moments(last_year: int) -> st.SearchStrategy[datetime]:
    days = (datetime(last_year, 12, 31, tzinfo=UTC) - FIRST_DAY).days
    return st.builds(
        lambda day, second: FIRST_DAY + timedelta(days=day, seconds=second),
        st.integers(0, days),
        st.integers(0, 86_399),
    )


def here(day: date, clock: time) -> datetime:
    return to_utc(day, clock, NL.zone)


def at(text: str) -> datetime:
    """A wall time in Amsterdam."""
    wall = datetime.fromisoformat(text)
    return here(wall.date(), wall.time())


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 4, 27), False),  # Koningsdag
        (date(2025, 4, 26), False),  # Koningsdag, a day early because the 27th is a Sunday
        (date(2027, 4, 27), False),
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2027, 3, 29), False),
        (date(2026, 5, 14), False),  # Ascension Day
        (date(2026, 12, 25), False),
        (date(2026, 12, 24), True),
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 27), True),
    ],
)
def test_dutch_days_off(day: date, works: bool) -> None:
    assert is_working_day(day, NL) is works


def test_an_unknown_country_or_region_is_no_error() -> None:
    nowhere = Pace(country="XX", region="??")
    assert is_working_day(date(2026, 12, 25), nowhere)
    assert not is_working_day(date(2026, 12, 25), Pace(country="nl", region="Atlantis"))
    assert not is_working_day(date(2026, 11, 1), Pace(country="DE", region="BY", weekend=frozenset()))
    assert is_working_day(date(2026, 11, 1), Pace(country="DE", region="HH", weekend=frozenset()))


def test_the_working_day_before_skips_easter() -> None:
    assert previous_working_day(date(2026, 4, 7), NL) == date(2026, 4, 2)


def test_a_week_without_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="working day"):
        Pace(weekend=frozenset(range(7)))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-24T12:00", "2026-11-24T12:00"),
        ("2026-11-24T20:00", "2026-11-25T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-27T21:00", "2026-11-30T08:00"),  # over the weekend
        ("2026-12-24T20:30", "2026-12-28T08:00"),  # over Christmas
    ],
)
def test_what_is_held_goes_out_when_the_day_opens(moment: str, opens: str) -> None:
    assert next_open(at(moment), NL) == at(opens)


def test_absence_is_quiet_and_ends() -> None:
    away = [(at("2026-11-23T00:00"), at("2026-12-01T13:00")), (at("2026-12-01T12:00"), at("2026-12-02T00:00"))]
    assert is_quiet(at("2026-11-24T12:00"), NL, away)
    assert next_open(at("2026-11-24T12:00"), NL, away) == at("2026-12-02T08:00")


@given(
    moment=moments(2030),
    zone=st.sampled_from(FORTY),
    quiet=st.tuples(st.times(), st.times()),
)
def test_next_open_is_open_and_the_first(moment: datetime, zone: str, quiet: tuple[time, time]) -> None:
    pace = Pace(zone=zone, country="NL", quiet_from=quiet[0], quiet_to=quiet[1])
    opens = next_open(moment, pace)
    assert opens >= moment
    assert not is_quiet(opens, pace)
    assert opens == moment or is_quiet(opens - timedelta(microseconds=1), pace)


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("2026-W48", "2026-11-24T08:30"),
        ("2027-W17", "2027-04-28T08:30"),  # Tuesday is Koningsdag
    ],
)
def test_the_digest_waits_for_a_working_day(week: str, expected: str) -> None:
    assert digest_at(week, NL) == at(expected)


def test_a_digest_late_in_the_week_moves_forward_within_it() -> None:
    friday = Pace(zone=NL.zone, country="NL", digest_weekday=4)
    assert digest_at("2026-W52", friday) == at("2026-12-24T08:30")
    saturday = Pace(zone=NL.zone, country="NL", digest_weekday=5)
    assert digest_at("2026-W48", saturday) == at("2026-11-28T08:30")


def test_forty_zones_get_one_digest_a_local_week_through_all_transitions() -> None:
    assert len(FORTY) == 40
    monday = date(2025, 12, 29)
    weeks = [week_name(monday + timedelta(weeks=number)) for number in range(262)]
    for zone in FORTY:
        pace = Pace(zone=zone, digest_time=time(2, 30), country="NL")
        assert [week_of(digest_at(week, pace), zone) for week in weeks] == weeks


@pytest.mark.parametrize(
    ("start", "booked", "brief", "note"),
    [
        ("2026-11-26T10:00", "2026-11-20T12:00", "2026-11-25T16:00", "2026-11-26T09:00"),
        ("2026-11-30T10:00", "2026-11-20T12:00", "2026-11-27T16:00", "2026-11-30T09:00"),  # Monday → Friday
        ("2026-12-28T10:00", "2026-11-20T12:00", "2026-12-24T16:00", "2026-12-28T09:00"),  # before Christmas
        ("2026-11-26T10:00", "2026-11-25T17:00", "2026-11-25T17:00", "2026-11-26T09:00"),  # booked late: at once
        ("2026-11-26T11:00", "2026-11-25T22:00", "2026-11-26T08:00", "2026-11-26T10:00"),  # held for the night
        ("2026-11-26T08:15", "2026-11-25T22:00", "2026-11-25T22:00", "2026-11-26T08:00"),  # too early to hold
        ("2026-11-26T15:00", "2026-11-26T14:00", "2026-11-26T14:00", None),  # the list itself is the note
        ("2026-11-26T15:00", "2026-11-26T14:45", None, "2026-11-26T14:45"),
        ("2026-11-26T15:00", "2026-11-26T14:57", None, None),
        ("2026-11-28T15:00", "2026-11-28T10:00", "2026-11-28T10:00", "2026-11-28T14:00"),  # a Saturday
    ],
)
def test_brief_and_note_have_their_hour(start: str, booked: str, brief: str | None, note: str | None) -> None:
    found = brief_times(at(start), at(booked), at(booked), NL)
    assert (found.brief_at, found.note_at) == (brief and at(brief), note and at(note))


def test_a_time_behind_us_means_at_once_until_it_is_too_late() -> None:
    start, booked = at("2026-11-26T10:00"), at("2026-11-20T12:00")
    assert brief_times(start, booked, at("2026-11-25T17:00"), NL).brief_at == at("2026-11-25T16:00")
    assert brief_times(start, booked, at("2026-11-25T23:00"), NL).brief_at == at("2026-11-26T08:00")
    assert brief_times(start, booked, at("2026-11-26T09:31"), NL).brief_at is None
    assert brief_times(start, None, at("2026-11-26T09:56"), NL).note_at is None


MOMENTS = moments(2027)
SPANS = st.timedeltas(timedelta(0), timedelta(days=6))


@given(start=MOMENTS, before=SPANS, later=SPANS, moved=st.timedeltas(timedelta(days=-4), timedelta(days=4)),
       zone=st.sampled_from(FORTY), gone=st.tuples(MOMENTS, SPANS))  # fmt: skip
def test_nothing_goes_out_after_the_start_however_a_talk_moves(
    start: datetime, before: timedelta, later: timedelta, moved: timedelta, zone: str, gone: tuple[datetime, timedelta]
) -> None:
    pace, away = Pace(zone=zone, country="NL"), [(gone[0], gone[0] + gone[1])]
    for begins in (start, start + moved):
        booked = begins - before
        found = brief_times(begins, booked, booked + later, pace, away)
        sent = [max(each, booked + later) for each in (found.brief_at, found.note_at) if each]
        assert not found.brief_at or sent[0] <= begins - BRIEF_DEADLINE
        assert not found.note_at or sent[-1] <= begins - NOTE_DEADLINE
        assert len(sent) < 2 or begins - sent[0] >= timedelta(hours=2)
        assert all(each >= booked for each in (found.brief_at, found.note_at) if each)


def test_forty_zones_show_the_brief_at_four() -> None:
    for zone in FORTY:
        pace = Pace(zone=zone)
        start = to_utc(date(2026, 11, 26), time(10), zone)
        found = brief_times(start, None, start - timedelta(days=5), pace)
        assert found.brief_at is not None
        assert local(found.brief_at, zone).strftime("%a %H:%M") == "Wed 16:00"
