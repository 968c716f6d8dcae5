"""The owner's other addresses: named by their providers, or seen where they were asked to a meeting by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.store import accounts, contacts
from keepwarm.types import StreamKind
from tests.rings.consent.home import Home
from tests.workers.towns import ACTS, MakeAt, authority, home_at

__all__ = ["authority", "home_at"]  # fixtures

ANN = "Ann Example <ann@example.com>"
ALIAS = "r.owner@alias.example"


def own(home: Home) -> dict[str, str]:
    with home.store.reading(home.owner_id) as tx:
        return {each.address: each.origin for each in accounts.own_addresses(tx) if each.own}


def proposed(home: Home) -> set[str]:
    with home.store.reading(home.owner_id) as tx:
        found = contacts.contacts(tx, states=["proposed"], now=home.moment)
        return {address for each in found for address in each.addresses}


@pytest.mark.parametrize("when", ["before", "later"])
def test_an_alias_at_microsoft_is_the_owners(home_at: MakeAt, when: str) -> None:
    def named(home: Home) -> None:
        home.person.aliases.add(ALIAS)

    home = home_at("microsoft", before=named if when == "before" else lambda _: None)
    named(home)
    home.drain()
    assert (ALIAS in own(home)) == (when == "before")
    home.later(days=8).drain()
    assert own(home)[ALIAS] == "provider"


def test_an_account_at_google_names_its_address(home_at: MakeAt) -> None:
    home = home_at("google")
    assert home.address in own(home)
    assert [bool(each.settings.get("own_asked_at")) for each in _accounts(home)] == [True]


def _accounts(home: Home) -> list[accounts.Account]:
    with home.store.reading(home.owner_id) as tx:
        return [each for each in accounts.accounts(tx) if each.provider == home.side.name]


@pytest.mark.parametrize("reply", ["declined", "accepted"])
def test_who_was_asked_by_an_alias_is_the_owner(home_at: MakeAt, reply: str) -> None:
    home = home_at("google")
    home.knows(ANN, days_ago=200)
    home.drain()
    me = {"email": ALIAS, "self": True, "responseStatus": reply, "displayName": "Robin Owner"}
    ann = {"email": "ann@example.com", "responseStatus": "accepted", "organizer": True}
    told = {"attendees": [me, ann], "organizer": {"email": "ann@example.com"}}
    home.person.calendar.put(ACTS["google"].event(home.moment + timedelta(days=1)) | told)
    for _ in range(3):
        home.later(minutes=6).drain()
    assert bool(home.rows("brief")) == (reply == "accepted")
    assert own(home)[ALIAS] == "provider"
    assert ALIAS not in proposed(home)


def test_in_a_colleagues_calendar_nobody_is_the_owner(home_at: MakeAt) -> None:
    home = home_at("google")
    home.drain()
    team = home.person.add_calendar("Bo", access="owner")
    me = {"email": "bo@town.example", "self": True, "responseStatus": "accepted"}
    ann = {"email": "ann@example.com", "responseStatus": "accepted"}
    team.put(ACTS["google"].event(home.moment + timedelta(days=1)) | {"attendees": [me, ann]})
    with home.store.transaction(home.owner_id) as tx:
        (account,) = [each for each in accounts.accounts(tx) if each.provider == "google"]
        accounts.create_stream(tx, account_id=account.id, kind=StreamKind.CALENDAR, place_ref=team.id, now=home.moment)
    home.drain()
    assert "bo@town.example" not in own(home)
