"""Tags: spellings of one word are one tag; putting on, taking off and renaming can each be taken back."""

from __future__ import annotations

from datetime import datetime

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, tagging
from tests import make
from tests.keepwarm.store.test_undo import bring


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def three(tx: Tx, now: datetime) -> list[str]:
    return [contacts.add_contact(tx, name=name, now=now) for name in ("Ann", "Ben", "Cas")]


def worn(tx: Tx, ids: list[str]) -> list[list[str]]:
    found = tagging.tags_of(tx, ids)
    return [[tag.word for tag in found.get(each, [])] for each in ids]


def test_spellings_are_one_tag(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        ids = three(tx, now)
        assert tagging.add_tag(tx, ids[:2], "Café", now) == 2
        assert tagging.add_tag(tx, ids, " CAFE ", now) == 1
        assert tagging.add_tag(tx, ids, "cafe\u0301", now) == 0
        assert worn(tx, ids) == [["Café"]] * 3
        assert tagging.tags(tx) == [tagging.Tag(key="cafe", word="Café", people=3)]
        changes.undo(tx, now)
        assert worn(tx, ids) == [["Café"], ["Café"], []]
        changes.undo(tx, now)
        assert tagging.tags(tx) == []


def test_renaming_onto_another_tag_makes_one_of_two(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        ids = three(tx, now)
        tagging.add_tag(tx, ids[:2], "choir", now)
        tagging.add_tag(tx, ids[1:], "Singing", now)
        assert tagging.rename_tag(tx, "choir", "singing", now) == 2
        assert worn(tx, ids) == [["Singing"]] * 3
        found = {each: contacts.contacts(tx, states=None, now=now, search=each) for each in ("choir", "singing")}
        assert {each: len(rows) for each, rows in found.items()} == {"choir": 0, "singing": 3}
        changes.undo(tx, now)
        assert worn(tx, ids) == [["choir"], ["choir", "Singing"], ["Singing"]]
        assert len(contacts.contacts(tx, states=None, now=now, search="choir")) == 2


def test_several_words_are_one_change(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        ids = three(tx, now)
        tagging.add_tag(tx, ids[:1], "Choir", now)
        assert tagging.add_tags(tx, ids[:2], ["choir", "Utrecht", "UTRECHT", "heat pumps"], now) == 5
        assert worn(tx, ids) == [["Choir", "heat pumps", "Utrecht"]] * 2 + [[]]
        assert changes.latest(tx).label == "Utrecht, heat pumps, Choir"
        changes.undo(tx, now)
        assert worn(tx, ids) == [["Choir"], [], []]
        with pytest.raises(NotPossible):
            tagging.add_tags(tx, ids[:1], [f"word {n}" for n in range(tagging.PER_PERSON)], now)


def test_a_tag_comes_off_one_or_everybody(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        ids = three(tx, now)
        tagging.add_tag(tx, ids, "choir", now)
        assert tagging.remove_tag(tx, [ids[0]], "choir", now) == 1
        assert worn(tx, ids) == [[], ["choir"], ["choir"]]
        assert tagging.remove_tag(tx, None, "choir", now) == 2
        assert tagging.remove_tag(tx, None, "choir", now) == 0
        changes.undo(tx, now)
        changes.undo(tx, now)
        assert worn(tx, ids) == [["choir"]] * 3


def test_what_cannot_be_a_tag_is_refused(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        ids = three(tx, now)
        for word in ("", "  ", "\u200b", "\x00"):
            with pytest.raises(NotPossible):
                tagging.add_tag(tx, ids, word, now)
        with pytest.raises(NotFound):
            tagging.add_tag(tx, [*ids, "somebody"], "choir", now)
        with pytest.raises(NotFound):
            tagging.rename_tag(tx, "nothing", "choir", now)
        for number in range(tagging.PER_PERSON):
            tagging.add_tag(tx, [ids[0]], f"word {number}", now)
        with pytest.raises(NotPossible, match="thirty"):
            tagging.add_tag(tx, ids, "one more", now)
        assert tagging.add_tag(tx, ids[1:], "\ufdfa" * 60, now) == 2, "letters that fold into many are kept"
        assert tagging.add_tag(tx, ids[1:], "🌳", now) == 2, "a word of signs is a word"


def test_another_owners_tags_are_theirs(store: Store, me: str, now: datetime) -> None:
    other = make.owner(store, "other@example.org")
    with store.transaction(me) as tx:
        ids = three(tx, now)
        tagging.add_tag(tx, ids, "choir", now)
    with store.transaction(other) as tx:
        assert tagging.tags(tx) == []
        assert tagging.remove_tag(tx, None, "choir", now) == 0
        with pytest.raises(NotFound):
            tagging.add_tag(tx, ids, "choir", now)


def test_a_join_brings_the_tags_together_and_a_tag_keeps_a_proposal(store: Store, me: str, now: datetime) -> None:
    batch_id = bring(store, me, [*make.both_ways("Ann Example <ann@example.com>")], "mail", now)
    with store.transaction(me) as tx:
        ids = three(tx, now)
        tagging.add_tag(tx, ids[:1], "choir", now)
        tagging.add_tag(tx, ids[:2], "Utrecht", now)
        contacts.join(tx, ids[0], ids[1], now)
        assert worn(tx, [ids[0]]) == [["choir", "Utrecht"]]
        changes.undo(tx, now)
        assert worn(tx, ids) == [["choir", "Utrecht"], ["Utrecht"], []]
        proposed = contacts.contacts(tx, states=["proposed"], now=now)[0].id
        tagging.add_tag(tx, [proposed], "choir", now)
        contacts.erase(tx, ids[0], now)
        assert [(tag.key, tag.people) for tag in tagging.tags(tx)] == [("choir", 1), ("utrecht", 1)]
        assert batch_id
