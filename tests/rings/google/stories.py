"""Short stories of an owner and their Google; each says what is wrong in its end, and nothing of a sound adapter.

`test_broken` tells them over adapters with one defect each (`broken`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests import make
from tests.rings.consent.work import ANN, EVENT, MAIL, brief, follow_up, told
from tests.rings.google import acts
from tests.rings.google.history import Wanted, complaints, rules, starts
from tests.rings.google.home import PUBLIC, Door, MakeHome
from tests.rings.google.mirror import differences
from tests.rings.google.test_hands import in_the_moment, moved_by_hand, wants_it_elsewhere
from tests.rings.google.test_reading import change, furnished, since

GMAIL = f"{PUBLIC}/webhooks/google/gmail"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a story needs."""

    make_home: MakeHome
    patch: pytest.MonkeyPatch


Story = Callable[[Desk], list[str]]


def all_is_read(desk: Desk) -> list[str]:
    """A first pass over many pages, and what changed after it."""
    home = furnished(desk.make_home)
    home.goes_on_reading()
    if found := [*rules(home.town, home.person), *differences(home)]:
        return found
    change(home)
    home.later(minutes=6).goes_on_reading()
    home.later(minutes=6).goes_on_reading()
    return [*rules(home.town, home.person), *differences(home, ever=home.ever)]


def everything_is_forgotten(desk: Desk) -> list[str]:
    """Tokens and history are dead by the next look."""
    home = since(desk.make_home)
    home.person.forget_history()
    for each in (home.person.calendar, home.person.contacts, home.person.other_contacts):
        each.forget_tokens()
    for _ in range(3):
        home.goes_on_reading()
        home.later(minutes=6)
    home.goes_on_reading()
    return [*rules(home.town, home.person), *differences(home, ever=home.ever)]


def google_asks_for_patience(desk: Desk) -> list[str]:
    """Every list says once that we are too fast; within the hour all is read."""
    home = since(desk.make_home)
    for method in ("gmail.users.history.list", "calendar.events.list", "people.people.connections.list"):
        home.town.faults.add(method, "403-rate")
    for _ in range(9):
        home.goes_on_reading()
        home.later(minutes=6)
    home.goes_on_reading()
    return [*rules(home.town, home.person), *differences(home, ever=home.ever)]


def an_answer_about_an_event_gets_lost(desk: Desk) -> list[str]:
    home = desk.make_home()
    home.town.faults.add("calendar.events.insert", "applied-then-cut")
    follow_up(home)
    for _ in range(3):
        home.settle()
    return list(complaints(home.town, home.person, Wanted(events=(EVENT,))))


def an_answer_about_a_mail_gets_lost(desk: Desk) -> list[str]:
    home = desk.make_home()
    row_id = brief(home)
    home.town.faults.add("gmail.users.messages.send", "applied-then-500")
    home.deliver(row_id)
    home.settle()
    return list(complaints(home.town, home.person, Wanted(mails=(MAIL,), told=told(home))))


def the_owner_is_quicker(desk: Desk) -> list[str]:
    """They move our event in the moment in which we would."""
    home = desk.make_home()
    home.deliver(follow_up(home))
    wants_it_elsewhere(home)
    done = in_the_moment(home, desk.patch, "PATCH", moved_by_hand)
    home.settle()
    at = list(starts(home.person).values())
    return [] if at == done else ["touched: what the owner moved was moved back"]


def the_owner_deletes_it(desk: Desk) -> list[str]:
    """And it is wanted anew, as far as we know."""
    home = desk.make_home()
    home.town.faults.add("calendar.events.insert", "applied-then-cut")
    home.deliver(follow_up(home))
    ((event_id, _),) = starts(home.person).items()
    next(each for each in home.person.calendars.values() if event_id in each.events).remove(event_id)
    for _ in range(3):
        home.settle()
    return ["touched: what the owner deleted stands again"] if starts(home.person) else []


def somebody_else_sends_pushes(desk: Desk) -> list[str]:
    home = desk.make_home()
    home.drain()
    door = Door(home)
    (channel,) = home.town.channels.values()
    wrong = {"X-Goog-Channel-Token": f"{channel.id}.{'0' * 64}"}
    given = {
        kind: (GMAIL, *home.town.pushes.forged(kind, home.person))
        for kind in ("wrong-aud", "wrong-email", "email-unverified", "email-missing", "foreign-subscription")
    } | {"wrong-token": (channel.address, channel.headers("exists") | wrong, b"")}
    return [f"forged: {kind} is believed" for kind, parts in given.items() if door.post("", *parts) == 204]


def a_push_runs_ahead(desk: Desk) -> list[str]:
    """Mails come, and the push about the last is the first that reaches us."""
    home = desk.make_home()
    home.drain()
    door = Door(home)
    home.town.pushes.waiting.clear()
    for number in range(3):
        home.later(minutes=1)
        acts.receives(home, ANN, number)
    last = home.town.pushes.waiting[-1]
    assert door.post("", last.address, *last.parts()) == 204
    door.settled()
    home.goes_on_reading()
    home.later(minutes=6).goes_on_reading()
    return [*rules(home.town, home.person), *differences(home)]


def the_owner_is_in_touch(desk: Desk) -> list[str]:
    """Our event is taken away again, and only that."""
    home = desk.make_home()
    home.deliver(follow_up(home))
    change_of_plans = home.person.calendar.put(acts.event(home.moment + timedelta(days=1)))
    home.later(minutes=1).reads(*make.both_ways(ANN, at=home.moment - timedelta(hours=1)))
    for _ in range(2):
        home.settle()
    gone = home.person.calendar.events[change_of_plans]["status"] != "confirmed"
    left = ["left: an event of ours stands"] if starts(home.person) else []
    return [*rules(home.town, home.person), *left, *(["outside: an event of the owner's is gone"] if gone else [])]


STORIES: tuple[Story, ...] = (
    all_is_read, everything_is_forgotten, google_asks_for_patience, an_answer_about_an_event_gets_lost,
    an_answer_about_a_mail_gets_lost, the_owner_is_quicker, the_owner_deletes_it, somebody_else_sends_pushes,
    a_push_runs_ahead, the_owner_is_in_touch,
)  # fmt: skip
