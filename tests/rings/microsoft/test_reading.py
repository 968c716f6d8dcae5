"""Reading ends at every page, commit and request: what is stored in the end is what stands at Microsoft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from keepwarm.store import accounts
from tests.emulators.microsoft.deltas import HOW
from tests.rings.conftest import Ring
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import rules
from tests.rings.microsoft.home import Home, MakeHome
from tests.rings.microsoft.mirror import differences

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ANN, BO = "Ann Example <ann@example.com>", "Bo Example <bo@example.net>"
PAGED = ("empty-page", "short-page", "repeated-item", "replay")
LISTS = (
    "GET /me/mailFolders/{id}/messages/delta", "GET /me/calendars/{id}/calendarView/delta", "GET /me/contacts/delta",
)  # fmt: skip


def furnish(home: Home) -> None:
    """What was there before we came."""
    for number in range(12):
        home.moment += timedelta(minutes=1)
        (acts.sends if number % 4 == 0 else acts.receives)(home, ANN if number % 3 else BO, number, silent=True)
    acts.receives(home, BO, 90, folder="junkemail", silent=True)
    mine, person, start = home.person.calendar, home.person, home.moment + timedelta(days=2)
    for number in range(5):
        mine.put(acts.event(start + timedelta(hours=3 * number), [BO], me=home.address))
    made = [mine.put(acts.series(start + timedelta(minutes=number), times=5)) for number in range(5)]
    which = acts.occurrence(mine, person, made[0], 1)
    mine.move(which, start + timedelta(days=30), start + timedelta(days=30, hours=1))
    acts.drops(mine, person, acts.occurrence(mine, person, made[1], 2))
    for number in range(8):
        home.person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com"))


def change(home: Home) -> None:
    """And what happened since."""
    for number in range(20, 28):
        home.moment += timedelta(minutes=1)
        (acts.sends if number % 4 == 0 else acts.receives)(home, ANN, number)
    person, mine = home.person, home.person.calendar
    first, second, third = (person.mail_id(each) for each in person.mails[:3])
    person.moves(first, "deleteditems")
    home.deletes(second)
    junk = person.mailbox.folder("junkemail").key
    person.moves(next(person.mail_id(each) for each in person.mails if each.folder == junk), "inbox")
    person.reads(third)
    named = person.ids.given
    single = next(named(each["_key"]) for each in mine.events if each["type"] == "singleInstance")
    serial = [named(each["_key"]) for each in mine.events if each["type"] == "seriesMaster"]
    mine.move(single, home.moment + timedelta(days=9), home.moment + timedelta(days=9, hours=2))
    mine.remove(serial[4])
    acts.drops(mine, person, acts.occurrence(mine, person, serial[2], 0))
    held = mine.find(person.key(serial[3]))
    mine.put({"id": serial[3], "recurrence": held["recurrence"] | {"range": held["recurrence"]["range"] | {
        "numberOfOccurrences": 3}}})  # fmt: skip
    for number in range(5):
        mine.put(acts.event(home.moment + timedelta(days=4, hours=number)))
    names = [named(key) for key in person.contacts.people]
    person.contacts.put(acts.person("Person Anew", "anew@example.com") | {"id": names[0]})
    person.contacts.remove(names[1])
    for number in range(4):
        person.contacts.put(acts.person(f"New {number}", f"n{number}@example.com"))


def furnished(make_home: MakeHome) -> Home:
    home = make_home()
    furnish(home)
    return home


def since(make_home: MakeHome) -> Home:
    """All was read, and then much changed."""
    home = furnished(make_home)
    home.goes_on_reading()
    assert differences(home) == []
    change(home)
    with home.store.transaction(home.owner_id) as tx:
        for each in accounts.accounts(tx):
            accounts.wake_account(tx, each.id, home.moment)
    return home


BEGINS: dict[str, Callable[[MakeHome], Home]] = {"a first pass": furnished, "what changed": since}


def settled(home: Home) -> list[str]:
    """What differs after leases ran out and everything was looked at twice."""
    home.later(seconds=121).goes_on_reading()
    home.later(minutes=6).goes_on_reading()
    return [*differences(home, ever=home.ever), *rules(home.town, home.person)]


@pytest.mark.usefixtures("small_pages", "quick")
@pytest.mark.parametrize("lean", [True, False], ids=["lean", "whole"])
@pytest.mark.parametrize("begin", BEGINS)
def test_ended_anywhere_all_arrives_as_it_stands(make_home: MakeHome, ring: Ring, begin: str, lean: bool) -> None:
    """``lean``: a round tells little of occurrences, and no headers of mails."""
    first = BEGINS[begin](make_home)
    first.town.lean_occurrences, first.town.headers_in_delta = lean, not lean
    points = first.reading_points()
    assert settled(first) == []
    tried = points if ring.full else sorted(ring.chance().sample(points, 5), key=points.index)
    for point in tried:
        home = BEGINS[begin](make_home)
        home.die_reading(point)
        assert settled(home) == [], point
    ring.record(points=len(points), tried=len(tried))


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", PAGED)
def test_odd_pages_hide_and_invent_nothing(make_home: MakeHome, kind: str) -> None:
    home = since(make_home)
    for method in LISTS:
        home.town.faults.add(method, kind, times=2)
    home.goes_on_reading()
    assert settled(home) == []
    assert len(home.town.faults.struck) >= len(LISTS)


@pytest.mark.usefixtures("small_pages", "quick")
@pytest.mark.parametrize("how", HOW)
def test_forgotten_links_lose_and_invent_nothing(make_home: MakeHome, how: str) -> None:
    home = since(make_home)
    home.person.forget_delta(how=how)
    home.goes_on_reading()
    assert settled(home) == []


@pytest.mark.usefixtures("quick")
def test_what_nobody_can_read_is_set_aside_and_stops_nothing(make_home: MakeHome) -> None:
    home = furnished(make_home)
    bad = home.person.calendar.put(acts.spoilt_event(home.moment + timedelta(days=1)))
    home.drain()
    assert differences(home, spoilt=[bad]) == []


@pytest.mark.usefixtures("quick")
def test_an_occurrence_of_which_only_the_removal_is_told_goes_with_the_next_window(make_home: MakeHome) -> None:
    """Nobody knows whether Exchange tells of its series, too; it is gone within a week (`calendars.ANEW`)."""
    home = furnished(make_home)
    home.goes_on_reading()
    mine = home.person.calendar
    serial = [home.person.ids.given(each["_key"]) for each in mine.events if each["type"] == "seriesMaster"]
    mine.remove(acts.occurrence(mine, home.person, serial[2], 3))
    for _ in range(9):
        home.later(days=1).goes_on_reading()
    assert differences(home) == []
