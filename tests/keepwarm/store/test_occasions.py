"""Reasons to write: whose birthday it is, and whose later card says something else about their work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from keepwarm.store import Store, contacts, occasions, views
from keepwarm.types import ContactCard
from tests import make

NOW = make.NOW  # Monday 23 November 2026
NOOR = "noor@lantern.example"


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def knows(store: Store, mine: str, *cards: ContactCard, private: bool = False) -> str:
    """Each card as an import of its own, a day apart; the id of whom they are about, accepted after the first."""
    for days, card in enumerate(cards):
        at = NOW + timedelta(days=days)
        make.imported(store, mine, card, path=f"{days}.vcf", now=at)
        with store.transaction(mine) as tx:
            contacts.detect(tx, at)
            contacts.accept(tx, None, private=private, now=at)
    with store.reading(mine) as tx:
        return contacts.contacts(tx, states=["active"], now=NOW)[0].id


def card(role: str = "Clerk", organisation: str = "Mill", birthday: str = "") -> ContactCard:
    return make.card("Noor Jansen", NOOR, ref="n", role=role, organisation=organisation, birthday=birthday)


def test_birthdays_of_the_coming_days(store: Store, mine: str) -> None:
    knows(store, mine, card(birthday="1980-11-25"))
    with store.reading(mine) as tx:
        at_now = views.world(tx, NOW)
        assert [each.on for each in occasions.birthdays(tx, at_now, 7)] == [date(2026, 11, 25)]
        assert occasions.birthdays(tx, at_now, 2) == []


def test_private_people_are_left_alone(store: Store, mine: str) -> None:
    knows(store, mine, card(birthday="1980-11-25"), private=True)
    with store.reading(mine) as tx:
        assert occasions.birthdays(tx, views.world(tx, NOW), 7) == []


def test_other_work_than_before_is_news_for_a_month(store: Store, mine: str) -> None:
    who = knows(store, mine, card(), card("Manager", "Bakery"))
    later = NOW + timedelta(days=2)
    with store.transaction(mine) as tx:
        [found] = occasions.new_roles(tx, views.world(tx, later))
        assert (found.before, found.after) == ("Clerk, Mill", "Manager, Bakery")
        assert contacts.contact(tx, who, later).role == "Clerk"  # nothing changes by itself
        assert occasions.new_roles(tx, views.world(tx, later + timedelta(days=31))) == []
        contacts.edit(tx, who, later, role="Manager", organisation="Bakery")
        assert occasions.new_roles(tx, views.world(tx, later)) == []


@pytest.mark.parametrize("second", [card(), card(birthday="1980-01-01"), card("", "Mill"), card("Clerk", "")])
def test_a_card_that_says_the_same_or_less_is_no_news(second: ContactCard, store: Store, mine: str) -> None:
    knows(store, mine, card(), second)
    with store.reading(mine) as tx:
        assert occasions.new_roles(tx, views.world(tx, NOW + timedelta(days=2))) == []


def test_what_fills_a_blank_is_no_news(store: Store, mine: str) -> None:
    knows(store, mine, card("", ""), card("Clerk", "Mill"))
    with store.reading(mine) as tx:
        assert occasions.new_roles(tx, views.world(tx, NOW + timedelta(days=2))) == []
