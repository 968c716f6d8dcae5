"""Follow-ups in the calendar: placed once, the owner's hand wins, real contact takes them away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.followups import uid_of
from keepwarm.store import changes, contacts, follow_ups
from tests import make
from tests.workers.conftest import NOW, Crash, House
from workers import deliver, prepare, tasks

ANN = "Ann Example <ann@example.com>"
WRITTEN = "after call fake.put_event"
POINTS = [
    "after commit workers.prepare.prepare_owner",
    "before commit workers.nextsteps.prepare",
    "after commit workers.deliver.deliver",
    "before commit workers.deliver._carry_out",
    "after commit workers.deliver._carry_out",
    WRITTEN,
    "after commit workers.deliver._call",
]


def placed(house: House) -> str:
    """One follow-up in the calendar; its identifier there."""
    house.knows(ANN, days_ago=200)
    house.drain()
    (only,) = house.follow_ups()
    assert only.state == "placed"
    return uid_of(only.id)


def states(house: House) -> list[str]:
    return sorted(each.state for each in house.follow_ups())


def test_who_is_due_gets_one_that_rings(house: House) -> None:
    event = house.world.events[placed(house)]
    assert (event.title, event.reminder_minutes) == ("Get in touch with Ann Example", 0)
    assert event.end_at - event.start_at == timedelta(minutes=15)
    assert event.start_at > NOW


def test_running_again_changes_nothing(house: House) -> None:
    placed(house)
    before = (dict(house.world.events), house.rows(), house.follow_ups())
    for _ in range(3):
        house.drain()
    assert (dict(house.world.events), house.rows(), house.follow_ups()) == before


def test_real_contact_takes_it_away(house: House) -> None:
    placed(house)
    house.later(minutes=30).reads(*make.both_ways(ANN, at=house.moment - timedelta(minutes=90)))
    house.drain()
    assert house.world.events == {}
    assert states(house) == ["removed"]


def test_what_the_owner_moved_stays_moved(house: House) -> None:
    uid = placed(house)
    wanted = house.world.events[uid].start_at + timedelta(days=2)
    house.world.user_moves(uid, wanted)
    for _ in range(3):
        house.later(minutes=5).drain()
    assert house.world.events[uid].start_at == wanted
    assert [(each.state, each.at) for each in house.follow_ups()] == [("moved", wanted)]


def test_what_the_owner_deleted_is_never_remade(house: House) -> None:
    uid = placed(house)
    house.world.user_removes(uid)
    house.later(minutes=5).drain()
    for _ in range(8):
        house.later(days=7).drain()
    assert house.world.events == {}
    assert states(house) == ["deleted"]


def test_deleted_between_plan_and_writing_is_seen(house: House) -> None:
    house.knows(ANN, days_ago=200)
    with pytest.raises(Crash):
        tasks.drain(house.crash_at(WRITTEN).runtime)
    house.world.user_removes(next(iter(house.world.events)))
    house.later(minutes=10).drain()
    assert (house.world.events, states(house)) == ({}, ["deleted"])


def overrun(house: House) -> str:
    """One follow-up in the calendar, and since then a meeting at its hour; its identifier there."""
    uid = placed(house)
    start = house.world.events[uid].start_at
    house.reads(make.event(["Bo Other <bo@example.net>"], start=start, uid="meeting@x.org"))
    return uid


def test_our_own_move_is_not_taken_for_the_owners(house: House) -> None:
    """The calendar shows the old hour until the new one is written, and a sweep may look in between."""
    uid = overrun(house)
    before = house.world.events[uid].start_at
    for _ in range(2):
        prepare.prepare_owner(house.runtime, house.owner_id)
    house.drain()
    assert house.world.events[uid].start_at > before
    assert [(each.state, each.at) for each in house.follow_ups()] == [("placed", house.world.events[uid].start_at)]


def test_a_move_that_was_written_twice_is_still_ours(house: House) -> None:
    uid = overrun(house)
    with pytest.raises(Crash):
        tasks.drain(house.crash_at(WRITTEN).runtime)
    house.later(seconds=121).drain()
    assert sorted(house.states("follow_up_put")) == ["sent", "sent"]
    (only,) = house.follow_ups()
    again = make.event(["Bo Other <bo@example.net>"], start=house.world.events[uid].start_at, uid="another@x.org")
    make.imported(house.store, house.owner_id, again, path="another.ics", now=house.moment)
    house.drain()
    assert house.states("follow_up_put") == ["sent", "sent", "sent"]
    assert states(house) == ["placed"]
    assert house.world.events[uid].start_at > only.at


def test_moved_before_we_heard_that_it_was_written_stays_moved(house: House) -> None:
    """The answer to our writing got lost, and the owner was quicker than our next try."""
    house.knows(ANN, days_ago=200)
    house.world.lose_answer = True
    house.drain()
    ((uid, event),) = house.world.events.items()
    wanted = event.start_at + timedelta(days=2)
    house.world.user_moves(uid, wanted)
    house.later(minutes=10).drain()
    assert house.world.events[uid].start_at == wanted
    assert [(each.state, each.at) for each in house.follow_ups()] == [("moved", wanted)]


@pytest.mark.parametrize("end", ["in touch", "erased"])
def test_written_without_our_hearing_of_it_is_taken_away_too(house: House, end: str) -> None:
    (contact_id,) = house.knows(ANN, days_ago=200)
    house.world.lose_answer = True
    prepare.prepare_owner(house.runtime, house.owner_id)
    deliver.deliver(house.runtime, house.rows("follow_up_put")[0].id)
    assert len(house.world.events) == 1
    if end == "in touch":
        house.reads(*make.both_ways(ANN, at=house.moment - timedelta(days=1)))
    else:
        with house.store.transaction(house.owner_id) as tx:
            contacts.erase(tx, contact_id, house.moment)
    house.later(minutes=10).drain()
    assert house.world.events == {}


def test_what_another_worker_took_away_was_not_deleted_by_the_owner(house: House) -> None:
    uid = placed(house)
    (only,) = house.follow_ups()

    def take_away(verb: str) -> None:
        if verb == "get_event" and house.world.events.pop(uid, None):
            with house.store.transaction(house.owner_id) as tx:
                follow_ups.change(tx, only.id, state="removed")

    house.world.before_call = take_away
    prepare.prepare_owner(house.runtime, house.owner_id)
    assert "deleted" not in states(house)


def test_undoing_the_acceptance_removes_the_event(house: House) -> None:
    placed(house)
    with house.store.transaction(house.owner_id) as tx:
        changes.undo(tx, house.moment)
    house.drain()
    assert house.world.events == {}


def test_turning_private_removes_the_event(house: House) -> None:
    placed(house)
    with house.store.transaction(house.owner_id) as tx:
        only = contacts.contacts(tx, states=["active"], now=house.moment)[0]
        contacts.edit(tx, only.id, house.moment, private=True)
    house.drain()
    assert house.world.events == {}


def test_a_lost_answer_leaves_one_event(house: House) -> None:
    house.knows(ANN, days_ago=200)
    house.world.lose_answer = True
    house.drain()
    house.later(minutes=30).drain()
    assert len(house.world.events) == 1
    assert states(house) == ["placed"]


@pytest.mark.parametrize("point", POINTS)
def test_dying_anywhere_leaves_one_event(house: House, point: str) -> None:
    house.knows(ANN, days_ago=200)
    with pytest.raises(Crash):
        tasks.drain(house.crash_at(point).runtime)
    for _ in range(3):
        house.later(seconds=121).drain()
    assert len(house.world.events) == 1
    assert states(house) == ["placed"]


def test_four_deaths_around_the_call_are_four_tries(house: House) -> None:
    """Taking a row over only to put it back is none: five tries are five."""
    house.knows(ANN, days_ago=200)
    for _ in range(4):
        with pytest.raises(Crash):
            tasks.drain(house.crash_at(WRITTEN).runtime)
        house.later(seconds=121)
    house.drain()
    assert (len(house.world.events), states(house)) == (1, ["placed"])


def test_a_calendar_that_never_works_is_given_up_after_five_tries(house: House) -> None:
    house.knows(ANN, days_ago=200)
    tries: list[str] = []

    def fail(verb: str) -> None:
        if verb == "put_event":
            tries.append(verb)
            raise RuntimeError("no")

    house.world.before_call = fail
    for _ in range(50):  # before the follow-up's own hour, when it would move
        house.drain()
        house.later(minutes=1)
    assert len(tries) == 5
    assert house.states("follow_up_put") == ["failed"]


def test_at_most_three_new_ones_a_week(house: House) -> None:
    house.knows(*(f"Person {each} <{each}@example.com>" for each in ("ada", "bea", "cor", "dee", "eva")), days_ago=200)
    house.drain()
    weeks = [each.at.isocalendar().week for each in house.follow_ups()]
    assert len(weeks) == 5
    assert max(weeks.count(week) for week in weeks) <= 3


def test_no_automatic_mail_or_event_for_people_nobody_accepted(house: House) -> None:
    house.reads(*make.both_ways(ANN, at=NOW - timedelta(days=200)))
    house.drain()
    assert (house.follow_ups(), house.world.events, house.rows("follow_up_put")) == ([], {}, [])
