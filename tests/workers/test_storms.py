"""Long failures and storms of refusals at a provider: nothing is lost, and little is asked meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from keepwarm.store import views
from keepwarm.types import StreamKind
from tests.rings.consent.home import Home
from tests.workers.towns import ACTS, MakeAt, authority, home_at

__all__ = ["authority", "home_at"]  # fixtures

ANN = "Ann Example <ann@example.com>"
GET = {"google": "gmail.users.messages.get", "microsoft": "GET /me/messages/{id}"}
PROVIDERS = sorted(GET)


@pytest.fixture(params=PROVIDERS)
def home(request: pytest.FixtureRequest, home_at: MakeAt) -> Home:
    """Everything is read; pages of Graph hold no headers, so that each mail's are asked for in a batch."""
    made = home_at(request.param, before=lambda home: setattr(home.town, "headers_in_delta", False))
    made.drain()
    return made


def quiet(home: Home, *, minutes: int) -> None:
    """So many minutes go by, each with its sweep."""
    for _ in range(minutes):
        home.later(minutes=1).sweeps(prepare=False)


def mails(home: Home) -> int:
    with home.store.reading(home.owner_id) as tx:
        return views.health(tx, home.moment).mails


def set_aside(home: Home) -> int:
    with home.store.engine.connect() as connection:
        return int(connection.execute(text("select count(*) from quarantine")).scalar_one())


def test_a_failure_of_hours_loses_no_mail(home: Home) -> None:
    before = mails(home)
    for number in range(3):
        ACTS[home.side.name].receives(home, ANN, number)
    home.later(minutes=6)
    home.town.faults.add(GET[home.side.name], "503", times=None)
    for _ in range(20):
        quiet(home.later(minutes=57), minutes=3)
    assert (mails(home) - before, set_aside(home)) == (0, 0)
    home.town.faults.clear()
    quiet(home.later(hours=1), minutes=3)
    assert (mails(home) - before, set_aside(home)) == (3, 0)


def test_a_mail_that_fails_for_more_than_a_day_is_set_aside(home: Home) -> None:
    ACTS[home.side.name].receives(home, ANN, 1)
    home.later(minutes=6)
    home.town.faults.add(GET[home.side.name], "503", times=None)
    for _ in range(27):
        quiet(home.later(minutes=57), minutes=3)
    assert set_aside(home) == 1
    assert not any(each.last_error for each in home.streams(StreamKind.MAIL))


@pytest.mark.parametrize("kind", ["429", "503"])
def test_a_storm_in_the_parts_of_a_batch_is_few_requests(home: Home, kind: str) -> None:
    ACTS[home.side.name].receives(home, ANN, 1)
    home.later(minutes=6)
    home.town.requests.clear()
    home.town.faults.add(GET[home.side.name], kind, times=None)
    quiet(home, minutes=60)
    assert 1 <= home.town.requests[GET[home.side.name]] <= 10
