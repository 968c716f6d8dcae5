"""A talk noted by hand is prepared as any other, and what goes out follows what its owner says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import booking, changes, held, talks, views
from tests import make
from tests.workers.conftest import NOOR, NOW, House

START = NOW + timedelta(days=3)  # Thursday 10:00 in Amsterdam
EVE = datetime(2026, 11, 25, 15, tzinfo=UTC)  # Wednesday 16:00 in Amsterdam


def booked(house: House, **fields: object) -> str:
    whom = house.knows(NOOR)
    with house.store.transaction(house.owner_id) as tx:
        return booking.book(tx, whom, house.moment, at=START, **fields)  # type: ignore[arg-type] # a test's own


def talks_sent(house: House) -> int:
    return len([each for each in house.mails() if "your talk on" in each])


def test_its_questions_come_in_time_and_once(house: House) -> None:
    booked(house, title="Phone")
    house.at(EVE).drain()
    house.later(minutes=5).drain()
    assert talks_sent(house) == 1
    house.at(START + timedelta(hours=2)).drain()
    with house.store.reading(house.owner_id) as tx:
        (over,) = held.held_talks(tx, views.world(tx, house.moment))
    assert over.event.title == "Phone"


def test_called_off_nothing_goes_out_and_taken_back_it_does(house: House) -> None:
    event = booked(house)
    house.drain()
    with house.store.transaction(house.owner_id) as tx:
        booking.call_off(tx, event, house.moment)
    house.at(EVE).drain()
    assert talks_sent(house) == 0
    with house.store.transaction(house.owner_id) as tx:
        changes.undo(tx, house.moment)
    house.later(minutes=5).drain()
    assert talks_sent(house) == 1


def test_noting_it_taken_back_nothing_goes_out(house: House) -> None:
    booked(house)
    house.drain()
    with house.store.transaction(house.owner_id) as tx:
        changes.undo(tx, house.moment)
    house.at(EVE).drain()
    assert talks_sent(house) == 0


def test_what_is_over_is_not_called_off(house: House) -> None:
    event = booked(house)
    house.at(START + timedelta(minutes=1))
    with house.store.transaction(house.owner_id) as tx, pytest.raises(NotPossible):
        booking.call_off(tx, event, house.moment)


def test_a_talk_of_a_calendar_is_not_called_off(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    with house.store.reading(house.owner_id) as tx:
        (event,) = [each.id for each in views.events_between(tx, START, START + timedelta(hours=1))]
    with house.store.transaction(house.owner_id) as tx, pytest.raises(NotFound):
        booking.call_off(tx, event, house.moment)


def test_the_same_talk_in_a_calendar_takes_its_place(house: House) -> None:
    """By itself: two lists for one talk would be one too many."""
    booked(house, title="Phone")
    house.talk(START + timedelta(minutes=15))
    house.at(EVE).drain()
    assert talks_sent(house) == 1
    with house.store.reading(house.owner_id) as tx:
        found = views.events_between(tx, START, START + timedelta(hours=1))
    assert {each.title: each.gone for each in found if booking.by_hand(each)} == {"Phone": True}


def test_another_talk_with_somebody_else_takes_nothing(house: House) -> None:
    booked(house)
    house.talk(START, who="Ann Example <ann@example.com>")
    house.talk(START + timedelta(hours=5))
    house.at(EVE).drain()
    assert talks_sent(house) == 2


def test_what_a_calendar_has_is_not_noted_again(house: House) -> None:
    whom = house.knows(NOOR)
    house.talk(START)
    with house.store.transaction(house.owner_id) as tx, pytest.raises(NotPossible):
        booking.book(tx, whom, house.moment, at=START + timedelta(minutes=30))


def test_the_same_twice_is_one_talk(house: House) -> None:
    """A form that is sent twice."""
    whom = house.knows(NOOR)
    with house.store.transaction(house.owner_id) as tx:
        booking.book(tx, whom, house.moment, at=START)
    with house.store.transaction(house.owner_id) as tx, pytest.raises(NotPossible):
        booking.book(tx, whom, house.moment, at=START)
    house.at(EVE).drain()
    assert talks_sent(house) == 1


def test_a_crowd_that_they_are_in_takes_no_place(house: House) -> None:
    """It is no talk, so its questions would never come."""
    booked(house)
    guests = [NOOR, *(f"P{number} <p{number}@crowd.example>" for number in range(12))]
    house.reads(make.event(guests, start=START, uid="crowd"))
    house.at(EVE).drain()
    assert talks_sent(house) == 1


def test_what_was_settled_about_it_goes_over_to_the_calendar_s(house: House) -> None:
    event = booked(house)
    with house.store.transaction(house.owner_id) as tx:
        talks.settle(tx, event, house.moment, reading="their report", questions=["What about the bees?"])
    house.talk(START)
    with house.store.reading(house.owner_id) as tx:
        (ahead,) = views.upcoming(tx, now=house.moment, days=30, stored=True).talks
    assert not booking.by_hand(ahead.event)
    assert ahead.choice is not None
    assert (ahead.choice.reading, ahead.choice.questions) == ("their report", ["What about the bees?"])
