"""A month: talks, follow-ups, promises and birthdays on their days, about the people of the network alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from keepwarm.store import Store, accounts, contacts, follow_ups, notes
from keepwarm.store.month import Entry, month
from tests import make

NOW = make.NOW  # Monday 23 November 2026
LATE = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # half past midnight in Amsterdam
WIL = "Wil Wind <wil@windwerk.example>"


@pytest.fixture
def mine(store: Store) -> str:
    owner = make.owner(store)
    make.imported(
        store, owner,
        *make.both_ways(WIL),
        make.event(["wil@windwerk.example"], start=NOW - timedelta(days=2), uid="held", title="Coffee"),
        make.event(["wil@windwerk.example"], start=NOW + timedelta(days=2), uid="ahead", title="Walk"),
        make.event(["wil@windwerk.example"], start=LATE, uid="late", title="Late"),
        make.event(["nobody@elsewhere.example"], start=NOW + timedelta(days=3), uid="other", title="Not ours"),
        make.card("Wil Wind", "wil@windwerk.example", birthday="1980-11-27"),
    )  # fmt: skip
    with store.transaction(owner) as tx:
        accounts.update_owner(tx, zone="Europe/Amsterdam")
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
    return owner


def wil(store: Store, owner: str) -> str:
    with store.reading(owner) as tx:
        return next(row.id for row in contacts.contacts(tx, states=["active"], now=NOW) if row.name == "Wil Wind")


def found(store: Store, owner: str, first: date = date(2026, 11, 1)) -> list[Entry]:
    with store.reading(owner) as tx:
        return month(tx, NOW, first)


def told(entries: list[Entry]) -> list[tuple[str, int, str, str]]:
    return [(each.kind, each.on.day, each.about, each.state) for each in entries]


def test_each_stands_on_its_day_by_the_owners_clock(store: Store, mine: str) -> None:
    assert told(found(store, mine)) == [
        ("talk", 21, "Coffee", "held"),
        ("talk", 25, "Walk", "ahead"),
        ("birthday", 27, "", ""),
    ]
    assert told(found(store, mine, date(2026, 12, 1))) == [("talk", 1, "Late", "ahead")]


def test_promises_and_follow_ups_with_why(store: Store, mine: str) -> None:
    who = wil(store, mine)
    with store.transaction(mine) as tx:
        notes.add_note(
            tx, who, NOW, said="", promises=[(True, "a book", date(2026, 11, 24)), (False, "a name", date(2026, 12, 1))]
        )
        for key, cycle, days in (("f1", "c", 1), ("f2", "owed:thanks:7", 2), ("f3", "d", 40)):
            follow_ups.place(
                tx, id=key, contact_id=who, cycle=cycle, at=NOW + timedelta(days=days), wall="2026-11-24T10:00",
                zone="Europe/Amsterdam", reason={}, now=NOW,
            )  # fmt: skip
        follow_ups.change(tx, "f2", state="moved")
    entries = found(store, mine)
    assert ("promise", 24, "a book", "mine") in told(entries)
    assert ("follow_up", 24, "", "planned") in told(entries)
    assert ("follow_up", 25, "thanks", "moved") in told(entries)
    assert next(each.why for each in entries if each.ref == "f1")
    assert {each.ref for each in entries if each.kind == "follow_up"} == {"f1", "f2"}
    with store.transaction(mine) as tx:
        follow_ups.change(tx, "f1", state="deleted")
    assert "f1" not in {each.ref for each in found(store, mine)}


def test_private_people_stand_in_no_month(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        contacts.edit(tx, wil(store, mine), NOW, private=True)
    assert found(store, mine) == []


def test_born_on_a_leap_day(store: Store, mine: str) -> None:
    make.imported(store, mine, make.card("Wil Wind", "wil@windwerk.example", ref="2", birthday="--02-29"), path="b.vcf")
    with store.transaction(mine) as tx:
        contacts.detect(tx, NOW)
    assert told(found(store, mine, date(2027, 2, 1))) == [("birthday", 28, "", "")]
    assert told(found(store, mine, date(2028, 2, 1))) == [("birthday", 29, "", "")]


def test_another_owner_sees_nothing_of_it(store: Store, mine: str) -> None:
    assert found(store, make.owner(store, "other@example.org")) == []
