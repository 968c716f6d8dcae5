"""What the owner says of themselves is kept, feeds question lists, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.profile import Profile
from keepwarm.store import Store, changes, contacts, notes, organisations, profiles, views
from keepwarm.texts import Texts
from tests import make

EN = Texts.load("en")


def saved(store: Store, owner: str, **fields: object) -> bool:
    with store.transaction(owner) as tx:
        return profiles.save_profile(tx, make.NOW, **fields)


def read(store: Store, owner: str) -> Profile:
    with store.reading(owner) as tx:
        return profiles.profile(tx)


def test_nothing_said_is_an_empty_profile(store: Store) -> None:
    assert read(store, make.owner(store)) == Profile()


def test_what_is_saved_is_read_back_and_undone_step_by_step(store: Store) -> None:
    owner = make.owner(store)
    assert saved(store, owner, role="planner", sectors=["museums", "care", "museums"], spoken={"en": "Hello."})
    assert saved(store, owner, spoken={"nl": "Hallo."}, checked={"photo"})
    assert not saved(store, owner, role="planner", spoken={"en": "Hello."})
    mine = read(store, owner)
    assert (mine.role, mine.sectors, dict(mine.spoken)) == (
        "planner", ("museums", "care"), {"en": "Hello.", "nl": "Hallo."},
    )  # fmt: skip
    with store.transaction(owner) as tx:
        changes.undo(tx, make.NOW)
    assert dict(read(store, owner).spoken) == {"en": "Hello."}
    with store.transaction(owner) as tx:
        changes.undo(tx, make.NOW)
    assert read(store, owner) == Profile()


def test_an_empty_introduction_goes(store: Store) -> None:
    owner = make.owner(store)
    saved(store, owner, written={"en": "One line.", "nl": "Een regel."})
    saved(store, owner, written={"en": ""})
    assert dict(read(store, owner).written) == {"nl": "Een regel."}


def test_one_owner_sees_nothing_of_another(store: Store) -> None:
    sam, kim = make.owner(store), make.owner(store, "kim@example.net")
    saved(store, sam, wishes="quiet work")
    with store.transaction(sam) as tx:
        target = profiles.add_target(tx, make.NOW, name="Lantern")
    assert read(store, kim) == Profile()
    with store.transaction(kim) as tx:
        assert profiles.targets(tx) == []
        with pytest.raises(NotFound):
            profiles.remove_target(tx, target, make.NOW)


def test_question_lists_draw_on_it(store: Store) -> None:
    owner = make.owner(store)
    saved(store, owner, role="planner", experience="ten years of teaching", sectors=["museums"])
    with store.transaction(owner) as tx:
        ann = contacts.add_contact(tx, name="Ann Example", address="ann@example.com", now=make.NOW)
    with store.reading(owner) as tx:
        found = views.situation(tx, ann, make.NOW)
    assert (found.background, found.sector, found.wanted_role) == ("ten years of teaching", "museums", "planner")


def test_targets_know_who_works_there(store: Store) -> None:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        for name, organisation, circle in (
            ("Ann Example", "Lantern B.V.", "cold"), ("Bo Example", "lantern", "warm"), ("Cas Example", "", "warm"),
        ):  # fmt: skip
            contacts.add_contact(tx, name=name, organisation=organisation, circle=circle, now=make.NOW)
        profiles.add_target(tx, make.NOW, name="Lantern")
        profiles.add_target(tx, make.NOW, name="Harbour", why="they build quietly")
    with store.reading(owner) as tx:
        names = [each.name for each in profiles.targets(tx)]
        known = organisations.known_at(tx, names, make.NOW)
    assert names == ["Lantern", "Harbour"]
    assert [row.name for row in known["Lantern"]] == ["Bo Example", "Ann Example"]
    assert known["Harbour"] == []


def test_a_target_is_there_once_and_comes_back_by_undo(store: Store) -> None:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        first = profiles.add_target(tx, make.NOW, name="Lantern")
        for name in ("LANTERN BV", " "):
            with pytest.raises(NotPossible):
                profiles.add_target(tx, make.NOW, name=name)
        profiles.edit_target(tx, first, make.NOW, why="close to home")
        profiles.remove_target(tx, first, make.NOW)
        assert profiles.targets(tx) == []
        changes.undo(tx, make.NOW)
        assert [each.why for each in profiles.targets(tx)] == ["close to home"]
        changes.undo(tx, make.NOW)
        assert [each.why for each in profiles.targets(tx)] == [""]


def test_the_card_goes_when_put_away_or_after_three_notes(store: Store) -> None:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        ann = contacts.add_contact(tx, name="Ann Example", circle="warm", now=make.NOW)
        card = profiles.first_card(tx, make.NOW, EN)
        assert card is not None
        assert [each.name for each in card.people] == ["Ann Example"]
        profiles.save_profile(tx, make.NOW, card_away=True)
        assert profiles.first_card(tx, make.NOW, EN) is None
        changes.undo(tx, make.NOW)
        assert profiles.first_card(tx, make.NOW + timedelta(weeks=7), EN) is None
        for _ in range(3):
            notes.add_note(tx, ann, make.NOW, said="a talk")
        assert profiles.first_card(tx, make.NOW, EN) is None
