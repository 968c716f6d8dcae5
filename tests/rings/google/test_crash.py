"""A delivery ends at every step, and answers are lost: one event, at most one mail, and nothing lost in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.rings.conftest import Ring
from tests.rings.consent.work import ANN, CARRIED, EVENT, MAIL, brief, drawn, follow_up, told
from tests.rings.google.history import Sent, Wanted, complaints, of_events, of_mails, standing
from tests.rings.google.home import Home, MakeHome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEND = "gmail.users.messages.send"
WRITES = ("calendar.events.insert", "calendar.calendars.insert", "calendar.events.patch", "calendar.events.delete")
ANSWERS = ("applied-then-500", "applied-then-cut", "500", "503", "cut", "truncated")
DONE = {"applied-then-500", "applied-then-cut", "truncated"}


def wrong(home: Home, *, events: int = 0, mails: int = 0, uncertain: bool = False) -> list[str]:
    wanted = Wanted(
        events=(EVENT,) * events, mails=(MAIL,) * mails, told=told(home), uncertain=[MAIL] if uncertain else []
    )
    return list(complaints(home.town, home.person, wanted))


def removed_by_hand(home: Home) -> int:
    """The owner deletes our events in their own program; how many there were."""
    gone = 0
    for calendar in home.person.calendars.values():
        for each in [each for each in standing(home.person) if each["id"] in calendar.events]:
            calendar.remove(each["id"])
            gone += 1
    return gone


# Ended anywhere


@pytest.mark.usefixtures("quick")
def test_ended_anywhere_a_follow_up_stands_once(make_home: MakeHome, ring: Ring) -> None:
    first = make_home()
    points = first.points(follow_up(first))
    assert wrong(first, events=1) == []
    always = ("after calendar.events.insert #1", "after calendar.calendars.insert #1")
    tried = drawn(ring, points, 6, *always)
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


def test_a_mail_that_gmail_names_anew_is_found_by_our_own_header(make_home: MakeHome) -> None:
    home = make_home()
    home.town.rewrites_message_id = True
    home.die_at(f"after {SEND} #1", brief(home))
    home.settle()
    assert wrong(home, mails=1) == []
    assert home.states("brief") == ["sent"]


@pytest.mark.usefixtures("quick")
def test_a_follow_up_deleted_between_two_steps_stays_away_for_good(make_home: MakeHome, ring: Ring) -> None:
    """Google remembers what was deleted, so that it stays away whenever that was (RELIABILITY.md B3)."""
    first = make_home()
    points = first.points(follow_up(first))
    removed = removed_by_hand(first)
    first.settle()
    assert wrong(first) == []
    stands = points[points.index("after calendar.events.insert #1") :]
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
        home.reads(*make.both_ways(ANN, at=home.moment - timedelta(minutes=5)))
        for _ in range(3):
            home.later(minutes=3).settle(rounds=1)
        assert wrong(home) == [], (method, how)
        assert [each.state for each in home.follow_ups()] == ["removed"], (method, how)
        home.town.faults.clear()
    ring.record(ways=len(chosen), struck=len(home.town.faults.struck))


@pytest.mark.parametrize("how", ANSWERS)
def test_a_mail_without_an_answer_is_never_sent_twice(make_home: MakeHome, how: str) -> None:
    home = make_home()
    row_id = brief(home)
    home.town.faults.add(SEND, how)
    home.deliver(row_id)
    sent = how in DONE
    home.settle()
    home.later(minutes=15).drain()
    assert wrong(home, mails=1, uncertain=not sent) == []
    assert bool(told(home)) != sent


def test_an_id_that_google_takes_twice_leaves_one_event(make_home: MakeHome) -> None:
    """Google does not promise to notice an id that is taken (RELIABILITY.md B2)."""
    home = make_home()
    home.town.faults.add("calendar.events.insert", "applied-then-cut")
    home.town.faults.add("calendar.events.insert", "doubled-id", None)
    follow_up(home)
    for _ in range(3):
        home.settle()
    assert wrong(home, events=1) == []
    assert sum(each.method == "calendar.events.insert" for each in home.town.history) == 1


# The checker can fail

GOOD = Sent(key="1", subject="Prepared: your talk", to=("r@example.org",))
WANTED = Wanted(events=(EVENT,), mails=(MAIL,))
HISTORIES: dict[str, tuple[list[str], list[Sent]]] = {
    "": ([EVENT], [GOOD]),
    "lost: an event": ([], [GOOD]),
    "lost: no mail": ([EVENT], []),
    "doubled: 2 events": ([EVENT, EVENT], [GOOD]),
    "doubled: 2 mails of one key": ([EVENT], [GOOD, GOOD]),
    "outside": ([EVENT], [Sent(key="1", subject=MAIL, to=("noor@lantern.example",))]),
    "unasked: 1 events": ([EVENT, "Other"], [GOOD]),
    "unasked: a mail": ([EVENT], [GOOD, Sent(key="2", subject="Hello", to=GOOD.to)]),
}


@pytest.mark.parametrize("says", HISTORIES, ids=lambda says: says or "nothing")
def test_each_kind_of_wrong_is_said(says: str) -> None:
    titles, sent = HISTORIES[says]
    found = [*of_events(titles, WANTED), *of_mails(sent, WANTED, "r@example.org")]
    assert any(each.startswith(says) for each in found) if says else found == []
