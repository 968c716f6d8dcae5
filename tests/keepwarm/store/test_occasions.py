"""Reasons to write: whose birthday it is, and whose later card says something else about their work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from keepwarm.digests import digest
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


def test_of_many_birthdays_a_digest_names_those_closest(store: Store, mine: str) -> None:
    people = {name: f"{name.lower()}@mill.example" for name in ("Ada", "Bo", "Cas", "Dee", "Eva", "Fay", "Gus")}
    cards = [make.card(name, mail, ref=name, birthday="1980-11-25") for name, mail in people.items()]
    letters = [make.both_ways(f"{name} <{people[name]}>") for name in ("Eva", "Fay")]
    make.imported(store, mine, *cards, *(each for both in letters for each in both))
    with store.transaction(mine) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
        ids = {row.name: row.id for row in contacts.contacts(tx, states=["active"], now=NOW)}
        contacts.edit(tx, ids["Gus"], NOW, close=True)
        contacts.edit(tx, ids["Dee"], NOW, circle="warm")
    with store.reading(mine) as tx:
        at_now = views.world(tx, NOW)
        facts = views.digest_facts(tx, at_now)
        rows = [each.contact for each in occasions.birthdays(tx, at_now, 7)]
    assert facts.occasions_in_all == len(rows) == 7
    assert len(facts.occasions) == 5
    assert {"Gus", "Dee", "Eva", "Fay"} < {each.name for each in facts.occasions}
    assert occasions.closest(rows, 2) == {ids["Gus"], ids["Dee"]}
    said = digest(facts, at_now.texts)
    assert said
    assert [each.intro for each in said.sections if each.key == "occasions"] == [
        "Of the 7 this week, these are closest to you."
    ]


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
