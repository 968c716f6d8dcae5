"""The owner's hand in the moment between our look and our writing: what they did stands (RELIABILITY.md B3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests import make
from tests.rings.consent.wires import hook
from tests.rings.consent.work import ANN, follow_up
from tests.rings.microsoft.history import rules, starts
from tests.rings.microsoft.home import Home, MakeHome
from tests.rings.microsoft.test_crash import calendar_with, removed_by_hand

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("quick")]


def moved_by_hand(home: Home) -> datetime:
    """The owner moves our event to a minute that we would never choose; where it is now."""
    ((event_id, at),) = starts(home.person).items()
    to = at + timedelta(days=2, minutes=7)
    calendar_with(home, event_id).move(event_id, to, to + timedelta(minutes=15))
    return to


def placed(make_home: MakeHome) -> Home:
    home = make_home()
    home.deliver(follow_up(home))
    assert len(starts(home.person)) == 1
    return home


def wants_it_elsewhere(home: Home) -> None:
    """Something else is at that hour now: we would move our event."""
    (at,) = starts(home.person).values()
    home.later(minutes=1).reads(make.event([], uid="other@x.org", start=at))


def in_the_moment(
    home: Home, patch: pytest.MonkeyPatch, verb: str, act: Callable[[Home], object], *, nth: int = 1
) -> list[object]:
    """``act`` happens once, right before our nth request of this verb about an event."""
    done: list[object] = []
    left = [nth]

    def before(name: str) -> None:
        left[0] -= name.startswith(verb) and "/events" in name
        if not left[0] and not done:
            done.append(None)
            done[0] = act(home)

    hook(patch, before)
    return done


@pytest.mark.parametrize(("verb", "nth"), [("PATCH", 1), ("GET", 1), ("GET", 2)])
def test_moved_while_we_move_it_stays_where_the_owner_put_it(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch, verb: str, nth: int
) -> None:
    """Right before we write, or between two of our looks."""
    home = placed(make_home)
    wants_it_elsewhere(home)
    done = in_the_moment(home, monkeypatch, verb, moved_by_hand, nth=nth)
    for _ in range(3):
        home.settle()
        home.later(minutes=5)
    assert done
    assert list(starts(home.person).values()) == done
    assert [each.state for each in home.follow_ups()] == ["moved"]


@pytest.mark.parametrize("verb", ["PATCH", "GET"])
def test_deleted_while_we_move_it_stays_away(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    home = placed(make_home)
    wants_it_elsewhere(home)
    done = in_the_moment(home, monkeypatch, verb, removed_by_hand)
    for _ in range(3):
        home.settle()
        home.later(minutes=5)
    home.later(days=7).drain()
    assert done == [1]
    assert starts(home.person) == {}
    assert [each.state for each in home.follow_ups()] == ["deleted"]
    assert list(rules(home.town, home.person)) == []


def test_moved_while_we_take_it_away_it_is_gone_once(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner was in touch meanwhile, so it is taken away wherever it stands."""
    home = placed(make_home)
    home.later(minutes=1).reads(*make.both_ways(ANN, at=home.moment - timedelta(hours=1)))
    done = in_the_moment(home, monkeypatch, "DELETE", moved_by_hand)
    for _ in range(3):
        home.settle()
    assert done
    assert starts(home.person) == {}
