"""The owner's own lists: kept as differences, asked from then on, and taken back."""

from __future__ import annotations

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.questions import OwnList, load_lists, prepare
from keepwarm.store import Store, changes, contacts, own_lists, views
from tests import make

NOW = make.NOW


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def test_changes_are_kept_by_language_and_taken_back(store: Store, mine: str) -> None:
    first = load_lists("en")["keep_up"].questions[0].id
    with store.transaction(mine) as tx:
        own_lists.add(tx, "keep_up", "en", "How is the garden?", NOW)
        own_lists.hide(tx, "keep_up", "en", first, NOW)
        own_lists.word(tx, "keep_up", "en", "their_news", "What's up, {name}?", NOW)
        wanted = OwnList(
            hidden=frozenset({first}), worded={"their_news": "What's up, {name}?"}, added=("How is the garden?",)
        )
        assert own_lists.own_lists(tx) == {"en": {"keep_up": wanted}}
        for _ in range(3):
            changes.undo(tx, NOW)
        assert own_lists.own_lists(tx) == {}


def test_it_is_what_is_asked(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        who = contacts.add_contact(tx, name="Noor Jansen", address="noor@lantern.example", now=NOW)
        own_lists.add(tx, "keep_up", "en", "How is the garden, {name}?", NOW)
        asked = prepare(views.situation(tx, who, NOW))
    assert asked.shown[0].text == "How is the garden, Noor Jansen?"


def test_back_to_the_prepared_list(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        own_lists.add(tx, "keep_up", "nl", "Hoe is het met de tuin?", NOW)
        own_lists.as_prepared(tx, "keep_up", "nl", NOW)
        assert not own_lists.own_lists(tx)["nl"]["keep_up"]
        changes.undo(tx, NOW)
        assert own_lists.own_lists(tx)["nl"]["keep_up"].added == ("Hoe is het met de tuin?",)


def test_nonsense_is_refused(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        with pytest.raises(NotFound):
            own_lists.add(tx, "small_talk", "en", "Weather?", NOW)
        with pytest.raises(NotFound):
            own_lists.hide(tx, "keep_up", "en", "no such question", NOW)
        with pytest.raises(NotFound):
            own_lists.remove(tx, "keep_up", "en", 1, NOW)
        with pytest.raises(NotPossible):
            own_lists.word(tx, "keep_up", "en", "their_news", "{password}", NOW)
        for number in range(20):
            own_lists.add(tx, "keep_up", "en", f"Question {number}?", NOW)
        with pytest.raises(NotPossible):
            own_lists.add(tx, "keep_up", "en", "One more?", NOW)
        assert len(own_lists.own_lists(tx)["en"]["keep_up"].added) == 20
