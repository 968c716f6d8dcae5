"""Reading ends at every page, commit and request: what is stored in the end is what stands at Google."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from keepwarm.store import accounts
from tests.rings.conftest import Ring
from tests.rings.google import acts
from tests.rings.google.history import rules
from tests.rings.google.home import Home, MakeHome
from tests.rings.google.mirror import differences

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ANN, BO = "Ann Example <ann@example.com>", "Bo Example <bo@example.net>"
PAGED = ("empty-page", "short-page")
LISTS = (
    "gmail.users.messages.list", "gmail.users.history.list", "calendar.events.list",
    "people.people.connections.list", "people.otherContacts.list",
)  # fmt: skip


def furnish(home: Home) -> None:
    """What was there before we came."""
    for number in range(12):
        home.moment += timedelta(minutes=1)
        (acts.sends if number % 4 == 0 else acts.receives)(home, ANN if number % 3 else BO, number, silent=True)
    acts.receives(home, BO, 90, labels=("SPAM",), silent=True)
    mine, start = home.person.calendar, home.moment + timedelta(days=2)
    for number in range(5):
        mine.put(acts.event(start + timedelta(hours=3 * number), [BO], me=home.address))
    made = [mine.put(acts.series(start + timedelta(minutes=number), times=5)) for number in range(5)]
    mine.move(acts.occurrence(mine, made[0], 1), start + timedelta(days=30), start + timedelta(days=30, hours=1))
    mine.remove(acts.occurrence(mine, made[1], 2))
    for number in range(8):
        home.person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com"))
    for number in range(4):
        home.person.other_contacts.put(acts.person(f"Other {number}", f"o{number}@example.com"))


def change(home: Home) -> None:
    """And what happened since."""
    for number in range(20, 28):
        home.moment += timedelta(minutes=1)
        (acts.sends if number % 4 == 0 else acts.receives)(home, ANN, number)
    first, second, third = home.person.mails[:3]
    home.person.moves(first.id, add=("TRASH",), remove=("INBOX",))
    home.deletes(second.id)
    home.person.moves(next(each.id for each in home.person.mails if "SPAM" in each.labels), remove=("SPAM",))
    home.person.moves(third.id, add=("STARRED",))
    mine = home.person.calendar
    single = next(each["id"] for each in mine.events.values() if "recurrence" not in each)
    serial = [each["id"] for each in mine.events.values() if "recurrence" in each]
    mine.move(single, home.moment + timedelta(days=9), home.moment + timedelta(days=9, hours=2))
    mine.remove(serial[4])
    mine.remove(acts.occurrence(mine, serial[2], 0))
    mine.put({"id": serial[3], "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    for number in range(5):
        mine.put(acts.event(home.moment + timedelta(days=4, hours=number)))
    names = list(home.person.contacts.people)
    home.person.contacts.put(acts.person("Person Anew", "anew@example.com") | {"resourceName": names[0]})
    home.person.contacts.remove(names[1])
    for number in range(4):
        home.person.contacts.put(acts.person(f"New {number}", f"n{number}@example.com"))
    home.person.other_contacts.put(acts.person("Other New", "other@example.com"))


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
@pytest.mark.parametrize("begin", BEGINS)
def test_ended_anywhere_all_arrives_as_it_stands(make_home: MakeHome, ring: Ring, begin: str) -> None:
    first = BEGINS[begin](make_home)
    points = first.reading_points()
    assert settled(first) == []
    tried = points if ring.full else sorted(ring.chance().sample(points, 6), key=points.index)
    for point in tried:
        home = BEGINS[begin](make_home)
        home.die_reading(point)
        assert settled(home) == [], point
    ring.record(points=len(points), tried=len(tried))


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", PAGED)
def test_short_and_empty_pages_hide_nothing(make_home: MakeHome, kind: str) -> None:
    home = since(make_home)
    for method in LISTS:
        home.town.faults.add(method, kind, times=2)
    home.goes_on_reading()
    assert settled(home) == []


@pytest.mark.usefixtures("small_pages")
def test_forgotten_tokens_and_histories_lose_nothing(make_home: MakeHome) -> None:
    home = since(make_home)
    home.person.forget_history()
    home.person.calendar.forget_tokens()
    home.person.contacts.forget_tokens()
    home.person.other_contacts.forget_tokens()
    home.goes_on_reading()
    assert settled(home) == []


def test_what_nobody_can_read_is_set_aside_and_stops_nothing(make_home: MakeHome) -> None:
    home = furnished(make_home)
    bad = home.person.calendar.put(acts.spoilt_event(home.moment + timedelta(days=1)))
    home.drain()
    assert differences(home, spoilt=[bad]) == []
