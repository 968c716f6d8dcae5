"""Organisations: spellings joined, those closest named first, what is known of one; and the same ways as ever."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from keepwarm.errors import NotFound
from keepwarm.paths import Way
from keepwarm.store import Store, contacts, notes, organisations, plans, profiles, ties, views
from tests import make

NOW = make.NOW


@pytest.fixture
def mine(store: Store) -> str:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        for name, organisation, circle in (
            ("Ann", "Lantern B.V.", "cold"), ("Bo", "lantern", "warm"), ("Cas", "Kokerij Één", "lukewarm"),
            ("Dee", "", "warm"), ("Eva", "Lantern B.V.", "lukewarm"),
        ):  # fmt: skip
            contacts.add_contact(tx, name=name, organisation=organisation, circle=circle, now=NOW)
        hidden = contacts.add_contact(tx, name="Doctor", organisation="Clinic", now=NOW)
        contacts.edit(tx, hidden, NOW, private=True)
        profiles.add_target(tx, NOW, name="Harbour", why="quiet")
        plans.add_entry(tx, None, NOW, role="curator", organisation="Museum North")
    return owner


def named(store: Store, owner: str, **asked: object) -> list[tuple[str, int, list[str]]]:
    with store.reading(owner) as tx:
        found, _ = organisations.organisations(tx, NOW, **asked)  # type: ignore[arg-type]  # test data
    return [(each.name, each.people, [row.name for row in each.nearest]) for each in found]


def test_targets_first_then_where_most_people_are(store: Store, mine: str) -> None:
    assert named(store, mine) == [
        ("Harbour", 0, []),
        ("Lantern B.V.", 3, ["Bo", "Eva", "Ann"]),
        ("Kokerij Één", 1, ["Cas"]),
        ("Museum North", 0, []),
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("LANT", ["Lantern B.V."]), ("een kok", ["Kokerij Één"]), ("zz", []), ("lantern b.v.", ["Lantern B.V."])],
)
def test_search_knows_no_accents_and_no_order(store: Store, mine: str, search: str, expected: list[str]) -> None:
    found = [name for name, _, _ in named(store, mine, search=search)]
    assert found == expected


def test_pages_of_the_list(store: Store, mine: str) -> None:
    with store.reading(mine) as tx:
        first, number = organisations.organisations(tx, NOW, limit=2)
        second, _ = organisations.organisations(tx, NOW, limit=2, offset=2)
    assert number == 4
    assert [each.name for each in (*first, *second)] == [name for name, _, _ in named(store, mine)]


def test_one_with_all_that_is_known(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        rows = {row.name: row for row in contacts.contacts(tx, states=["active"], now=NOW)}
        plans.add_entry(tx, None, NOW, contact_id=rows["Ann"].id)
        notes.add_note(tx, rows["Bo"].id, NOW, said="They grow.")
        notes.add_note(tx, rows["Dee"].id, NOW - timedelta(days=1), said="Lantern B.V. looks for people")
        notes.add_note(tx, rows["Cas"].id, NOW, said="of lanterns and other things")
    with store.reading(mine) as tx:
        whole = organisations.organisation(tx, "lantern", NOW)
        museum = organisations.organisation(tx, "museum north", NOW)
        for gone in ("nowhere", "", "clinic"):
            with pytest.raises(NotFound):
                organisations.organisation(tx, gone, NOW)
    assert [each.said for each in whole.notes] == ["They grow.", "Lantern B.V. looks for people"]
    assert [whole.people[each.contact_id or ""].name for each in whole.entries] == ["Ann"]
    assert [each.role for each in museum.entries] == ["curator"]


def test_who_worked_there_before(store: Store) -> None:
    owner = make.owner(store)
    for organisation in ("Windwerk", "Lantern"):
        card = make.card("Wil Wind", "wil@windwerk.example", organisation=organisation, role="Planner")
        make.imported(store, owner, card, path=f"{organisation}.vcf")
        with store.transaction(owner) as tx:
            contacts.detect(tx, NOW)
            contacts.accept(tx, None, now=NOW)
    with store.transaction(owner) as tx:
        profiles.add_target(tx, NOW, name="Windwerk")
        whole = organisations.organisation(tx, "windwerk", NOW)
        known = {row.name for row in (*whole.left, *whole.organisation.nearest)}
    assert known == {"Wil Wind"}


def test_another_owner_has_their_own(store: Store, mine: str) -> None:
    assert named(store, make.owner(store, "other@example.org")) == []


@pytest.mark.parametrize("seed", range(6))
def test_ways_read_outwards_are_the_ways_from_all(store: Store, seed: int) -> None:
    """Reading only who is near finds what reading everybody finds."""
    draw = random.Random(seed)
    people = [f"Person {n} <p{n}@example.com>" for n in range(14)]
    items = [item for who in people for item in make.both_ways(who, at=NOW - timedelta(days=draw.randint(20, 900)))]
    for number in range(12):
        crowd = draw.sample(people, draw.choice((2, 2, 3, 9)))
        at = NOW - timedelta(days=draw.randint(5, 700), minutes=number)
        items.append(make.message(make.OWNER, crowd, at=at))
    owner = make.owner(store)
    make.imported(store, owner, *items)
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
        for row in contacts.contacts(tx, states=["active"], now=NOW):
            where = draw.choice(("", "", "Lantern", "Lantern B.V.", "Kite"))
            contacts.edit(tx, row.id, NOW, circle=draw.choice(("warm", "lukewarm", "cold")), organisation=where)
        at_now = views.world(tx, NOW)
        for each in at_now.people:  # from here on everybody is read
            assert told(ties.ways_to(tx, views.world(tx, NOW), [each])) == told(ties.ways_to(tx, at_now, [each]))
        for place in ("lantern", "Kite", "Nowhere", ""):
            assert told(ties.ways_into(tx, views.world(tx, NOW), place)) == told(ties.ways_into(tx, at_now, place))


def told(found: list[Way]) -> tuple[list[float], set[tuple[str, ...]]]:
    """How strong they are, and who stands on those stronger than the last: of equal ones any may be the last."""
    strengths = [round(each.strength, 9) for each in found]
    sure = [each for each in found if round(each.strength, 9) > strengths[-1]]
    return strengths, {tuple(step.why for step in each.steps) for each in sure}
