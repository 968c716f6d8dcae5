"""A delivery ends at every step, and answers are lost: one event, at most one mail, and nothing lost in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.emulators.microsoft.calendars import Calendar
from tests.rings.conftest import Ring
from tests.rings.consent.history import Wanted
from tests.rings.consent.work import ANN, CARRIED, EVENT, MAIL, brief, drawn, follow_up, told
from tests.rings.microsoft.history import SEND, complaints, starts
from tests.rings.microsoft.home import Home, MakeHome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

INSERT, CALENDAR = "POST /me/calendars/{id}/events", "POST /me/calendars"
WRITES = (INSERT, CALENDAR, "PATCH /me/events/{id}", "DELETE /me/events/{id}")
DONE = {"applied-then-500", "applied-then-504", "applied-then-cut", "truncated"}
ANSWERS = ("500", "503", "504", "cut", *sorted(DONE))


def wrong(home: Home, *, events: int = 0, mails: int = 0, uncertain: bool = False) -> list[str]:
    wanted = Wanted(
        events=(EVENT,) * events, mails=(MAIL,) * mails, told=told(home), uncertain=[MAIL] if uncertain else []
    )
    return list(complaints(home.town, home.person, wanted))


def removed_by_hand(home: Home) -> int:
    """The owner deletes our events in their own program; how many there were."""
    there = list(starts(home.person))
    for each in there:
        calendar_with(home, each).remove(each)
    return len(there)


def calendar_with(home: Home, event_id: str) -> Calendar:
    key = home.person.key(event_id)
    found: Calendar = next(each for each in home.person.calendars.values() if each.find(key))
    return found


# Ended anywhere


@pytest.mark.usefixtures("quick")
def test_ended_anywhere_a_follow_up_stands_once(make_home: MakeHome, ring: Ring) -> None:
    first = make_home()
    points = first.points(follow_up(first))
    assert wrong(first, events=1) == []
    tried = drawn(ring, points, 6, f"after {INSERT} #1", f"after {CALENDAR} #1")
    for point in tried:
        home = make_home()
        home.die_at(point, follow_up(home))
        home.settle()
        assert wrong(home, events=1) == [], point
        assert [each.state for each in home.follow_ups()] == ["placed"], point
    ring.record(points=len(points), tried=len(tried))


@pytest.mark.usefixtures("quick")
def test_ended_anywhere_a_mail_arrives_once_or_is_told_as_uncertain(make_home: MakeHome, ring: Ring) -> None:
    """It is uncertain where the worker ended before the mail was handed in; after that it is found."""
    first = make_home()
    points = first.points(brief(first))
    assert wrong(first, mails=1) == []
    around = points[points.index(CARRIED) : points.index(f"after {SEND} #1")]
    uncertain = 0
    tried = drawn(ring, points, 5, CARRIED, f"before {SEND} #1", f"after {SEND} #1")
    for point in tried:
        home = make_home()
        home.die_at(point, brief(home))
        home.settle()
        uncertain += len(told(home))
        assert wrong(home, mails=1, uncertain=point in around) == [], point
    ring.record(points=len(points), tried=len(tried), told_as_uncertain=uncertain)


@pytest.mark.usefixtures("quick")
def test_a_follow_up_deleted_between_two_steps_stays_away(make_home: MakeHome, ring: Ring) -> None:
    """Graph forgets what was deleted, and remembers its transaction: that tells what would come back otherwise."""
    first = make_home()
    points = first.points(follow_up(first))
    removed = removed_by_hand(first)
    first.settle()
    assert wrong(first) == []
    stands = points[points.index(f"after {INSERT} #1") :]
    tried = points if ring.full else ring.chance().sample(stands, min(4, len(stands)))
    for point in tried:
        home = make_home()
        home.die_at(point, follow_up(home))
        there = removed_by_hand(home)
        home.settle()
        home.later(days=7).drain()
        removed += there
        assert wrong(home, events=1 - there) == [], point
    ring.record(points=len(points), tried=len(tried), removed=removed)


@pytest.mark.usefixtures("quick")
def test_where_the_transaction_is_forgotten_too_it_comes_back_once_at_most(make_home: MakeHome) -> None:
    """The honest limit: deleted before we heard that it stands, it looks like a writing that never arrived."""
    home = make_home()
    home.die_at(f"after {INSERT} #1", follow_up(home))
    assert removed_by_hand(home) == 1
    home.town.faults.add(INSERT, "doubled-transaction", None)
    home.settle()
    assert removed_by_hand(home) <= 1
    home.settle()
    home.later(days=7).drain()
    assert wrong(home) == []


# Answers that are lost


@pytest.mark.usefixtures("quick")
def test_whatever_a_writing_is_answered_it_is_done_once(make_home: MakeHome, ring: Ring) -> None:
    """Each writing call with each answer, once or twice; then the owner is in touch, and it is taken away again."""
    ways = [(method, how) for method in WRITES for how in ANSWERS]
    chosen = ways if ring.full else ring.chance("ways").sample(ways, 8)
    for method, how in chosen:
        home = make_home()
        home.drain()
        home.town.faults.add(method, how, ring.chance(f"{method} {how}").randint(1, 2), person=home.address)
        follow_up(home)
        for _ in range(3):
            home.later(minutes=3).settle(rounds=1)
        assert wrong(home, events=1) == [], (method, how)
        if method.startswith("PATCH"):
            _wants_it_elsewhere(home)
        home.reads(*make.both_ways(ANN, at=home.moment - timedelta(minutes=5)))
        for _ in range(3):
            home.later(minutes=3).settle(rounds=1)
        assert wrong(home) == [], (method, how)
        assert [each.state for each in home.follow_ups()] == ["removed"], (method, how)
        home.town.faults.clear()
    struck = len(home.town.faults.struck)
    ring.record(ways=len(chosen), struck=struck)
    assert struck >= len(chosen)


def _wants_it_elsewhere(home: Home) -> None:
    """Something else is at that hour now: our event is moved, whatever the answer."""
    (at,) = starts(home.person).values()
    home.later(minutes=1).reads(make.event([], uid="other@x.org", start=at))
    for _ in range(3):
        home.later(minutes=3).settle(rounds=1)
    assert wrong(home, events=1) == []
    assert list(starts(home.person).values()) != [at]


@pytest.mark.parametrize("how", ANSWERS)
def test_a_mail_without_an_answer_is_never_sent_twice(make_home: MakeHome, how: str) -> None:
    """Over the town's port: what a connection is left as is part of it."""
    home = make_home()
    row_id = brief(home)
    home.town.faults.add(SEND, how)
    home.deliver(row_id)
    home.settle()
    home.later(minutes=15).drain()
    assert wrong(home, mails=1, uncertain=how not in DONE) == []
    assert bool(told(home)) != (how in DONE)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("named", [True, False])
def test_a_second_insert_is_refused_and_found(make_home: MakeHome, status: int, named: bool) -> None:
    """However a duplicate is told (PROVIDERS.md, section 4)."""
    home = make_home()
    home.town.duplicate_status, home.town.tells_existing_id = status, named
    home.town.faults.add(INSERT, "applied-then-504", 2)
    follow_up(home)
    for _ in range(3):
        home.settle()
    assert wrong(home, events=1) == []


@pytest.mark.usefixtures("quick")
def test_a_sent_mail_that_is_not_to_be_seen_yet_is_not_sent_again(make_home: MakeHome) -> None:
    home = make_home()
    row_id = brief(home)
    home.town.sent_lag = timedelta(minutes=3)
    home.town.faults.add(SEND, "applied-then-504")
    home.deliver(row_id)
    for _ in range(4):
        home.settle(rounds=1)
    home.later(minutes=15).drain()
    assert sum(each.method == SEND for each in home.town.history) == 1
