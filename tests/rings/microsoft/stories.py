"""Short stories of an owner and their Outlook; each says what is wrong in its end, and nothing of a sound adapter.

`test_broken` tells them over adapters with one defect each (`broken`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.rings.consent.history import Wanted
from tests.rings.consent.work import EVENT, MAIL, brief, follow_up, told
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import SEND, complaints, rules, starts
from tests.rings.microsoft.home import ADDRESS, Door, Home, MakeHome
from tests.rings.microsoft.mirror import differences
from tests.rings.microsoft.test_crash import INSERT, removed_by_hand
from tests.rings.microsoft.test_forged import JSON, body_of, true_item
from tests.rings.microsoft.test_hands import in_the_moment, moved_by_hand, wants_it_elsewhere
from tests.rings.microsoft.test_reading import LISTS, change, furnished, since
from tests.rings.microsoft.test_silence import heard


@dataclass(frozen=True, slots=True)
class Desk:
    """What a story needs."""

    make_home: MakeHome
    patch: pytest.MonkeyPatch


Story = Callable[[Desk], list[str]]


def _read(home: Home, times: int = 2) -> list[str]:
    """What is wrong after some looks, six minutes apart."""
    for _ in range(times):
        home.later(minutes=6).goes_on_reading()
    return [*rules(home.town, home.person), *differences(home, ever=home.ever)]


def all_is_read(desk: Desk) -> list[str]:
    """A first pass over many pages, and what changed after it."""
    home = furnished(desk.make_home)
    home.goes_on_reading()
    if found := [*rules(home.town, home.person), *differences(home)]:
        return found
    change(home)
    return _read(home)


def everything_is_forgotten(desk: Desk) -> list[str]:
    """No link is good any more by the next look."""
    home = since(desk.make_home)
    home.person.forget_delta(how="410")
    home.goes_on_reading()
    return _read(home, 3)


def outlook_asks_for_patience(desk: Desk) -> list[str]:
    """Every list says once that we are too fast; within the hour all is read."""
    home = since(desk.make_home)
    for method in LISTS:
        home.town.faults.add(method, "429")
    home.goes_on_reading()
    return _read(home, 10)


def an_answer_about_an_event_gets_lost(desk: Desk) -> list[str]:
    home = desk.make_home()
    home.town.faults.add(INSERT, "applied-then-cut")
    follow_up(home)
    for _ in range(3):
        home.settle()
    return list(complaints(home.town, home.person, Wanted(events=(EVENT,))))


def an_answer_about_a_mail_gets_lost(desk: Desk) -> list[str]:
    home = desk.make_home()
    row_id = brief(home)
    home.town.faults.add(SEND, "applied-then-504")
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
    home.town.faults.add(INSERT, "applied-then-cut")
    home.deliver(follow_up(home))
    removed_by_hand(home)
    for _ in range(3):
        home.settle()
    return ["touched: what the owner deleted stands again"] if starts(home.person) else []


def somebody_else_sends_notices(desk: Desk) -> list[str]:
    home = desk.make_home()
    home.drain()
    door, one = Door(home), next(iter(home.town.living()))
    item = true_item(home, one)
    name = str(item["clientState"]).partition(".")[0]
    given = {
        "wrong": {"clientState": f"{name}.{'0' * 64}"}, "bare": {"clientState": name}, "empty": {"clientState": ""},
    }  # fmt: skip
    return [
        f"forged: {kind} is believed"
        for kind, wrong in given.items()
        if door.post("", ADDRESS, JSON, body_of(item | wrong)) == 204
    ]


def orders_end(desk: Desk) -> list[str]:
    """Graph says that it removed one: minutes later another stands."""
    home = desk.make_home()
    home.drain()
    door, streams = Door(home), {each.stream.id for each in home.streams() if each.notices == "push"}
    home.town.pushes.waiting.clear()
    home.town.lifecycle(next(iter(home.town.living())), "subscriptionRemoved")
    for each in home.town.pushes.waiting:
        door.post("", each.address, *each.parts())
    door.settled()
    for _ in range(3):
        home.later(minutes=2).sweeps(prepare=False)
    return [] if heard(home) == streams else ["deaf: a stream of which nobody tells"]


def days_go_by(desk: Desk) -> list[str]:
    """The window of the calendar moves on, and what it left is not taken for deleted."""
    home = furnished(desk.make_home)
    home.goes_on_reading()
    home.later(days=8).goes_on_reading()
    return _read(home)


def something_leaves_the_window(desk: Desk) -> list[str]:
    """An event is put off by more than a year: that is told as its removal, and it stands all the same."""
    home = furnished(desk.make_home)
    far = home.person.calendar.put(acts.event(home.moment + timedelta(days=3)))
    home.goes_on_reading()
    start = home.moment + timedelta(days=500)
    home.person.calendar.move(far, start, start + timedelta(hours=1))
    return _read(home)


STORIES: tuple[Story, ...] = (
    all_is_read, everything_is_forgotten, outlook_asks_for_patience, an_answer_about_an_event_gets_lost,
    an_answer_about_a_mail_gets_lost, the_owner_is_quicker, the_owner_deletes_it, somebody_else_sends_notices,
    orders_end, days_go_by, something_leaves_the_window,
)  # fmt: skip
