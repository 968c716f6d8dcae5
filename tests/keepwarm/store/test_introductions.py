"""Requests to be introduced are kept, moved on by what happened, and taken back; nothing of the erased stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, introductions, notes, views
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def two(tx: Tx) -> tuple[str, str]:
    return tuple(contacts.add_contact(tx, name=name, now=NOW) for name in ("Noor", "Guus"))  # type: ignore[return-value]


def steps(tx: Tx) -> list[tuple[str, str]]:
    found = introductions.introductions(tx, views.world(tx, NOW))
    return [(each.standing.state, each.standing.step) for each in found]


def test_from_asking_to_thanks_and_back(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, guus = two(tx)
        made = introductions.ask(tx, NOW - 9 * DAY, via_id=noor, contact_id=guus)
        assert steps(tx) == [("asked", "wait")]
        introductions.say(tx, made, NOW - 5 * DAY, "introduced")
        assert steps(tx) == [("introduced", "thank")]
        notes.add_note(tx, guus, NOW - DAY, said="a good talk")
        assert steps(tx) == [("introduced", "word")]
        changes.undo(tx, NOW)
        changes.undo(tx, NOW)
        assert steps(tx) == [("asked", "wait")]
        introductions.remove(tx, made, NOW)
        assert steps(tx) == []
        changes.undo(tx, NOW)
        assert steps(tx) == [("asked", "wait")]


def test_what_is_refused(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, guus = two(tx)
        introductions.ask(tx, NOW, via_id=noor, contact_id=guus)
        for via, whom in ((noor, guus), (noor, noor)):
            with pytest.raises(NotPossible):
                introductions.ask(tx, NOW, via_id=via, contact_id=whom)
        for refused in (
            lambda: introductions.ask(tx, NOW, via_id="nobody", contact_id=guus),
            lambda: introductions.say(tx, "nothing", NOW, "agreed"),
            lambda: introductions.remove(tx, "nothing", NOW),
        ):
            with pytest.raises(NotFound):
                refused()
        with pytest.raises(ValueError, match="not a word"):
            introductions.say(tx, "nothing", NOW, "silent")


@pytest.mark.parametrize("gone", ["Noor", "Guus"])
def test_nothing_of_the_erased_stays(store: Store, mine: str, gone: str) -> None:
    with store.transaction(mine) as tx:
        noor, guus = two(tx)
        introductions.ask(tx, NOW, via_id=noor, contact_id=guus)
        contacts.erase(tx, noor if gone == "Noor" else guus, NOW)
        assert steps(tx) == []
        assert not [each for each in changes.changes(tx) if gone in each.label]


def test_two_joined_keep_their_request(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, guus = two(tx)
        other = contacts.add_contact(tx, name="N. Wind", now=NOW)
        introductions.ask(tx, NOW, via_id=other, contact_id=guus)
        contacts.join(tx, noor, other, NOW)
        (found,) = introductions.introductions(tx, views.world(tx, NOW))
        assert found.via.id == noor
