"""Ways found in what was read: shared mails and meetings, who brought whom in, one organisation; no crowd."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.store import Store, contacts, ties, views
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)
WIL, CAS, GUUS = "Wil Wind <wil@windwerk.example>", "Cas Kok <cas@kokerij.example>", "Guus Gijs <guus@gijs.example>"


@pytest.fixture
def mine(store: Store) -> str:
    owner = make.owner(store)
    make.imported(
        store,
        owner,
        *make.both_ways(WIL),
        *make.both_ways(CAS, at=NOW - 50 * DAY),
        *make.both_ways(GUUS, at=NOW - 900 * DAY),
    )
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
        for row in contacts.contacts(tx, states=["active"], now=NOW):
            contacts.edit(tx, row.id, NOW, circle="warm" if row.name == "Wil Wind" else "cold")
    return owner


def found(store: Store, owner: str, name: str = "Guus Gijs") -> list[list[str]]:
    with store.reading(owner) as tx:
        at_now = views.world(tx, NOW)
        ids = [row.id for row in at_now.people.values() if row.name == name]
        return [[step.name for step in way.steps] for way in ties.ways_to(tx, at_now, ids)]


def test_nothing_in_common_is_no_way(store: Store, mine: str) -> None:
    assert found(store, mine) == []


def test_a_mail_to_both_is_a_way(store: Store, mine: str) -> None:
    make.imported(store, mine, make.message(make.OWNER, [WIL, GUUS], at=NOW - 20 * DAY), path="b.mbox")
    assert found(store, mine) == [["Wil Wind", "Guus Gijs"]]


def test_a_meeting_leads_on_over_two(store: Store, mine: str) -> None:
    make.imported(
        store, mine,
        make.event(["wil@windwerk.example", "cas@kokerij.example"], start=NOW - 20 * DAY, uid="a"),
        make.event(["cas@kokerij.example", "guus@gijs.example"], start=NOW - 10 * DAY, uid="b"),
        path="c.ics",
    )  # fmt: skip
    assert found(store, mine)[0] == ["Wil Wind", "Cas Kok", "Guus Gijs"]


def test_crowds_lists_private_people_and_what_is_to_come_are_no_way(store: Store, mine: str) -> None:
    crowd = [WIL, GUUS, *(f"p{number}@example.net" for number in range(9))]
    make.imported(
        store, mine,
        make.message(make.OWNER, crowd, at=NOW - 20 * DAY),
        make.event(["wil@windwerk.example", "guus@gijs.example"], start=NOW + 5 * DAY),
        path="d.mbox",
    )  # fmt: skip
    assert found(store, mine) == []
    make.imported(store, mine, make.message(make.OWNER, [WIL, GUUS], at=NOW - 20 * DAY), path="e.mbox")
    with store.transaction(mine) as tx:
        (wil,) = [row for row in contacts.contacts(tx, states=["active"], now=NOW) if row.name == "Wil Wind"]
        contacts.edit(tx, wil.id, NOW, private=True)
    assert found(store, mine) == []


def test_into_an_organisation(store: Store, mine: str) -> None:
    make.imported(store, mine, make.message(make.OWNER, [WIL, GUUS], at=NOW - 20 * DAY), path="b.mbox")
    with store.transaction(mine) as tx:
        rows = {row.name: row for row in contacts.contacts(tx, states=["active"], now=NOW)}
        contacts.edit(tx, rows["Guus Gijs"].id, NOW, organisation="Lantern B.V.")
        contacts.edit(tx, rows["Cas Kok"].id, NOW, organisation="Lantern")
        at_now = views.world(tx, NOW)
        into = [[step.name for step in way.steps] for way in ties.ways_into(tx, at_now, "lantern")]
        assert into[0] == ["Wil Wind", "Guus Gijs"]
        assert ["Wil Wind", "Guus Gijs", "Cas Kok"] in into  # colleagues, with doubt
        assert ties.ways_into(tx, at_now, "") == []


def test_of_many_colleagues_those_whom_the_owner_knows_best_are_asked(
    store: Store, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [f"Colleague {number} <c{number}@lantern.example>" for number in range(6)]
    make.imported(store, mine, *(mail for each in others for mail in make.both_ways(each)), path="f.mbox")
    for name, most in (("COLLEAGUES", 2), ("GOALS", 3), ("NEAREST", 2)):
        monkeypatch.setattr(ties, name, most)
    with store.transaction(mine) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
        for row in contacts.contacts(tx, states=["active"], now=NOW):
            circle = "warm" if row.name == "Colleague 5" else "cold"
            contacts.edit(tx, row.id, NOW, organisation="Lantern", circle=circle)
        at_now = views.world(tx, NOW)
        by_name = {row.name: row.id for row in views.world(tx, NOW).people.values()}
        (best, *more) = ties.ways_to(tx, at_now, [by_name["Guus Gijs"]])
        assert [step.name for step in best.steps] == ["Colleague 5", "Guus Gijs"]
        assert all(len(way.steps) < 4 for way in more)
        assert {way.steps[0].name for way in ties.ways_into(tx, at_now, "Lantern")} == {"Colleague 5"}
        first, _ = ties.known_there(tx, at_now, "Lantern B.V.", 2)
        assert first.name == "Colleague 5"
