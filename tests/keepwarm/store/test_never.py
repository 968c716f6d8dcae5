"""Whom the owner never wants to hear of: an address or a domain keeps everybody there away, from every source."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from keepwarm.aftertalk import NewName
from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, never, notes, views
from keepwarm.types import ContactCard
from tests.service.web import world

NOOR = "Noor Willemse"


@pytest.fixture
def here(store: Store, now: datetime) -> world.World:
    return world.settle(store, now)


def names(tx: Tx, now: datetime, *states: str) -> set[str]:
    return {row.name for row in contacts.contacts(tx, states=states or None, now=now)}


@pytest.mark.parametrize(
    ("told", "kind", "value"),
    [
        ("Pest@Example.COM", "address", "pest@example.com"), ("  example.com ", "domain", "example.com"),
        ("@example.com", "domain", "example.com"), ("*@example.com", "domain", "example.com"),
        ("*.example.com", "domain", "example.com"), ("https://www.example.com/jobs?x", "domain", "example.com"),
        ("mailto:a@example.com", "address", "a@example.com"), ("müller.example", "domain", "xn--mller-kva.example"),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(
    store: Store, here: world.World, now: datetime, told: str, kind: str, value: str
) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, told, now)
        assert [(each.kind, each.value) for each in never.never_list(tx, now).entries] == [(kind, value)]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", never.NEITHER), ("example", never.NEITHER), ("a b@example.com", never.NEITHER), ("@", never.NEITHER),
        ("a@b", never.NEITHER), ("127.0.0.1", never.NEITHER), ("<script>@example.com", never.NEITHER),
        ("gmail.com", never.FREE), ("@ziggo.nl", never.FREE), (world.OWNER, never.OWN), ("-x.example", never.NEITHER),
        ("x" * 400 + ".example", never.NEITHER),
    ],
)  # fmt: skip
def test_what_cannot_be_on_the_list_is_refused(
    store: Store, here: world.World, now: datetime, told: str, why: str
) -> None:
    with store.transaction(here.owner_id) as tx:
        with pytest.raises(NotPossible) as refused:
            never.bar(tx, told, now)
        assert str(refused.value) == why
        assert never.never_list(tx, now).entries == []


def test_everybody_at_a_domain_is_left_in_peace_and_comes_back_by_undo(
    store: Store, here: world.World, now: datetime
) -> None:
    with store.transaction(here.owner_id) as tx:
        before = names(tx, now, "active"), names(tx, now, "proposed")
        assert never.bar(tx, "example.net", now) > 1
        assert NOOR not in names(tx, now, "active")
        assert not [row for row in contacts.contacts(tx, states=["active", "proposed"], now=now)
                    if any(each.endswith("@example.net") for each in row.addresses)]  # fmt: skip
        assert not [each for each in views.due_people(tx, now) if each.contact_id == here.ids[NOOR]]
        changes.undo(tx, now)
        assert (names(tx, now, "active"), names(tx, now, "proposed")) == before
        assert never.never_list(tx, now) == never.NeverList(people=[], entries=[], marks=0)


def test_nobody_new_of_a_domain_is_proposed_from_any_source(store: Store, here: world.World, now: datetime) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "closed.example", now)
    people = [("Ben Kok", "ben@closed.example", 3, 3, 5), ("Eva Kok", "eva@mail.closed.example", 3, 3, 5),
              ("Ed Vos", "ed@enclosed.example", 3, 3, 5)]  # fmt: skip
    card = ContactCard(ref="k", source="vcf", name="Kim Bos", addresses=("kim@closed.example",))
    world.keep(store, here.owner_id, now, [*world.mails(now, world.OWNER, people), card], path="more.mbox")
    with store.reading(here.owner_id) as tx:
        assert names(tx, now) & {"Ben Kok", "Eva Kok", "Kim Bos", "Ed Vos"} == {"Ed Vos"}


def test_nothing_is_attached_to_somebody_from_a_closed_domain(store: Store, here: world.World, now: datetime) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "closed.example", now)
    card = ContactCard(ref="k", source="vcf", name=NOOR, addresses=("noor.willemse@example.net", "noor@closed.example"))
    world.keep(store, here.owner_id, now, [card], path="more.vcf")
    with store.reading(here.owner_id) as tx:
        assert contacts.contact(tx, here.ids[NOOR], now).addresses == ["noor.willemse@example.net"]


def test_an_address_on_the_list_is_neither_added_nor_brought_in_by_a_note(
    store: Store, here: world.World, now: datetime
) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "closed.example", now)
        with pytest.raises(NotPossible, match="never to contact"):
            contacts.add_contact(tx, name="Ed", address="ed+x@closed.example", now=now)
        notes.add_note(tx, here.ids[NOOR], now, said="x", names=[NewName(name="Ben", address="ben@sub.closed.example")])
        assert "Ben" not in names(tx, now)


def test_an_entry_goes_and_its_people_stay_away_one_by_one(store: Store, here: world.World, now: datetime) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "noor.willemse@example.net", now)
        (entry,) = never.never_list(tx, now).entries
        never.unbar(tx, entry.id, now + timedelta(seconds=1))
        found = never.never_list(tx, now)
        assert (found.entries, [row.name for row in found.people]) == ([], [NOOR])
        with pytest.raises(NotFound):
            never.unbar(tx, entry.id, now)
        changes.undo(tx, now)
        assert never.never_list(tx, now).entries == [entry]


def test_taking_somebody_in_leaves_their_domain_on_the_list(store: Store, here: world.World, now: datetime) -> None:
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "example.net", now)
        contacts.accept(tx, [here.ids[NOOR]], now=now)
        assert NOOR in names(tx, now, "active")
    world.keep(store, here.owner_id, now, world.mails(now, world.OWNER, [("Bo", "bo@example.net", 2, 2, 4)]), path="b")
    with store.reading(here.owner_id) as tx:
        assert "Bo" not in names(tx, now)


def test_somebody_erased_is_counted_and_named_nowhere(store: Store, here: world.World, now: datetime) -> None:
    with store.transaction(here.owner_id) as tx:
        contacts.erase(tx, here.ids[NOOR], now)
        found = never.never_list(tx, now)
    assert (found.people, found.marks) == ([], 1)


def test_the_list_is_the_owners_alone(store: Store, here: world.World, now: datetime) -> None:
    other = world.make_owner(store, now, email="kim@example.com")
    with store.transaction(here.owner_id) as tx:
        never.bar(tx, "closed.example", now)
        (entry,) = never.never_list(tx, now).entries
    with store.transaction(other) as tx:
        assert never.never_list(tx, now).entries == []
        with pytest.raises(NotFound):
            never.unbar(tx, entry.id, now)
