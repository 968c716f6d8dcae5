"""The addresses of an account: the one that it is called by, and all that its owner is known by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from integrations.base import House, Opening
from integrations.microsoft import consent
from integrations.microsoft.calls import Calls
from integrations.wire.tokens import Given
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.settings import Settings
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.sides import Clock
from tests.integrations.microsoft.test_consent import allowed, house, robin

__all__ = ["house", "robin"]  # fixtures


# --- Its address


ME: dict[str, tuple[Any, dict[str, Any], str]] = {
    "the mailbox's own": ({"mail": "Mail@x.org", "userPrincipalName": "upn@x.org"}, {"email": "e@x.org"}, "mail@x.org"),
    "no mail": ({"mail": None, "userPrincipalName": "UPN@x.org"}, {"email": "e@x.org"}, "upn@x.org"),
    "a guest": ({"userPrincipalName": "a_b.org#EXT#@x.org"}, {"email": "e@x.org"}, "e@x.org"),
    "nothing told": (None, {"email": "E@x.org", "preferred_username": "p@x.org"}, "e@x.org"),
    "a telephone": (None, {"preferred_username": "+31201234567", "email": "e@x.org"}, "e@x.org"),
    "no email": (None, {"preferred_username": "P@x.org"}, "p@x.org"),
    "of other types": ({"mail": ["a@x.org"], "userPrincipalName": 7}, {"email": 1, "preferred_username": {}}, ""),
    "none at all": ({}, {"preferred_username": "robin"}, ""),
}


@pytest.mark.parametrize(("me", "claims", "found"), ME.values(), ids=list(ME))
def test_the_address_is_that_of_the_mailbox(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, me: Any, claims: dict[str, Any], found: str
) -> None:
    monkeypatch.setattr(consent, "_me", lambda *_: me or {})
    house = House(settings=Settings(home=""), address="", now=clock, secret_of=str)
    given = Given(access="a", refresh="r", expires_at=clock(), ends_at=None, scopes=frozenset(), claims=claims)
    if found:
        assert consent._address(house, given) == found
        return
    with pytest.raises(Rejected) as refused:
        consent._address(house, given)
    assert refused.value.reason == consent.NO_ADDRESS


@pytest.mark.parametrize("fault", ["503", "429", "cut"])
def test_a_graph_that_is_away_leaves_the_address_to_the_token(
    house: House, town: Microsoft, robin: Person, fault: str
) -> None:
    town.faults.add("GET /me", fault)
    assert allowed(house, town, robin).address == robin.address.lower()


# --- Own addresses


ADDRESSES: dict[str, tuple[Any, list[str]]] = {
    "aliases": (
        {"mail": "R@x.org", "proxyAddresses": ["SMTP:R@x.org", "smtp:Old@x.org", "sip:chat@x.org", "X500:/o=x/cn=r"]},
        ["me@x.org", "r@x.org", "old@x.org"],
    ),
    "others": ({"userPrincipalName": "u@x.org", "otherMails": ["P@home.example"]}, ["me@x.org", "u@x.org",
               "p@home.example"]),
    "twice": ({"mail": "ME@x.org", "proxyAddresses": ["smtp:me@x.org"]}, ["me@x.org"]),
    "of other types": ({"mail": 1, "proxyAddresses": [None, 7, ["smtp:a@x.org"]], "otherMails": "a@x.org"},
                       ["me@x.org"]),
    "a guest": ({"userPrincipalName": "a_x.org#EXT#@y.org"}, ["me@x.org"]),
    "none": ({}, ["me@x.org"]),
}  # fmt: skip


class Told:
    """Calls that answer one thing."""

    def __init__(self, told: Any) -> None:
        self.told = told

    def get(self, *_: Any) -> Any:
        if isinstance(self.told, Exception):
            raise self.told
        return self


@pytest.mark.parametrize(("me", "found"), ADDRESSES.values(), ids=list(ADDRESSES))
def test_the_owner_is_known_by_every_address(me: Any, found: list[str]) -> None:
    assert consent.own_addresses(Told(me), "me@x.org") == found


def test_addresses_have_an_end() -> None:
    many = {"proxyAddresses": [f"smtp:a{n}@x.org" for n in range(500)]}
    assert len(consent.own_addresses(Told(many), "me@x.org")) == consent.ADDRESSES


def test_a_refused_look_leaves_the_one_address() -> None:
    assert consent.own_addresses(Told(Rejected("no")), "me@x.org") == ["me@x.org"]
    with pytest.raises(TryAgainLater):
        consent.own_addresses(Told(TryAgainLater(timedelta(1))), "me@x.org")


def test_aliases_are_found_at_graph(
    house: House, town: Microsoft, robin: Person, opening: Callable[..., Opening]
) -> None:
    found = consent.own_addresses(Calls(opening(town, robin, *consent.WHO)), robin.address)
    assert found[0] == robin.address.lower()
    assert len(set(found)) == len(found)
